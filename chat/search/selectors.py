"""The answer to a search. Only rooms that one is in at that moment are looked at, public ones not joined neither.

What is not in the index yet is read directly, as far as `search_tail` messages go; what was deleted is left out when
the messages themselves are read. Ten queries at most, and those of `shown` and `seen_by`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.names import username_key, without_invisible
from chat.conf import numbers
from chat.errors import BadLimit
from chat.marks.reading import seen_by
from chat.models import Member, Message, Room
from chat.payloads import Message as MessagePayload
from chat.policies import MAX_ID
from chat.richtext.rendering import plain
from chat.search import candidates, kinds
from chat.search.candidates import Candidate, Wanted
from chat.search.errors import BadOrder, BadPage, BadQuery, BadTimeZone
from chat.search.payloads import Found, Highlight, Operators, SearchPage
from chat.search.query import Query, Term, highlights, matches, parsed
from chat.search.words import words_in
from chat.text import name_key
from chat.threads.showing import SHOWN_WITH, shown

NEWEST, RELEVANCE = "newest", "relevance"
DIRECT, MENTIONED = "direct", "mentioned"
_AHEAD = timedelta(minutes=1)  # clocks of several machines differ


@dataclass(frozen=True, slots=True)
class _Place:
    """A room of the reader's, and how far it is in the index."""

    room: int
    kind: str
    name: str
    direct_key: str | None
    last_number: int
    searched: int


def search(
    user_id: int,
    text: str,
    *,
    order: str = NEWEST,
    cursor: str | None = None,
    limit: int = 20,
    time_zone: str = "UTC",
) -> SearchPage:
    """A page of the messages that the query `text` finds. Days begin at midnight in `time_zone`.

    Raises BadQuery, BadOrder, BadPage, BadLimit, BadTimeZone.
    """
    if order not in (NEWEST, RELEVANCE):
        raise BadOrder()
    if not 1 <= limit <= numbers().max_search_page:
        raise BadLimit(f"limit is from 1 to {numbers().max_search_page}.", max=numbers().max_search_page)
    zone = _zone(time_zone)
    now = timezone.now()
    query = parsed(text, today=now.astimezone(zone).date())
    places = _places_of(user_id)
    wanted = _wanted(query, user_id, places, zone, now)
    inside = set(wanted.rooms)
    tail, complete = _not_indexed([place for place in places if place.room in inside], wanted, query)
    if order == NEWEST:
        page, following = _newest(wanted, tail, cursor, limit)
    else:
        page, following = _best(wanted, tail, cursor, limit, now)
    return SearchPage(_found(user_id, page, query), following, complete)


def operators() -> Operators:
    return Operators(kinds.known_has(), sorted([*kinds.known_states(), DIRECT, MENTIONED]))


# What is looked for -----------------------------------------------------------------------------------


def _places_of(user_id: int) -> list[_Place]:
    columns = ("room_id", "room__kind", "room__name", "room__direct_key", "room__last_number")
    mine = Member.objects.filter(user_id=user_id).values_list(*columns, "room__searched__number")
    return [_Place(*row[:-1], searched=row[-1] or 0) for row in mine]


def _wanted(query: Query, user_id: int, places: Sequence[_Place], zone: ZoneInfo, now: datetime) -> Wanted:
    people = _people(query, user_id)
    facts: list[list[str]] = []
    without: list[str] = []
    authors = [term for term in query.people if not term.negated]
    if authors:
        facts.append([f"{kinds.AUTHOR}{people[_name(term)]}" for term in authors])
    without += [f"{kinds.AUTHOR}{people[_name(term)]}" for term in query.people if term.negated]
    for term in query.has:
        fact = [f"{kinds.HAS}{_one_of(term, 'has', kinds.known_has())}"]
        _add(fact, term, facts, without)
    rooms = _rooms(query, places, people, user_id)
    for term in query.states:
        known = sorted([*kinds.known_states(), DIRECT, MENTIONED])
        state = _one_of(term, "is", known)
        if state == DIRECT:
            rooms = [one for one in rooms if (one.kind == Room.Kind.DIRECT) is not term.negated]
        elif state == MENTIONED:
            _add([f"{kinds.MEANS}{user_id}", kinds.EVERYBODY], term, facts, without)
        else:
            _add([f"{kinds.IS}{state}"], term, facts, without)
    until = now + _AHEAD
    return Wanted(
        rooms=[one.room for one in rooms],
        phrases=query.phrases,
        without=query.without,
        facts=facts,
        without_facts=without,
        since=_midnight(query.since, zone),
        until=min(until, _midnight(query.until, zone) or until),
    )


def _add(fact: list[str], term: Term, facts: list[list[str]], without: list[str]) -> None:
    if term.negated:
        without += fact
    else:
        facts.append(fact)


def _one_of(term: Term, operator: str, known: Sequence[str]) -> str:
    value = term.value.lower()
    if value not in known:
        raise BadQuery(
            f'"{operator}:" knows {", ".join(known)}.',
            position=term.position,
            part=f"{operator}:{term.value}",
        )
    return value


def _name(term: Term) -> str:
    return username_key(without_invisible(term.value).removeprefix("@"))


def _people(query: Query, user_id: int) -> dict[str, int]:
    """Who is named, by `from:` and as `in:@ada`. One query, or none."""
    named = {_name(term): term for term in query.people}
    named |= {_name(term): term for term in query.rooms if term.value.startswith("@")}
    found = {"me": user_id}
    if named.keys() - found.keys():
        users = User.objects.filter(username_key__in=[*named])
        found = dict(users.values_list("username_key", "pk")) | found
    for name, term in named.items():
        if name not in found:
            raise BadQuery(
                f"Nobody has the user name {term.value!r}.", position=term.position, part=term.value
            )
    return found


