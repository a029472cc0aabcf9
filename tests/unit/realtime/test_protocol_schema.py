"""The schema that the TypeScript types are made from says what the server speaks."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command

from realtime.protocol.frames import ServerFrame
from realtime.registry import registry


def test_the_schema_has_every_event_and_command() -> None:
    out = StringIO()
    call_command("protocol_schema", stdout=out)
    schema = json.loads(out.getvalue())
    text = json.dumps(schema)
    for name in [*registry.events, *registry.commands]:
        if not name.startswith(("testing.", "access.")):  # the latter travel between servers only
            assert f'"{name}"' in text, name
    for frame in ServerFrame.__args__:
        assert f'"{frame.__struct_config__.tag}"' in text
