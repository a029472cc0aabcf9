"""What counts as the same word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.search.words import MAX_WORD_CHARACTERS, words_in
from tests.support.clock import cpu_s


def keys(text: str) -> list[str]:
    return [word.key for word in words_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World! 42x", ["hello", "world", "42x"]),
        ("snake_case and kebab-case", ["snake", "case", "and", "kebab", "case"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("café Cafe\u0301 CAFÉ", ["cafe", "cafe", "cafe"]),
        ("Łódź smørrebrød", ["lodz", "smorrebrod"]),
        ("ﬁnal ４２", ["final", "42"]),
        ("日本語のtext", ["日", "本", "語", "の", "text"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("한국어 검색", ["한국어", "검색"]),
        ("مُحَمَّد", ["محمد"]),
        ("… --- 👍", []),
        ("", []),
    ],
)
def test_words_are_compared_without_case_and_accents(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@given(st.text(max_size=200))
def test_a_word_stands_where_it_is_said_to_and_has_nothing_that_would_need_escaping(text: str) -> None:
    end = 0
    for word in words_in(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        assert 0 < len(word.key) <= MAX_WORD_CHARACTERS
        assert not set(word.key) & set(" '\"\\&|!()<>:*=\x00")
        assert word.key in keys(text[word.start : word.end])


@pytest.mark.parametrize("text", ["a" * 4000, "é" * 4000, "日" * 4000, "a\u0301\u0302" * 1300, "é " * 2000])
def test_the_worst_texts_take_milliseconds(text: str) -> None:
    assert cpu_s(lambda: words_in(text)) < 0.1
