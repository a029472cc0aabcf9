"""The page's types are the server's: the committed TypeScript is what the schema command writes."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

GENERATED = Path(__file__).parents[2] / "frontend" / "sdk" / "src" / "protocol.gen.ts"


def test_the_typescript_types_are_those_of_the_registered_events_and_commands() -> None:
    written = StringIO()
    call_command("protocol_schema", "--typescript", stdout=written)
    assert GENERATED.read_text() == written.getvalue(), (
        f"Run: manage.py protocol_schema --typescript > {GENERATED.relative_to(GENERATED.parents[3])}"
    )
