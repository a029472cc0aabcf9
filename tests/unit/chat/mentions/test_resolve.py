from __future__ import annotations

import pytest

from chat.mentions.names import names_in
from chat.mentions.resolve import Circle, mention_rows, not_reached, resolved
from chat.payloads import Mention, NotReached

PEOPLE = {"ada": 1, "bo": 2, "ann": 3, "ann.lee": 4, "太郎": 5}


def mentions(
    text: str, *, inside: set[int] = frozenset({1, 2, 3, 4, 5}), may: bool | None = True
) -> list[Mention]:  # type: ignore[assignment]
    return resolved(text, names_in(text, 20), Circle(PEOPLE, inside, may))


def meant(text: str) -> list[tuple[str, int | None]]:
    """What of the text is marked, as a client cuts it out, and whom it means."""
    units = text.encode("utf-16-le")
    return [
        (units[2 * one.start : 2 * (one.start + one.length)].decode("utf-16-le"), one.user)
        for one in mentions(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi @ada.", [("@ada", 1)]),
        ("@ann.lee. @ann.b @anna", [("@ann.lee", 4), ("@ann", 3)]),
        ("🎉🎉 @太郎, 🎉 @Bo", [("@太郎", 5), ("@Bo", 2)]),
        ("@nobody @property", []),
        ("@room @Here", [("@room", None), ("@Here", None)]),
    ],
)
def test_the_longest_name_that_somebody_has_is_meant(
    text: str, expected: list[tuple[str, int | None]]
) -> None:
    assert meant(text) == expected


def test_who_is_outside_and_who_may_not_address_all_is_told_to_the_author_once() -> None:
    text = "@bo @ada @Bo @room"
    found = mentions(text, inside={1}, may=False)
    assert [one.refused for one in found] == ["not_a_member", "", "not_a_member", "not_allowed"]
    assert not_reached(text, found) == [
        NotReached("bo", 2, "not_a_member"),
        NotReached("Bo", 2, "not_a_member"),
        NotReached("room", None, "not_allowed"),
    ]
    assert mention_rows(9, 7, 3, 2, found) == [(9, 7, 3, "user", 1, None, None)]


def test_a_direct_conversation_has_no_everybody() -> None:
    assert mentions("@room and @here", may=None) == []


def test_each_is_meant_once_and_the_author_not_at_all() -> None:
    found = mentions("@ada @bo @ada @room @ROOM @here")
    assert mention_rows(9, 7, 3, 2, found) == [
        (9, 7, 3, "user", 1, None, None),
        (9, 7, 3, "room", None, None, None),
        (9, 7, 3, "here", None, None, None),
    ]
    assert [row[6] for row in mention_rows(9, 7, 3, 2, found, thread=4)] == [4, 4, 4]
