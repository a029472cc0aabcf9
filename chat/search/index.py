"""Keeps the index. Sending knows nothing of it: new messages are found by their numbers, which have no holes.

A room is in the index up to a number (`SearchedRoom`); what lies beyond is worked off by the tick of the notifications,
a chunk in a transaction, by any number of workers. Until then search reads those messages themselves. What changes a
message brings its row up to date in the same transaction (`refresh`); the tick never replaces a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from chat.conf import numbers
from chat.keywords import hearing
from chat.models import Message, Room, SearchedRoom, SearchEntry
from chat.search.kinds import facts_of
from chat.search.words import words_in
from realtime import rows

_COLUMNS = ("message_id", "room_id", "at", "words")


def refresh(message: Message) -> None:
    """Finds a message by what it says now, and no longer by what it said. In the transaction that changes it."""
    row = dict(zip(_COLUMNS, _rows([message])[0], strict=True))
    SearchEntry.objects.bulk_create(
        [SearchEntry(**row)], update_conflicts=True, unique_fields=["message"], update_fields=["words"]
    )


def anything_to_index() -> bool:
    return _behind().exists()


@transaction.atomic
def index_some() -> bool:
    """Indexes a chunk of what is not in the index yet, oldest first in each room; whether there was any."""
    left = numbers().index_chunk
    behind = dict(_behind().values_list("pk", "last_number")[: numbers().index_rooms])
    SearchedRoom.objects.bulk_create([SearchedRoom(room_id=pk) for pk in behind], ignore_conflicts=True)
    states = SearchedRoom.objects.select_for_update(skip_locked=True).filter(room__in=behind).order_by("pk")
    found: list[Message] = []
    moved: list[SearchedRoom] = []
    for searched in states:
        if left == 0:
            break
        after = Message.objects.filter(room=searched.pk, number__gt=searched.number).order_by("number")
        chunk = list(after[:left])
        ends = len(chunk) < left
        left -= len(chunk)
        found += chunk
        # Where old messages were removed there is nothing to wait for.
        last = chunk[-1].number if chunk else searched.number
        searched.number = max(last, behind[searched.pk]) if ends else last
        moved.append(searched)
    # Before the rows are there: it locks messages, and whoever has one locked may wait for its row.
    hearing.hear(found)
    # A message that was changed meanwhile has its row already.
    rows.insert(SearchEntry, _COLUMNS, _rows(found), if_new=True)
    SearchedRoom.objects.bulk_update(moved, ["number"])
    return bool(moved)


def _behind() -> QuerySet[Room]:
    """Rooms with messages that are not in the index."""
    known = Room.objects.annotate(indexed=Coalesce(F("searched__number"), 0))
    return known.filter(last_number__gt=F("indexed")).order_by("pk")


def _rows(messages: Sequence[Message]) -> list[rows.Row]:
    facts = facts_of(messages)
    return [
        (
            message.pk,
            message.room_id,
            message.created_at,
            "" if message.deleted_at is not None else _stored(_keys(message.text), facts[message.pk]),
        )
        for message in messages
    ]


def _keys(text: str) -> list[str]:
    return [word.key for word in words_in(text)]


def _stored(keys: Sequence[str], facts: Sequence[str]) -> str:
    """As `SearchEntry.words` takes it. Neither words nor facts have a character that would need escaping."""
    if connection.vendor != "postgresql":
        return " ".join([*keys, *facts])
    places: dict[str, list[str]] = {}
    for place, key in enumerate(keys, start=1):
        places.setdefault(key, []).append(str(place))
    words = [f"'{key}':{','.join(at)}" for key, at in places.items()]
    return " ".join([*words, *(f"'{fact}'" for fact in facts)])
