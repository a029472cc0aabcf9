from __future__ import annotations

import time

import pytest

from chat.errors import BadCharacters, BadName, EmptyBody, TooComplex, TooLong
from chat.text import message_text, room_name, room_topic


@pytest.mark.parametrize("raw", ["", "   ", "\n\t\n", "\u200b\u200d\ufeff", "\u3164 \u2800", "\u034f"])
def test_a_message_of_nothing_visible_is_empty(raw: str) -> None:
    with pytest.raises(EmptyBody):
        message_text(raw)


@pytest.mark.parametrize("raw", ["a" * 4001, "é" * 4001, "a" * 100_000])
def test_a_message_over_4000_characters_is_too_long_and_says_by_how_much(raw: str) -> None:
    with pytest.raises(TooLong) as caught:
        message_text(raw)
    assert caught.value.data == {"max": 4000, "got": len(raw)}


@pytest.mark.parametrize("raw", ["a\x00b", "\x1b[31mred", "a\x07", "a\x85b", "half \ud83d emoji"])
def test_control_characters_and_lone_surrogates_are_refused(raw: str) -> None:
    with pytest.raises(BadCharacters):
        message_text(raw)


def test_ten_thousand_marks_on_a_letter_are_refused_at_once() -> None:
    started = time.perf_counter()
    with pytest.raises(TooComplex):
        message_text("a" + "\u0301\u0323" * 5000)
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  hi\r\nthere \n", "hi\nthere"),
        ("cafe\u0301", "café"),
        ("x" * 4000, "x" * 4000),
        ("e\u0301" * 4000, "é" * 4000),
        ("👩\u200d👩\u200d👧 ok", "👩\u200d👩\u200d👧 ok"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_a_message_is_stored_trimmed_in_nfc_and_otherwise_as_written(raw: str, stored: str) -> None:
    assert message_text(raw) == stored


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "x" * 65,
        "x" * 300,
        "../x",
        "<img onerror>",
        "two\nlines",
        "a\u202eb",
        "a\u200bb",
        "a" + "\u0301" * 50,
        "nul\x00",
    ],
)
def test_room_names_that_hide_or_break_something_are_refused(raw: str) -> None:
    with pytest.raises(BadName):
        room_name(raw)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [(" a ", "a"), ("Cafe\u0301  bar", "Café bar"), ("🎉 party", "🎉 party"), ("x" * 64, "x" * 64)],
)
def test_room_names_are_stored_in_nfc_with_single_spaces(raw: str, stored: str) -> None:
    assert room_name(raw) == stored


def test_a_topic_is_made_harmless() -> None:
    assert room_topic("a\u202e b\n c") == "a b c"
    with pytest.raises(BadName):
        room_topic("x" * 251)
