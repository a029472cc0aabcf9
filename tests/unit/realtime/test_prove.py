"""What `manage.py prove` makes of its options; the tests of faults run the whole of it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from realtime.management.commands.prove import _counts

POSSIBLE = ["kill-web", "redis-empty"]


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("kill-web=10,redis-empty", {"kill-web": 10, "redis-empty": 3}),
        ("all", {"kill-web": 3, "redis-empty": 3}),
        ("none", {}),
    ],
)
def test_a_kind_without_a_count_comes_every_twenty_seconds(text: str, counts: dict[str, int]) -> None:
    assert _counts(text, POSSIBLE, 60.0) == counts


@pytest.mark.parametrize("text", ["meteor", "kill-web=many", "kill-web=-1"])
def test_what_cannot_be_done_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(CommandError, match=r"meteor|many|-1"):
        _counts(text, POSSIBLE, 60.0)


def test_the_kinds_can_be_listed() -> None:
    said = StringIO()
    call_command("prove", faults="list", stdout=said)
    assert {"kill-web", "redis-half-open", "postgres-crash", "sqlite-lock"} <= set(said.getvalue().split())
