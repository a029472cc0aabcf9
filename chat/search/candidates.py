"""Asks the index: which messages of some rooms have these words and facts, the newest first, or the best.

On PostgreSQL a word that many messages have would have its every place fetched and sorted for the newest twenty. So the
newest messages are looked at first, then sixteen times as far back, then all: whatever is common is found in the first
step, and what is rare costs little in the last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from chat.conf import numbers
from chat.search.kinds import ROOM
from chat.search.query import Phrase

_FURTHER = 16


class Candidate(NamedTuple):
    """A message, and its moment: what pages are ordered by."""

    at: datetime
    message: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the index is asked. Of each of `facts` one has to be there, of `without_facts` none."""

    rooms: Sequence[int]
    phrases: Sequence[Phrase]
    without: Sequence[Phrase]
    facts: Sequence[Sequence[str]]
    without_facts: Sequence[str]
    since: datetime | None
    until: datetime  # before this moment
    before: Candidate | None = None  # and before this one, where a page ended


def newest(wanted: Wanted, count: int) -> list[Candidate]:
    """Up to `count` of them, the newest first. Four queries at most on PostgreSQL, one on SQLite."""
    if not wanted.rooms:
        return []
    if connection.vendor != "postgresql":
        return _newest_on_sqlite(wanted, count)
    found: list[Candidate] = []
    until = min(wanted.until, wanted.before.at + _MOMENT) if wanted.before else wanted.until
    for since, end in _steps(wanted.since, until):
        found += _between(wanted, since, end, count - len(found))
        if len(found) == count:
            break
    return found


def best(wanted: Wanted, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those first in which the words stand more often and in shorter texts. One query."""
    if not candidates or not wanted.phrases:
        return list(candidates)
    score = _scores_on_sqlite if connection.vendor != "postgresql" else _scores_on_postgres
    scores = score(wanted, [one.message for one in candidates])
    return sorted(candidates, key=lambda one: (-scores.get(one.message, 0.0), -one.message))


# PostgreSQL -------------------------------------------------------------------------------------------

_MOMENT = timedelta(microseconds=1)

_FLOOR = "SELECT at FROM chat_searchentry WHERE at < %s ORDER BY at DESC OFFSET %s LIMIT 1"

# The rooms are looked at afterwards: among hundreds of them the index would be asked for each.
_FOUND = """
WITH found AS MATERIALIZED (
    SELECT message_id, room_id, at FROM chat_searchentry
    WHERE at < %(until)s AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND {words} AND {place}
)
SELECT at, message_id FROM found WHERE room_id = ANY(%(rooms)s)
ORDER BY at DESC, message_id DESC LIMIT %(count)s
"""
_WORDS = "words @@ %(words)s::tsquery"
_PLACE = "(at, message_id) < (%(before_at)s, %(before_id)s)"


def _steps(since: datetime | None, until: datetime) -> list[tuple[datetime | None, datetime]]:
    """From when to when is looked, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR, [until, numbers().search_window])
        floor = cursor.fetchone()
    if floor is None:
        return [(since, until)]
    near = floor[0]
    try:
        far = near - _FURTHER * (until - near)
    except OverflowError:
        far = near
    bounds = [one for one in dict.fromkeys((near, far)) if since is None or one > since]
    return [*zip([*bounds, since], [until, *bounds], strict=True)]


def _between(wanted: Wanted, since: datetime | None, until: datetime, count: int) -> list[Candidate]:
    words = _tsquery(wanted)
    before = wanted.before
    sql = _FOUND.format(words=_WORDS if words else "TRUE", place=_PLACE if before else "TRUE")
    parameters = {
        "since": since,
        "until": until,
        "words": words,
        "rooms": list(wanted.rooms),
        "count": count,
        "before_at": before and before.at,
        "before_id": before and before.message,
    }
    return [Candidate(*row) for row in _fetched(sql, parameters)]


