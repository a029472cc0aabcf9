"""Finds those who want to hear of the words in a text, and owes them a notification (`chat.telling`).

Each message is looked through once, in the transaction that indexes it, and again when it is edited. Direct messages
are told of anyway.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from chat import telling
from chat.conf import numbers
from chat.models import Keyword, Member, Mention, Message, Room
from chat.search.words import words_in
from realtime import rows

_WORD = Mention.Kind.WORD


def hear(messages: Sequence[Message]) -> None:
    """For messages that are new. Two queries where somebody has one of their words as the beginning of a keyword."""
    since = timezone.now() - timedelta(seconds=numbers().hear_within_s)
    fresh = [one for one in messages if one.deleted_at is None and one.created_at >= since]
    seemingly = _heard(fresh)
    concerned = Message.objects.filter(pk__in=[pk for pk, users in seemingly.items() if users])
    # As it is behind the lock: an edit may have been quicker, and has looked through its own text.
    fresh = list(concerned.filter(deleted_at=None).select_for_update(of=("self",)).order_by("pk"))
    heard = _heard(fresh)
    found = [_mention(message, user_id) for message in fresh for user_id in sorted(heard[message.pk])]
    Mention.objects.bulk_create(found, ignore_conflicts=True)
    for message in fresh:
        if heard[message.pk]:
            telling.put_down(message)


def hear_again(message: Message) -> bool:
    """Whom a message that was changed concerns by what it says now; whether it does, or did, anybody."""
    heard = _heard([message])[message.pk]
    stored = Mention.objects.filter(message=message, kind=_WORD)
    known = set(stored.values_list("user_id", flat=True))
    if known - heard:
        stored.exclude(user_id__in=heard).delete()
    Mention.objects.bulk_create([_mention(message, user_id) for user_id in sorted(heard - known)])
    return bool(heard or known)


def _heard(messages: Sequence[Message]) -> dict[int, set[int]]:
    """By message, those in the room with a keyword in it; nobody hears themselves."""
    texts = {one.pk: [word.key for word in words_in(one.text)] for one in messages}
    heard: dict[int, set[int]] = defaultdict(set)
    firsts = {(key,) for keys in texts.values() for key in keys}
    if not firsts:
        return heard
    keywords: dict[str, list[tuple[list[str], int]]] = defaultdict(list)
    for first, key, user_id in rows.select(Keyword, ("first", "key", "user_id"), ("first",), firsts):
        keywords[first].append((key.split(), user_id))
    if not keywords:
        return heard
    rooms = {one.pk: one.room_id for one in messages}
    owners = {one.pk: set(_owners(texts[one.pk], keywords)) - {one.author_id} for one in messages}
    inside = set(
        Member.objects.filter(user_id__in=set().union(*owners.values()), room_id__in=set(rooms.values()))
        .exclude(room__kind=Room.Kind.DIRECT)
        .values_list("user_id", "room_id")
    )
    for pk, users in owners.items():
        heard[pk] = {user_id for user_id in users if (user_id, rooms[pk]) in inside}
    return heard


def _owners(keys: Sequence[str], keywords: dict[str, list[tuple[list[str], int]]]) -> Iterable[int]:
    for place, key in enumerate(keys):
        for words, user_id in keywords.get(key, ()):
            if list(keys[place : place + len(words)]) == words:
                yield user_id


def _mention(message: Message, user_id: int) -> Mention:
    return Mention(
        message=message,
        room_id=message.room_id,
        number=message.number,
        thread_id=message.only_in_thread,
        kind=_WORD,
        user_id=user_id,
    )
