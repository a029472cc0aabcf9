"""The hot path: storing messages. Many sends of many people become one short transaction.

The rooms are locked; memberships and what is stored already are read under the lock; then the rooms' streams are
locked, and messages, events, last numbers and the authors' read marks are written; where a message names somebody or is
direct, also whom it means and that they are to be told (`chat.telling`); where it has files, those (`chat.files`);
where it replies or quotes, what `chat.threads.sending` adds. The number of statements does not depend on the number of
messages (`realtime.rows`). What cannot be stored gets its own error and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError
from django.utils import timezone
from msgspec import structs

from accounts.models import User
from accounts.payloads import Person
from chat.conf import numbers
from chat.errors import MessageNotFound, RoomArchived, RoomNotFound, TooManyMentions
from chat.events import MessageCreated
from chat.files.attaching import Attaching, check_files
from chat.files.attaching import ask as ask_for_files
from chat.files.payloads import File
from chat.groups.lookup import groups_named
from chat.marks.payloads import NO_MARKS, Marks
from chat.marks.payloads import stored_form as marks_stored
from chat.marks.sending import write_marked
from chat.mentions import resolve
from chat.mentions.names import names_in
from chat.models import Member, Mention, Message, Room, Unpreviewed, Untold, stream_of
from chat.moderation.filters import Passed, passed
from chat.moderation.gate import Gate
from chat.payloads import Mention as MentionPayload
from chat.payloads import Message as MessagePayload
from chat.payloads import Sent, mentions_loaded
from chat.policies import MAX_ID, may_mention_all
from chat.polls.answers import filtered as poll_filtered
from chat.previews.services import due_at as preview_due_at
from chat.previews.services import wants_preview
from chat.richtext.rendering import drafted
from chat.send import Send, SendKey
from chat.text import message_text
from chat.threads.sending import LINK_COLUMNS, NO_LINKS, Links, Targets, link_row
from realtime import Busy, RealtimeError, check_client_id, lock_known, numbering, rows
from realtime.rows import Lock

_DIRECT = Room.Kind.DIRECT.value

Outcome = Sent | RealtimeError


def message_send(*, author: User, room: int, text: str, client_id: str, **more: Any) -> Sent:
    """Stores one message; `more` are further fields of Send. Again with the same client_id returns the first result.

    Raises RoomNotFound, MessageNotFound, EmptyBody, TooLong, BadCharacters, TooComplex, BadClientId, TooManyFiles,
    FileNotFound; Muted, CannotWrite, PostingClosed, SlowMode; TextRefused, HeldForReview.
    """
    (outcome,) = message_send_many([Send(author, room, text, client_id, **more)])
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
    if any(id is not None and not 0 < id <= MAX_ID for id in (send.quote, send.thread)):
        raise MessageNotFound()
    if send.files:
        check_files(send.files)
    text = message_text(send.text, may_be_empty=bool(send.files))
    filtered = Passed(text) if send.approved else passed(text, "message", send.author, send.room)
    if filtered.text != text:
        text = message_text(filtered.text, may_be_empty=bool(send.files))
    names = names_in(text, numbers().max_names) if "@" in text and send.forwarded is None else ()
    marks, hold = send.marks, filtered.hold
    if marks.poll is not None and not send.approved:
        poll, hold_poll = poll_filtered(marks.poll, send.author, send.room)
        marks, hold = structs.replace(marks, poll=poll), hold or hold_poll
    return Send(
        author=send.author,
        room=send.room,
        text=text,
        client_id=check_client_id(send.client_id),
        names=names,
        marks=marks,
        draft=drafted(text, names),
        files=send.files,
        hold=hold,
        approved=send.approved,
        quote=send.quote,
        thread=send.thread,
        also_in_room=send.also_in_room and send.thread is not None,
        forwarded=send.forwarded,
    )


def _store_safely(sends: list[Send], lock: Lock) -> dict[SendKey, Outcome]:
    """Stores all together; if another process stored one of them meanwhile, in another room, one by one."""
    try:
        return _store(sends, lock)
    except IntegrityError:
        return {key: outcome for send in sends for key, outcome in _store([send], lock).items()}


# Of a message that has no links; in the order in which they are inserted.
_COLUMNS: tuple[str, ...] = (
    "id",
    "room_id",
    "number",
    "seq",
    "author_id",
    "text",
    "mentions",
    "html",
    "marks",
    "client_id",
    "created_at",
)


class _Room(NamedTuple):
    """What a batch must know of a room."""

    last_number: int
    kind: str
    member_count: int
    mention_all: str
    archived_at: Any
    link_previews: bool
    posting: str
    slow_mode_s: int
    hidden_count: int
    hidden_number: int
    shown_number: int


class _Member(NamedTuple):
    id: int
    role: str
    muted_until: Any
    mute_reason: str
    barred: bool
    sent_at: Any


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a batch asks the database, all at once: a look at the first waits for all."""

    # (id, and the fields of _Room), locked in the order of ids, as every change of a membership locks its room
    rooms: rows.Answer
    # (user, room, and the fields of _Member)
    memberships: rows.Answer
    # under the authors' client ids already: (author, client_id, id, number, seq, text, mentions)
    stored: rows.Answer
    # of the names in the texts those that people have: (key, id); not asked where there are none
    people: Iterable[rows.Row]
    # that the messages attach; not asked where they attach none
    files: Iterable[rows.Row]
    # what the messages reply to and quote
    targets: Targets
    # for the messages
    new_ids: Iterable[rows.Row]
    # of the rooms' streams
    locks: Any