def _rooms(query: Query, places: Sequence[_Place], people: dict[str, int], user_id: int) -> list[_Place]:
    """The rooms that are looked at."""
    chosen = [_named(term, places, people, user_id) for term in query.rooms if not term.negated]
    left_out = {one for term in query.rooms if term.negated for one in _named(term, places, people, user_id)}
    inside = set().union(*chosen) if chosen else {one.room for one in places}
    return [one for one in places if one.room in inside - left_out]


def _named(term: Term, places: Sequence[_Place], people: dict[str, int], user_id: int) -> set[int]:
    """Several rooms may have the same name."""
    if term.value.startswith("@"):
        key = ":".join(str(one) for one in sorted({user_id, people[_name(term)]}))
        found = {one.room for one in places if one.direct_key == key}
    else:
        name = name_key(without_invisible(term.value).removeprefix("#"))
        found = {one.room for one in places if one.name and name_key(one.name) == name}
    if not found:
        raise BadQuery(
            f"You are in no room that is called {term.value!r}.", position=term.position, part=term.value
        )
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise BadTimeZone() from None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if day.year > 1 else datetime.min.replace(tzinfo=UTC)


# What is not in the index yet -------------------------------------------------------------------------


def _not_indexed(places: Iterable[_Place], wanted: Wanted, query: Query) -> tuple[list[Candidate], bool]:
    """Those of the newest messages that the index does not have and the query wants; whether that was all.

    One query where there are any, and one for each kind of fact that asks the database.
    """
    behind = [place for place in places if place.last_number > place.searched]
    if not behind:
        return [], True
    size = numbers().search_tail
    beyond = reduce(or_, (Q(room=place.room, number__gt=place.searched) for place in behind))
    messages = list(Message.objects.filter(beyond).order_by("-pk")[: size + 1])
    complete = len(messages) <= size
    facts = kinds.facts_of(messages)
    found = [
        Candidate(message.created_at, message.pk)
        for message in messages[:size]
        if _is_wanted(message, set(facts[message.pk]), wanted, query)
    ]
    return sorted(found, reverse=True), complete


def _is_wanted(message: Message, facts: Collection[str], wanted: Wanted, query: Query) -> bool:
    return (
        message.deleted_at is None
        and message.created_at < wanted.until
        and (wanted.since is None or message.created_at >= wanted.since)
        and all(any(one in facts for one in some) for some in wanted.facts)
        and not any(one in facts for one in wanted.without_facts)
        and matches(query, words_in(message.text))
    )


# Pages ------------------------------------------------------------------------------------------------


def _newest(
    wanted: Wanted, tail: Sequence[Candidate], cursor: str | None, limit: int
) -> tuple[list[int], str | None]:
    before = None if cursor is None else _candidate_from(cursor)
    found = set(candidates.newest(replace(wanted, before=before), limit + 1))
    found |= {one for one in tail if before is None or one < before}
    page = sorted(found, reverse=True)
    shown = page[:limit]
    following = f"n{_micros(shown[-1].at)}-{shown[-1].message}" if len(page) > limit else None
    return [one.message for one in shown], following


def _best(
    wanted: Wanted, tail: Sequence[Candidate], cursor: str | None, limit: int, now: datetime
) -> tuple[list[int], str | None]:
    """Of the newest `search_ranked` that match, as of the first page. What was not indexed then comes first."""
    as_of, offset = (now, 0) if cursor is None else _offset_from(cursor)
    wanted = replace(wanted, until=min(wanted.until, as_of))
    found = candidates.newest(wanted, numbers().search_ranked)
    known = {one.message for one in found}
    ranked = [
        *(one for one in tail if one.message not in known and one.at < wanted.until),
        *candidates.best(wanted, found),
    ]
    shown = ranked[offset : offset + limit]
    more = len(ranked) > offset + limit
    following = f"r{_micros(as_of)}-{offset + limit}" if more else None
    return [one.message for one in shown], following


def _found(user_id: int, ids: Sequence[int], query: Query) -> list[Found]:
    """In their order, as they are now; what was deleted meanwhile is left out."""
    rows = Message.objects.select_related(*SHOWN_WITH).filter(deleted_at=None).in_bulk(list(ids))
    messages = seen_by(user_id, shown([rows[pk] for pk in ids if pk in rows]))
    return [_one(message, query) for message in messages]


def _one(message: MessagePayload, query: Query) -> Found:
    text = plain(message.text)
    places = highlights(query, words_in(text))
    return Found(
        message,
        text,
        [Highlight(_utf16(text[:start]), _utf16(text[start:end])) for start, end in places],
    )


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _candidate_from(cursor: str) -> Candidate:
    at, number = _numbers_from(cursor, "n")
    return Candidate(at, number)


def _offset_from(cursor: str) -> tuple[datetime, int]:
    return _numbers_from(cursor, "r")


def _numbers_from(cursor: str, kind: str) -> tuple[datetime, int]:
    first, _, second = cursor[1:41].partition("-")
    try:
        if cursor[:1] != kind or not (
            first.isascii() and first.isdigit() and second.isascii() and second.isdigit()
        ):
            raise ValueError
        number = int(second)
        if not 0 <= number <= MAX_ID:
            raise ValueError
        return _EPOCH + timedelta(microseconds=int(first)), number
    except (ValueError, OverflowError):
        raise BadPage() from None
