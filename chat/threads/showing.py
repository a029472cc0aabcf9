"""Messages as clients see them, with what they quote, the threads they begin and whence they were forwarded.

All of it is looked up when it is read: a quote says what the quoted message says now. However many messages, one query
more where any quotes, and one where people must be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from msgspec import structs

from accounts.models import User
from accounts.payloads import Person
from chat.models import Message, Thread
from chat.payloads import Message as MessagePayload
from chat.richtext.rendering import plain
from chat.threads.payloads import QUOTED_CHARS, Forwarded, Origin, Quote, ThreadInfo

# What `shown` wants of its rows; without it, it asks for each.
SHOWN_WITH = ("author", "thread")


def shown(rows: Sequence[Message]) -> list[MessagePayload]:
    """The payloads of messages that were read with SHOWN_WITH, in their order."""
    threads = {row.pk: thread for row in rows if (thread := _thread_of(row)) is not None}
    origins = {row.pk: msgspec.json.decode(row.forwarded, type=Origin) for row in rows if row.forwarded != ""}
    quotes = _quotes({row.quote_id for row in rows if row.quote_id is not None})
    participants = {pk: _participants(thread) for pk, thread in threads.items()}
    people = people_by_id(
        {origin.author for origin in origins.values()}.union(*participants.values())
        if origins or participants
        else set()
    )
    payloads = []
    for row in rows:
        payload = MessagePayload.of(row)
        if row.quote_id is not None:
            payload = structs.replace(payload, quote=quotes.get(row.quote_id))
        if row.pk in threads:
            named = [people[user] for user in participants[row.pk]]
            payload = structs.replace(payload, thread=_info(threads[row.pk], named))
        if row.pk in origins:
            origin = origins[row.pk]
            forwarded = Forwarded(people[origin.author], origin.room, origin.number)
            payload = structs.replace(payload, forwarded=forwarded)
        payloads.append(payload)
    return payloads


def shown_one(row: Message) -> MessagePayload:
    (payload,) = shown([row])
    return payload


def thread_info(thread: Thread) -> ThreadInfo:
    """One query."""
    ids = _participants(thread)
    people = people_by_id(set(ids))
    return _info(thread, [people[user] for user in ids])


def people_by_id(ids: set[int]) -> dict[int, Person]:
    return {user.pk: Person.of(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def _quotes(ids: set[int]) -> dict[int, Quote]:
    quoted: Iterable[Message] = Message.objects.filter(pk__in=ids).select_related("author") if ids else ()
    return {
        one.pk: Quote(
            one.pk,
            one.number,
            Person.of(one.author),
            plain(one.text)[:QUOTED_CHARS],
            deleted=one.deleted_at is not None,
        )
        for one in quoted
    }


def _thread_of(row: Message) -> Thread | None:
    if row.root_id is not None:
        return None  # a reply begins none
    try:
        return row.thread
    except ObjectDoesNotExist:
        return None


def _participants(thread: Thread) -> list[int]:
    return msgspec.json.decode(thread.participants, type=list[int])


def _info(thread: Thread, participants: list[Person]) -> ThreadInfo:
    return ThreadInfo(thread.reply_count, thread.last_reply_at, participants, thread.version)