def _ask(sends: list[Send], lock: Lock) -> _Answers:
    key = ("author_id", "client_id")
    wanted = {send.room for send in sends}
    names = {(name,) for send in sends if send.names for name in resolve.keys_of(send.names)}
    return _Answers(
        rows.select(Room, ("id", *_Room._fields), ("id",), {(room,) for room in wanted}, lock=lock),
        rows.select(
            Member,
            ("user_id", "room_id", *_Member._fields),
            ("user_id", "room_id"),
            {send.membership for send in sends},
        ),
        rows.select(
            Message,
            (*key, "id", "number", "seq", "text", "mentions"),
            key,
            {send.key for send in sends},
        ),
        rows.select(User, ("username_key", "id"), ("username_key",), names, only="is_active")
        if names
        else (),
        ask_for_files(file for send in sends for file in send.files),
        Targets(sends),
        rows.new_ids(Message, len(sends)),
        lock_known({stream_of(room) for room in wanted}, lock),
    )


def _store(sends: list[Send], lock: Lock) -> dict[SendKey, Outcome]:
    """What became of each send, by its key; of several with one key, of the first."""
    with rows.atomic():
        # Under their locks nobody numbers in these rooms, joins or leaves them: a kick that was committed counts,
        # and whoever is a member here is the same member when the read mark is written.
        answers = _ask(sends, lock)
        rooms = {room: _Room(*facts) for room, *facts in answers.rooms}
        members = {(user, room): _Member(*facts) for user, room, *facts in answers.memberships}
        outcomes: dict[SendKey, Outcome] = {
            (author, client_id): Sent(
                message=pk,
                number=number,
                seq=seq,
                duplicate=True,
                not_reached=resolve.not_reached(text, mentions_loaded(mentions)),
            )
            for author, client_id, pk, number, seq, text, mentions in answers.stored
        }
        fresh: dict[SendKey, Send] = {}
        files: dict[SendKey, list[File]] = {}
        attaching = Attaching(answers.files)
        gate = Gate(rooms, members)
        for send in sends:
            if send.key in outcomes or send.key in fresh:
                continue
            if send.membership not in members:
                outcomes[send.key] = RoomNotFound()
            elif send.room not in rooms:
                outcomes[send.key] = Busy()
            elif rooms[send.room].archived_at is not None:
                outcomes[send.key] = RoomArchived()
            elif not answers.targets.of(send):
                outcomes[send.key] = MessageNotFound()
            elif (taken := attaching.take(send.author.id, send.files)) is None:
                outcomes[send.key] = attaching.refusal(*send.key, send.files)
            elif error := gate.refusal(send):
                outcomes[send.key] = error
            else:
                fresh[send.key], files[send.key] = send, taken
        mentions: dict[SendKey, list[MentionPayload]] = {}
        for key, found in _mentions(fresh, rooms, members, answers.people).items():
            if isinstance(found, RealtimeError):
                outcomes[key] = found
                del fresh[key]
            else:
                mentions[key] = found
        if fresh:
            links = Links(fresh.values(), answers.targets, rooms, lambda send: mentions.get(send.key, []))
            streams = {stream_of(send.room) for send in fresh.values()}
            with numbering(streams, lock, answers.locks) as log:
                extras = _Extras(mentions, files, attaching, links)
                outcomes |= _written(fresh, rooms, members, extras, answers.new_ids, log)
    gate.close()
    return outcomes


def _mentions(
    sends: dict[SendKey, Send],
    rooms: dict[int, _Room],
    members: dict[tuple[int, int], _Member],
    users: Iterable[rows.Row],
) -> dict[SendKey, list[MentionPayload] | RealtimeError]:
    """Whom the texts mention, of those that may: one more question, and none where nobody is named.

    Names that nobody has may be a group's. Of a text whose groups have too many people, the error.
    """
    naming = {key: send for key, send in sends.items() if send.names}
    if not naming:
        return {}
    people = dict(users)
    named = {
        (people[name], send.room)
        for send in naming.values()
        for name in resolve.keys_of(send.names) & people.keys()
    }
    inside = (
        set(rows.select(Member, ("user_id", "room_id"), ("user_id", "room_id"), named)) if named else set()
    )
    unknown = {name for send in naming.values() for name in resolve.nobodys_keys(send.names, people)}
    groups = groups_named(unknown, {author for author, _ in naming})
    found: dict[SendKey, list[MentionPayload] | RealtimeError] = {}
    for key, send in naming.items():
        circle = resolve.Circle(
            people,
            {user for user, room in inside if room == send.room},
            may_mention_all(rooms[send.room], members[send.membership].role),
            groups[send.author.id],
            numbers().max_group_mention,
        )
        try:
            found[key] = resolve.resolved(send.text, send.names, circle)
        except TooManyMentions as error:
            found[key] = error
    return found


