"""What people read when they are mentioned or written to, in each language that is shipped."""

from __future__ import annotations

import pytest

from chat.notification_types import DIRECT, MENTION
from notifications.types import known_type

MENTIONED = {"room": 7, "room_name": "Tea", "number": 3, "text": "hi", "everybody": False}
WRITTEN = {"room": 7, "number": 3, "text": "hi", "also": 2}


@pytest.mark.parametrize(
    ("language", "one", "everybody", "grouped", "written"),
    [
        (
            "en",
            "Ada mentioned you in Tea",
            "Ada mentioned everybody in Tea",
            "Ada and 2 others mentioned you in Tea",
            "Ada wrote to you and 2 others",
        ),
        (
            "de",
            "Ada hat Sie in Tea erwähnt",
            "Ada hat alle in Tea erwähnt",
            "Ada und 2 weitere haben Sie in Tea erwähnt",
            "Ada hat Ihnen und 2 weiteren geschrieben",
        ),
        (
            "ar",
            "ذكرك Ada في Tea",
            "ذكر Ada الجميع في Tea",
            "ذكرك Ada ومعه 2 في Tea",
            "كتب إليك Ada وإلى 2 غيرك",
        ),
    ],
)
def test_titles_are_in_the_language_of_who_reads_them(language, one, everybody, grouped, written) -> None:
    def title(name: str, data: dict[str, object], others: int = 0) -> str:
        declared = known_type(name)
        return declared.words(declared.checked(data), actor="Ada", others=others, language=language).title

    assert title(MENTION, MENTIONED) == one
    assert title(MENTION, {**MENTIONED, "everybody": True}) == everybody
    assert title(MENTION, MENTIONED, others=2) == grouped
    assert title(DIRECT, WRITTEN) == written