def _tsquery(wanted: Wanted) -> str:
    """Empty where rooms and days say it all."""
    parts = [_tsphrase(one) for one in wanted.phrases]
    parts += [f"({' | '.join(map(_quoted, some))})" for some in wanted.facts]
    if len(wanted.rooms) <= numbers().search_room_facts:
        parts.append(f"({' | '.join(_quoted(f'{ROOM}{room}') for room in wanted.rooms)})")
    parts += [f"!({_tsphrase(one)})" for one in wanted.without]
    parts += [f"!{_quoted(one)}" for one in wanted.without_facts]
    return " & ".join(parts)


def _tsphrase(phrase: Phrase) -> str:
    words = " <-> ".join(map(_quoted, phrase.words))
    return f"({words}{':*' if phrase.prefix else ''})"


def _quoted(key: str) -> str:
    """Words have letters, digits and marks alone: see `search.words`."""
    return f"'{key}'"


def _scores_on_postgres(wanted: Wanted, ids: Sequence[int]) -> dict[int, float]:
    words = " | ".join(_tsphrase(one) for one in wanted.phrases)
    sql = "SELECT message_id, ts_rank(words, %s::tsquery, 1) FROM chat_searchentry WHERE message_id = ANY(%s)"
    return dict(_fetched(sql, [words, list(ids)]))


# SQLite -----------------------------------------------------------------------------------------------

_FOUND_ON_SQLITE = """
SELECT entry.at, entry.message_id FROM {source}
WHERE {words} AND {without} AND entry.room_id IN (SELECT value FROM json_each(%(rooms)s))
AND entry.at < %(until)s AND (%(since)s IS NULL OR entry.at >= %(since)s) AND {place}
ORDER BY entry.at DESC, entry.message_id DESC LIMIT %(count)s
"""
_ENTRIES = "chat_searchentry AS entry"
_MATCHES = f"chat_searchwords JOIN {_ENTRIES} ON entry.message_id = chat_searchwords.rowid"
_WITHOUT = (
    "entry.message_id NOT IN (SELECT rowid FROM chat_searchwords WHERE chat_searchwords MATCH %(without)s)"
)
_PLACE_ON_SQLITE = "(entry.at, entry.message_id) < (%(before_at)s, %(before_id)s)"


def _newest_on_sqlite(wanted: Wanted, count: int) -> list[Candidate]:
    adapt = connection.ops.adapt_datetimefield_value
    words = " AND ".join(
        [
            *map(_fts_phrase, wanted.phrases),
            *(f"({' OR '.join(map(_fts_quoted, some))})" for some in wanted.facts),
        ]
    )
    without = " OR ".join(
        [*map(_fts_phrase, wanted.without), *(_fts_quoted(one) for one in wanted.without_facts)]
    )
    sql = _FOUND_ON_SQLITE.format(
        source=_MATCHES if words else _ENTRIES,
        words="chat_searchwords MATCH %(words)s" if words else "TRUE",
        without=_WITHOUT if without else "TRUE",
        place=_PLACE_ON_SQLITE if wanted.before else "TRUE",
    )
    parameters = {
        "rooms": json.dumps(list(wanted.rooms)),
        "words": words,
        "without": without,
        "since": wanted.since and adapt(wanted.since),
        "until": adapt(wanted.until),
        "before_at": wanted.before and adapt(wanted.before.at),
        "before_id": wanted.before and wanted.before.message,
        "count": count,
    }
    return [Candidate(at.replace(tzinfo=UTC), message) for at, message in _fetched(sql, parameters)]


def _scores_on_sqlite(wanted: Wanted, ids: Sequence[int]) -> dict[int, float]:
    words = " OR ".join(map(_fts_phrase, wanted.phrases))
    sql = (
        "SELECT rowid, -bm25(chat_searchwords) FROM chat_searchwords "
        "WHERE chat_searchwords MATCH %s AND rowid BETWEEN %s AND %s"
    )
    return dict(_fetched(sql, [words, min(ids), max(ids)]))


def _fts_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.prefix else ""}'


def _fts_quoted(fact: str) -> str:
    return f'"{fact}"'


def _fetched(sql: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