class _Extras(NamedTuple):
    """What some messages have beside their text."""

    mentions: dict[SendKey, list[MentionPayload]]
    files: dict[SendKey, list[File]]
    attaching: Attaching
    links: Links


def _written(
    sends: dict[SendKey, Send],
    rooms: dict[int, _Room],
    members: dict[tuple[int, int], _Member],
    extras: _Extras,
    new_ids: Iterable[rows.Row],
    log: Any,
) -> dict[SendKey, Outcome]:
    """Writes sends that may be stored, into locked rooms."""
    now = timezone.now()
    outcomes: dict[SendKey, Outcome] = {}
    last_numbers: dict[int, int] = {}
    marks: dict[int, int] = {}
    inserted: list[rows.Row] = []
    linked: list[rows.Row] = []
    marked: dict[int, Marks] = {}
    owed = _Owed()
    for (key, send), (id,) in zip(sends.items(), new_ids, strict=False):
        stream = stream_of(send.room)
        if stream not in log:
            outcomes[key] = Busy()
            continue
        room = rooms[send.room]
        number = last_numbers[send.room] = last_numbers.get(send.room, room.last_number) + 1
        seq = log.reserve(stream)
        message = MessagePayload(
            id=id,
            room=send.room,
            number=number,
            seq=seq,
            author=Person.of(send.author),
            text=send.text,
            mentions=extras.mentions.get(key, []),
            created_at=now,
            edited_at=None,
            deleted=False,
            client_id=send.client_id,
            html=send.draft.finished(send.text, extras.mentions.get(key, [])),
            files=extras.files[key],
            ack=send.marks.ack,
            poll=send.marks.poll,
            **extras.links.of(send, number),
        )
        if message.only_in_thread is None:
            marks[members[send.membership].id] = number
        stored = resolve.stored_form(message.mentions), message.html, marks_stored(send.marks)
        inserted.append((id, send.room, number, seq, send.author.id, send.text, *stored, send.client_id, now))
        linked.append(link_row(message))
        if send.marks != NO_MARKS:
            marked[id] = send.marks
        log.append(stream, seq, MessageCreated(message), at=now)
        extras.links.add(message)
        owed.add(message, room)
        extras.attaching.add(id, message.files)
        outcomes[key] = Sent(
            message=id,
            number=number,
            seq=seq,
            duplicate=False,
            not_reached=resolve.not_reached(send.text, message.mentions),
        )
    columns = _COLUMNS
    if any(row != NO_LINKS for row in linked):
        columns += LINK_COLUMNS
        inserted = [row + more for row, more in zip(inserted, linked, strict=True)]
    rows.insert(Message, columns, inserted)
    write_marked(marked, now)
    extras.attaching.write()
    extras.links.write(now, log)
    owed.write(now)
    rows.set_column(Room, "last_number", last_numbers)
    rows.set_column(Member, "read_number", marks, touched="sent_at")
    return outcomes


class _Owed:
    """What the messages of a batch owe: to people, if they mention somebody, reply or are direct (see `chat.telling`),
    and a look at the pages that they link to (see `chat.previews`).
    """

    def __init__(self) -> None:
        self._mentions: list[rows.Row] = []
        self._untold: list[int] = []
        self._unpreviewed: list[int] = []

    def add(self, message: MessagePayload, room: _Room) -> None:
        means = message.mentions and resolve.mention_rows(
            message.id,
            message.room,
            message.number,
            message.author.id,
            message.mentions,
            thread=message.only_in_thread,
        )
        if means or room.kind == _DIRECT or message.root is not None:
            self._mentions += means
            self._untold.append(message.id)
        if wants_preview(message.text, room.link_previews):
            self._unpreviewed.append(message.id)

    def write(self, now: datetime) -> None:
        if self._untold:
            due_at = now + timedelta(seconds=numbers().tell_after_s)
            rows.insert(Mention, resolve.ROW_COLUMNS, self._mentions)
            rows.insert(
                Untold, ("message_id", "due_at", "attempts"), [(one, due_at, 0) for one in self._untold]
            )
        if self._unpreviewed:
            looked_at = preview_due_at(now)
            owed = [(one, looked_at, 0) for one in self._unpreviewed]
            rows.insert(Unpreviewed, ("message_id", "due_at", "attempts"), owed)


def _again(sent: Sent) -> Sent:
    return structs.replace(sent, duplicate=True)
