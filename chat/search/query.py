"""Reads what somebody looks for. Pure: it knows no room and no person, only how one asks.

    deploy "release notes" -draft from:ada in:"On call" has:link before:2026-11 is:edited

Words and phrases have all to be there, in any order; "-" leaves out; `deploy*` begins a word. What holds an operator's
value together are quotation marks. Whatever cannot be read is an error that says what, and where.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from chat.search.errors import BadQuery
from chat.search.words import Word, words_in

MAX_QUERY_CHARACTERS = 500
MAX_TERMS = 20
MIN_PREFIX_CHARACTERS = 2

# How each operator is written, in the order in which they are offered.
OPERATORS = ("from", "in", "has", "is", "before", "after", "during")

_TERM = re.compile(
    r"""\s*(?P<minus>-?)
    (?:(?P<operator>[A-Za-z_]+):(?!//))?
    (?:"(?P<quoted>[^"]*)(?P<closing>"?)|(?P<bare>[^\s"]*))""",
    re.VERBOSE,
)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?\Z")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand side by side; one word is a phrase too. `prefix`: of the last, only the beginning is given."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """The value of an operator, as it was written."""

    value: str
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class Query:
    """`since` and `until` are days: from the first, and before the second."""

    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    people: tuple[Term, ...] = ()
    rooms: tuple[Term, ...] = ()
    has: tuple[Term, ...] = ()
    states: tuple[Term, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def is_selective(self) -> bool:
        """Whether it says what to look for, and not only what to leave out."""
        named = [*self.people, *self.rooms, *self.has, *self.states]
        return bool(self.phrases) or any(not term.negated for term in named)


@dataclass
class _Found:
    phrases: list[Phrase] = field(default_factory=list)
    without: list[Phrase] = field(default_factory=list)
    terms: dict[str, list[Term]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None


def parsed(text: str, *, today: date) -> Query:
    """Raises BadQuery. `today` is the day of whoever asks."""
    if len(text) > MAX_QUERY_CHARACTERS:
        raise BadQuery(f"A search has at most {MAX_QUERY_CHARACTERS} characters.", max=MAX_QUERY_CHARACTERS)
    found, position, count = _Found(), 0, 0
    while position < len(text.rstrip()):
        match = _TERM.match(text, position)
        assert match is not None  # it takes anything but the empty rest
        _read(match, found, today)
        position, count = match.end(), count + 1
        if count > MAX_TERMS:
            raise BadQuery(f"A search has at most {MAX_TERMS} words and operators.", max=MAX_TERMS)
    terms = {name: tuple(found.terms.get(name, ())) for name in OPERATORS}
    query = Query(
        tuple(dict.fromkeys(found.phrases)),
        tuple(dict.fromkeys(found.without)),
        terms["from"],
        terms["in"],
        terms["has"],
        terms["is"],
        found.since,
        found.until,
    )
    _check_says_something(query)
    return query


def matches(query: Query, words: Sequence[Word]) -> bool:
    """Whether a text with these words has what the query wants of texts."""
    keys = [word.key for word in words]
    return all(_places(one, keys) for one in query.phrases) and not any(
        _places(one, keys) for one in query.without
    )


def highlights(query: Query, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Where the words that were looked for stand: (start, end) in characters, rising, none within another."""
    keys = [word.key for word in words]
    at: set[int] = set()
    for phrase in query.phrases:
        for place in _places(phrase, keys):
            at.update(range(place, place + len(phrase.words)))
    return [(words[place].start, words[place].end) for place in sorted(at)]


def _places(phrase: Phrase, keys: Sequence[str]) -> list[int]:
    """Where it begins."""
    *first, last = phrase.words
    length = len(phrase.words)

    def ends(key: str) -> bool:
        return key.startswith(last) if phrase.prefix else key == last

    return [
        place
        for place in range(len(keys) - length + 1)
        if ends(keys[place + length - 1]) and list(keys[place : place + length - 1]) == first
    ]


def _read(match: re.Match[str], found: _Found, today: date) -> None:
    text, negated = match.string, bool(match["minus"])
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    if match["quoted"] is not None and not match["closing"]:
        raise _unclosed(text, text.index('"', start))
    operator = match["operator"]
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    if operator is None:
        _read_words(value, found, negated=negated, quoted=match["quoted"] is not None, position=start)
        return
    name = operator.lower()
    if name not in OPERATORS:
        known = ", ".join(f"{one}:" for one in OPERATORS)
        raise BadQuery(
            f'There is no "{operator}:". There are {known}; put the whole in quotation marks to look for it as text.',
            position=start,
            part=f"{operator}:",
        )
    if not value.strip():
        raise BadQuery(f'"{name}:" needs something after it.', position=start, part=f"{name}:")
    if name in ("before", "after", "during"):
        _read_day(name, value, found, negated=negated, position=start, today=today)
    else:
        found.terms.setdefault(name, []).append(Term(value.strip(), negated, start))


def _read_words(value: str, found: _Found, *, negated: bool, quoted: bool, position: int) -> None:
    words = words_in(value)
    if not words:
        return
    prefix = not quoted and value.endswith("*") and words[-1].end == len(value) - 1
    if prefix and len(words[-1].key) < MIN_PREFIX_CHARACTERS:
        raise BadQuery(
            f'Before a "*" there are at least {MIN_PREFIX_CHARACTERS} characters.',
            position=position,
            part=value,
        )
    phrase = Phrase(tuple(word.key for word in words), prefix)
    (found.without if negated else found.phrases).append(phrase)


def _read_day(name: str, value: str, found: _Found, *, negated: bool, position: int, today: date) -> None:
    if negated:
        raise BadQuery(
            f'"-{name}:" has no meaning; use before: and after:.', position=position, part=f"-{name}:"
        )
    begin, end = _days(value.strip().lower(), today, name, position)
    since, until = {"before": (None, begin), "after": (end, None), "during": (begin, end)}[name]
    if since is not None:
        found.since = max(since, found.since or since)
    if until is not None:
        found.until = min(until, found.until or until)


def _days(value: str, today: date, name: str, position: int) -> tuple[date, date]:
    """The first day of it, and the first day after it."""
    day = timedelta(days=1)
    if value in ("today", "yesterday"):
        begin = today if value == "today" else today - day
        return begin, begin + day
    match = _DAY.match(value)
    try:
        if match is None:
            raise ValueError
        year, month, number = int(match[1]), match[2], match[3]
        if number:
            begin = date(year, int(month), int(number))
            return begin, begin + day
        if month:
            begin = date(year, int(month), 1)
            return begin, date(year + begin.month // 12, begin.month % 12 + 1, 1)
        return date(year, 1, 1), date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        raise BadQuery(
            f'"{name}:" needs a day such as 2026-11-22, 2026-11, 2026, today or yesterday.',
            position=position,
            part=f"{name}:{value}",
        ) from None


def _check_says_something(query: Query) -> None:
    dated = query.since is not None or query.until is not None
    if query.is_selective or (dated and not query.without):
        return
    raise BadQuery(
        "This says only what to leave out: add a word, from:, in: or has:."
        if query.without or query.people or query.rooms or query.has or query.states
        else "There is nothing to look for: write a word, or an operator such as from:ada."
    )


def _unclosed(text: str, position: int) -> BadQuery:
    return BadQuery("A quotation mark is not closed.", position=position, part=text[position : position + 20])
