"""The hot path: storing messages. Many sends of many people become one short transaction.

The rooms are locked; memberships and what is stored already are read under the lock; then the rooms' streams are
locked, and messages, events, last numbers and the authors' read marks are written. The number of statements does
not depend on the number of messages (`realtime.rows`). What cannot be stored gets its own error and leaves the others
alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.payloads import Person
from chat.errors import RoomNotFound
from chat.events import MessageCreated
from chat.models import Member, Message, Room, stream_of
from chat.payloads import Message as MessagePayload
from chat.payloads import Sent
from chat.policies import MAX_ID
from chat.text import message_text
from realtime import Busy, RealtimeError, check_client_id, numbering, rows
from realtime.rows import Lock

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

    @property
    def membership(self) -> tuple[int, int]:
        return self.author.pk, self.room


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
    return _send_many(sends, Lock.WAIT)


def message_send_promptly(sends: Sequence[Send]) -> list[Outcome]:
    """As `message_send_many`, but never waits for a room that another transaction holds: its sends get Busy."""
    return _send_many(sends, Lock.SKIP)


def _send_many(sends: Sequence[Send], lock: Lock) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    checked: dict[int, Send] = {}
    for position, send in enumerate(sends):
        try:
            checked[position] = _checked(send)
        except RealtimeError as error:
            outcomes[position] = error
    if checked:
        found = _store_safely(list(checked.values()), lock)
        for position, send in checked.items():
            outcome = outcomes[position] = found[send.key]
            if isinstance(outcome, Sent):
                # Whoever comes next in this batch with the same client_id repeats this one.
                found[send.key] = _again(outcome)
    return [outcomes[position] for position in range(len(sends))]


def _checked(send: Send) -> Send:
    if not 0 < send.room <= MAX_ID:
        raise RoomNotFound()
    return Send(send.author, send.room, message_text(send.text), check_client_id(send.client_id))


def _store_safely(sends: list[Send], lock: Lock) -> dict[_Key, Outcome]:
    """Stores all together; if another process stored one of them meanwhile, in another room, one by one."""
    try:
        return _store(sends, lock)
    except IntegrityError:
        return {key: outcome for send in sends for key, outcome in _store([send], lock).items()}


def _store(sends: list[Send], lock: Lock) -> dict[_Key, Outcome]:
    """What became of each send, by its key; of several with one key, of the first."""
    with transaction.atomic(), rows.together():
        # Under their locks nobody numbers in these rooms, joins or leaves them: a kick that was committed counts,
        # and whoever is a member here is the same member when the read mark is written.
        locked = _ask_for_rooms({send.room for send in sends}, lock)
        known = _ask_for_memberships({send.membership for send in sends})
        stored = _ask_for_messages({send.key for send in sends})
        rooms: dict[int, int] = dict(locked)
        members = {(user, room): pk for user, room, pk in known}
        outcomes: dict[_Key, Outcome] = {
            (author, client_id): Sent(message=pk, number=number, seq=seq, duplicate=True)
            for author, client_id, pk, number, seq in stored
        }
        fresh: dict[_Key, Send] = {}
        for send in sends:
            if send.key in outcomes or send.key in fresh:
                continue
            if send.membership not in members:
                outcomes[send.key] = RoomNotFound()
            elif send.room not in rooms:
                outcomes[send.key] = Busy()
            else:
                fresh[send.key] = send
        if fresh:
            outcomes |= _written(fresh, rooms, members, lock)
    return outcomes


def _written(
    sends: dict[_Key, Send], rooms: dict[int, int], members: dict[tuple[int, int], int], lock: Lock
) -> dict[_Key, Outcome]:
    """Writes sends that may be stored, into locked rooms. `rooms` are last numbers, `members` ids."""
    now = timezone.now()
    outcomes: dict[_Key, Outcome] = {}
    numbers: dict[int, int] = {}
    marks: dict[int, int] = {}
    placed: dict[_Key, tuple[Send, int, int]] = {}
    with numbering({stream_of(send.room) for send in sends.values()}, lock) as log:
        for key, send in sends.items():
            stream = stream_of(send.room)
            if stream not in log:
                outcomes[key] = Busy()
                continue
            number = numbers[send.room] = numbers.get(send.room, rooms[send.room]) + 1
            marks[members[send.membership]] = number
            placed[key] = send, number, log.reserve(stream)
        ids = _inserted(placed.values(), now)
        for key, (send, number, seq) in placed.items():
            message = MessagePayload(
                id=ids[key],
                room=send.room,
                number=number,
                seq=seq,
                author=Person.of(send.author),
                text=send.text,
                created_at=now,
                edited_at=None,
                deleted=False,
                client_id=send.client_id,
            )
            log.append(stream_of(send.room), seq, MessageCreated(message), at=now)
            outcomes[key] = Sent(message=message.id, number=number, seq=seq, duplicate=False)
        rows.set_column(Room, "last_number", numbers)
        rows.set_column(Member, "read_number", marks)
    return outcomes


def _inserted(placed: Collection[tuple[Send, int, int]], now: datetime) -> dict[_Key, int]:
    """Inserts the messages, each with its number and seq; their ids."""
    inserted = rows.insert(
        Message,
        ("room_id", "number", "seq", "author_id", "text", "client_id", "created_at"),
        [
            (send.room, number, seq, send.author.pk, send.text, send.client_id, now)
            for send, number, seq in placed
        ],
        returning=("author_id", "client_id", "id"),
    )
    return {(author, client_id): pk for author, client_id, pk in inserted}


def _ask_for_rooms(wanted: set[int], lock: Lock) -> rows.Answer:
    """(id, last number), locked in the order of ids, as every change of a membership locks its room."""
    return rows.select(Room, ("id", "last_number"), ("id",), {(room,) for room in wanted}, lock=lock)


def _ask_for_memberships(wanted: set[tuple[int, int]]) -> rows.Answer:
    """(user, room, id of the membership)"""
    return rows.select(Member, ("user_id", "room_id", "id"), ("user_id", "room_id"), wanted)


def _ask_for_messages(wanted: set[_Key]) -> rows.Answer:
    """What is stored already under the authors' client ids: (author, client_id, id, number, seq)"""
    key = ("author_id", "client_id")
    return rows.select(Message, (*key, "id", "number", "seq"), key, wanted)


def _again(sent: Sent) -> Sent:
    return Sent(message=sent.message, number=sent.number, seq=sent.seq, duplicate=True)
