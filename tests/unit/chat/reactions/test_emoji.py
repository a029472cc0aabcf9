from __future__ import annotations

import pytest

from chat.reactions.emoji import emoji_from, spelled
from chat.reactions.errors import BadEmoji
from chat.richtext import own_emoji

ONE = [
    "👍",
    "👍🏽",
    "❤️",
    "☝🏿",
    "‼️",
    "🏳️‍🌈",
    "👨‍👩‍👧‍👦",
    "🧑🏽‍❤️‍💋‍🧑🏻",
    "🇩🇪",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "3️⃣",
    "#️⃣",
    "🫨",
    "🧑‍🧑‍🧒‍🧒",
]
NONE = [
    "",
    "a",
    "3",
    "👍👍",
    "👍 ",
    "hi 👍",
    "‍",
    "️",
    "🏽️",
    "🇩",
    "<img>",
    "\x00",
    "👍\x00",
    ":a b:",
    "::",
    "é",
    "ا",
    "👍" + "‍👍" * 30,
    "👍" + "\u0301" * 10,
]


@pytest.mark.parametrize("one", ONE)
def test_any_single_emoji_is_one(one: str) -> None:
    assert emoji_from(one).replace("\ufe0f", "") == one.replace("\ufe0f", "")


@pytest.mark.parametrize("none", NONE)
def test_anything_else_is_refused(none: str) -> None:
    with pytest.raises(BadEmoji):
        emoji_from(none)


@pytest.mark.parametrize(
    ("bare", "full"),
    [("❤", "❤️"), ("☝", "☝️"), ("👍", "👍"), ("☝🏿", "☝🏿"), ("3⃣", "3️⃣"), ("🏃‍♂", "🏃‍♂️"), ("👍️", "👍")],
)
def test_with_the_mark_for_a_picture_or_without_it_is_the_same(bare: str, full: str) -> None:
    assert spelled(bare) == spelled(full) == full


def test_one_of_the_installations_own_is_one_as_long_as_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_emoji, "known", lambda: {"tea_pot": "/emoji/1.webp"})
    assert emoji_from(":tea_pot:") == ":tea_pot:"
    with pytest.raises(BadEmoji):
        emoji_from(":coffee:")
    assert spelled(":coffee:") == ":coffee:"
