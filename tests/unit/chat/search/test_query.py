"""Reading what somebody looks for."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.search.errors import BadQuery
from chat.search.query import Phrase, Query, highlights, matches, parsed
from chat.search.words import words_in

TODAY = date(2026, 11, 29)


def read(text: str) -> Query:
    return parsed(text, today=TODAY)


def test_words_phrases_and_what_is_left_out() -> None:
    query = read('Deploy "Release  Notes" -draft -"not this" begin* foo-bar')
    assert query.phrases == (
        Phrase(("deploy",)),
        Phrase(("release", "notes")),
        Phrase(("begin",), prefix=True),
        Phrase(("foo", "bar")),
    )
    assert query.without == (Phrase(("draft",)), Phrase(("not", "this")))


def test_operators_take_values_in_quotation_marks_and_in_any_case() -> None:
    query = read('FROM:ada -from:Bo in:"On call" has:link is:edited')
    assert [(term.value, term.negated) for term in query.people] == [("ada", False), ("Bo", True)]
    assert [term.value for term in (*query.rooms, *query.has, *query.states)] == ["On call", "link", "edited"]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("before:2026-11-22", None, date(2026, 11, 22)),
        ("after:2026-11-22", date(2026, 11, 23), None),
        ("during:2026-11-22", date(2026, 11, 22), date(2026, 11, 23)),
        ("during:2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("during:2026-2", date(2026, 2, 1), date(2026, 3, 1)),
        ("after:2025", date(2026, 1, 1), None),
        ("during:today", date(2026, 11, 29), date(2026, 11, 30)),
        ("during:Yesterday", date(2026, 11, 28), date(2026, 11, 29)),
        ("after:2026-01 before:2026-06 during:2026", date(2026, 2, 1), date(2026, 6, 1)),
    ],
)
def test_days_months_and_years(text: str, since: date | None, until: date | None) -> None:
    query = read(text)
    assert (query.since, query.until) == (since, until)


@pytest.mark.parametrize("text", ["https://example.org/x", "12:30", "foo!"])
def test_colons_in_addresses_and_times_are_text(text: str) -> None:
    assert read(text).phrases == (Phrase(tuple(word.key for word in words_in(text))),)


@pytest.mark.parametrize(
    ("text", "said", "position"),
    [
        ("", "nothing to look for", None),
        ("  !!! ", "nothing to look for", None),
        ('tea "and cake', "not closed", 4),
        ('in:"On call', "not closed", 3),
        ("tea fro:ada", 'There is no "fro:"', 4),
        ("from:", "needs something after it", 0),
        ('from:" "', "needs something after it", 0),
        ("tea before:soon", "needs a day such as", 4),
        ("before:2026-13", "needs a day such as", 0),
        ("during:9999", "needs a day such as", 0),
        ("-before:2026", "has no meaning", 0),
        ("-tea", "only what to leave out", None),
        ("-from:ada", "only what to leave out", None),
        ("-tea before:2026", "only what to leave out", None),
        ("a*", "at least 2 characters", 0),
        ("x " * 30, "at most 20", None),
        ("x" * 501, "at most 500", None),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_what_and_where(
    text: str, said: str, position: int | None
) -> None:
    with pytest.raises(BadQuery) as caught:
        read(text)
    assert said in caught.value.sentence
    assert caught.value.data.get("position") == position


@given(st.text(max_size=600) | st.text(alphabet='ab "-*:#@fromishad20269', max_size=80))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        query = read(text)
    except BadQuery:
        return
    dated = query.since is not None or query.until is not None
    assert query.is_selective or dated


@given(st.lists(st.sampled_from(["tea", "Café", "straße", "x1", "日本"]), min_size=1, max_size=6))
def test_a_text_is_found_by_each_of_its_words_and_by_itself_as_a_phrase(words: list[str]) -> None:
    text = " ".join(words)
    for query in (read(text.upper()), read(f'"{text}"'), read(" ".join(reversed(words)))):
        found = words_in(text)
        assert matches(query, found)
        assert highlights(query, found)


def test_phrases_are_side_by_side_and_words_anywhere() -> None:
    found = words_in("the release has notes")
    assert matches(read("notes release"), found)
    assert not matches(read('"release notes"'), found)
    assert not matches(read("release -notes"), found)
    assert matches(read("rele*"), found)
    assert not matches(read("rele"), found)


def test_highlights_are_where_the_words_stand() -> None:
    text = "Tea, tea and release-notes; releases"
    places = highlights(read('TEA "release notes"'), words_in(text))
    assert [text[start:end] for start, end in places] == ["Tea", "tea", "release", "notes"]
