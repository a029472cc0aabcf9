"""The hot path: storing messages. Many sends of many people become one short transaction.

Two reads find out what can be stored; then the rooms' streams are locked, memberships are read again under the lock,
and messages, events, last numbers and the authors' read marks are written. The number of queries does not depend on
the number of messages. What cannot be stored gets its own error and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from chat.errors import RoomNotFound
from chat.events import MessageCreated
from chat.models import Member, Message, Room, stream_of
from chat.payloads import Message as MessagePayload
from chat.payloads import Sent
from chat.policies import MAX_ID
from chat.text import message_text
from realtime import RealtimeError, check_client_id, numbering, set_column

Outcome = Sent | RealtimeError
_Key = tuple[int, str]  # author, client_id


@dataclass(frozen=True, slots=True)
class Send:
    """One message that somebody wants to send."""

    author: User
    room: int
    text: str
    client_id: str

    @property
    def key(self) -> _Key:
        return self.author.pk, self.client_id


def message_send(*, author: User, room: int, text: str, client_id: str) -> Sent:
    """Stores one message. Again with the same client_id returns the first result.

    Raises RoomNotFound, EmptyBody, TooLong, BadCharacters, TooComplex, BadClientId.
    """
    (outcome,) = message_send_many([Send(author, room, text, client_id)])
    if isinstance(outcome, RealtimeError):
        raise outcome
    return outcome


def message_send_many(sends: Sequence[Send]) -> list[Outcome]:
    """Stores messages in the order given; one result or error each, in the same order."""
    outcomes: dict[int, Outcome] = {}
    checked: dict[int, Send] = {}
    for position, send in enumerate(sends):
        try:
            checked[position] = _checked(send)
        except RealtimeError as error:
            outcomes[position] = error
    if checked:
        outcomes |= _stored_or_refused(checked)
    return [outcomes[position] for position in range(len(sends))]


def _checked(send: Send) -> Send:
    return Send(send.author, send.room, message_text(send.text), check_client_id(send.client_id))


def _stored_or_refused(sends: dict[int, Send]) -> dict[int, Outcome]:
    stored = _sent_before(sends.values())
    rooms = _rooms_open_to(send for send in sends.values() if send.key not in stored)
    fresh: dict[_Key, Send] = {}
    for send in sends.values():
        if send.key not in stored and (send.author.pk, send.room) in rooms:
            fresh.setdefault(send.key, send)
    new = _store_safely(list(fresh.values()))

    outcomes: dict[int, Outcome] = {}
    for position, send in sends.items():
        outcome: Outcome | None = stored.get(send.key) or new.get(send.key)
        outcomes[position] = outcome or RoomNotFound()
        if isinstance(outcome, Sent):
            # Whoever comes next in this batch with the same client_id repeats this one.
            stored[send.key] = _again(outcome)
    return outcomes


def _store_safely(sends: list[Send]) -> dict[_Key, Outcome]:
    """Stores all together; if another process stored one of them meanwhile, one by one."""
    if not sends:
        return {}
    try:
        return _store(sends)
    except IntegrityError:
        if len(sends) > 1:
            return {key: outcome for send in sends for key, outcome in _store_safely([send]).items()}
        stored: dict[_Key, Outcome] = dict(_sent_before(sends))
        if not stored:
            raise
        return stored


def _store(sends: list[Send]) -> dict[_Key, Outcome]:
    outcomes: dict[_Key, Outcome] = {}
    messages: list[Message] = []
    now = timezone.now()
    with transaction.atomic(), numbering({stream_of(send.room) for send in sends}) as log:
        # Under both locks nobody numbers in these rooms, joins or leaves them: a kick that was committed counts,
        # and whoever is a member here is the same member when the read mark is written.
        rooms = _rooms_locked(sends)
        members = _memberships(sends)
        for send in sends:
            member = members.get((send.author.pk, send.room))
            if member is None:
                outcomes[send.key] = RoomNotFound()
                continue
            room = rooms[send.room]
            room.last_number += 1
            member.read_number = room.last_number
            messages.append(
                Message(
                    room=room,
                    number=room.last_number,
                    seq=log.reserve(room.stream),
                    author=send.author,
                    text=send.text,
                    client_id=send.client_id,
                    created_at=now,
                )
            )
        Message.objects.bulk_create(messages)
        for message in messages:
            log.append(message.room.stream, message.seq, MessageCreated(MessagePayload.of(message)))
        # In the order of their keys, as everywhere: two who lock the same rows never wait for each other.
        set_column(Room, "last_number", {pk: rooms[pk].last_number for pk in sorted(rooms)})
        authors = {members[message.author_id, message.room_id] for message in messages}
        marks = {member.pk: member.read_number for member in sorted(authors, key=lambda member: member.pk)}
        set_column(Member, "read_number", marks)
    return outcomes | {(message.author_id, message.client_id): _sent(message) for message in messages}


def _rooms_locked(sends: Sequence[Send]) -> dict[int, Room]:
    """The rooms by id, locked in the order of their ids, as every change of a membership locks its room."""
    ids = {send.room for send in sends}
    return {room.pk: room for room in Room.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _memberships(sends: Sequence[Send]) -> dict[tuple[int, int], Member]:
    """Memberships by (user, room)."""
    wanted = {(send.author.pk, send.room) for send in sends}
    found = {(member.user_id, member.room_id): member for member in Member.objects.filter(_pairs(wanted))}
    return {pair: member for pair, member in found.items() if pair in wanted}


def _rooms_open_to(sends: Iterable[Send]) -> set[tuple[int, int]]:
    """The (user, room) pairs among `sends` where the user is a member: only those rooms' streams get locked."""
    wanted = {(send.author.pk, send.room) for send in sends if 0 < send.room <= MAX_ID}
    return set(Member.objects.filter(_pairs(wanted)).values_list("user_id", "room_id"))


def _pairs(wanted: set[tuple[int, int]]) -> Q:
    """A little more than `wanted`, in a condition of a size and shape that databases plan well."""
    return Q(user_id__in={user for user, _ in wanted}, room_id__in={room for _, room in wanted})


def _sent_before(sends: Iterable[Send]) -> dict[_Key, Sent]:
    """What is stored already under the authors' client ids."""
    keys = {send.key for send in sends}
    rows = Message.objects.filter(
        author_id__in={author for author, _ in keys}, client_id__in={client_id for _, client_id in keys}
    )
    found = rows.only("id", "number", "seq", "author_id", "client_id")
    return {
        (row.author_id, row.client_id): _again(_sent(row))
        for row in found
        if (row.author_id, row.client_id) in keys
    }


def _sent(message: Message) -> Sent:
    return Sent(message=message.pk, number=message.number, seq=message.seq, duplicate=False)


def _again(sent: Sent) -> Sent:
    return Sent(message=sent.message, number=sent.number, seq=sent.seq, duplicate=True)
