"""What a batch of sends needs for its replies and quotes, beside what every message does. Without any, nothing.

Used by `chat.sending` alone, under the locks of the rooms: nobody else writes replies there. A thread's own lock keeps
deletions out, which do not lock the room.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from accounts.models import User
from accounts.payloads import Person
from chat.mentions import resolve
from chat.models import Member, Message, Room, Thread, ThreadReader, stream_of, user_stream
from chat.payloads import Mention, mentions_loaded
from chat.payloads import Message as MessagePayload
from chat.richtext.rendering import plain
from chat.send import Send
from chat.threads.events import ThreadChanged, ThreadFollowed
from chat.threads.payloads import QUOTED_CHARS, FollowedThread, Origin, Quote, ThreadInfo
from realtime import publish_many, rows
from realtime.rows import Lock

MAX_PARTICIPANTS = 3

# What a message has in these columns where it is none of a room with threads, quotes nothing and is its author's own.
LINK_COLUMNS = ("root_id", "quote_id", "also_in_room", "hidden", "forwarded")
NO_LINKS = (None, None, False, 0, "")

_DIRECT = Room.Kind.DIRECT.value


class _Room(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def last_number(self) -> int: ...
    @property
    def hidden_count(self) -> int: ...
    @property
    def hidden_number(self) -> int: ...
    @property
    def shown_number(self) -> int: ...


class _Target(NamedTuple):
    """What must be known of a message that is replied to or quoted."""

    id: int
    room: int
    number: int
    root: int | None
    author: int
    text: str
    mentions: str
    deleted_at: Any

    @property
    def thread(self) -> int:
        return self.root or self.id


class Targets:
    """The messages that the sends of a batch reply to or quote: one question, and none where there are none."""

    def __init__(self, sends: Iterable[Send]) -> None:
        ids = {(id,) for send in sends for id in (send.thread, send.quote) if id is not None}
        columns = ("id", "room_id", "number", "root_id", "author_id", "text", "mentions", "deleted_at")
        self._found: Iterable[rows.Row] = rows.select(Message, columns, ("id",), ids) if ids else ()
        self._by_id: dict[int, _Target] | None = None

    def of(self, send: Send) -> bool:
        """Whether what it replies to and quotes is there, and in its room."""
        return all(
            id is None or (id in self.by_id and self.by_id[id].room == send.room)
            for id in (send.thread, send.quote)
        )

    @property
    def by_id(self) -> dict[int, _Target]:
        if self._by_id is None:
            self._by_id = {row[0]: _Target(*row) for row in self._found}
        return self._by_id


@dataclass(slots=True)
class _Thread:
    """A thread as the batch leaves it."""

    root: int
    room: int
    number: int
    replies: int = 0
    last_number: int = 0
    participants: list[int] = field(default_factory=list)
    version: int = 0
    is_new: bool = True
    # Who follows from the first reply on, beside those who write or are named.
    concerned: set[int] = field(default_factory=set)
    fresh: list[MessagePayload] = field(default_factory=list)

    def add(self, message: MessagePayload) -> None:
        others = [user for user in self.participants if user != message.author.id]
        self.participants = [message.author.id, *others][:MAX_PARTICIPANTS]
        self.replies += 1
        self.last_number = message.number
        self.fresh.append(message)


@dataclass(slots=True)
class _Reader:
    id: int | None
    following: bool
    read_number: int
    follows_anew: bool = False
    has_read: bool = False


class Links:
    """The replies and quotes of a batch: what their messages say of them, and what is written beside the messages."""

    def __init__(
        self,
        sends: Collection[Send],
        targets: Targets,
        rooms: Mapping[int, _Room],
        mentions_of: Callable[[Any], Sequence[Mention]],
    ) -> None:
        """Asks what there is to ask: nothing, where no send replies or quotes."""
        self._targets = targets
        self._rooms = rooms
        self._hidden = {room: facts.hidden_count for room, facts in rooms.items() if facts.hidden_count}
        self._shown: dict[int, int] = {}
        self._changed_rooms: dict[int, rows.Row] = {}
        self._threads: dict[int, _Thread] = {}
        self._readers: dict[tuple[int, int], _Reader] = {}
        self._people: dict[int, Person] = {}
        replies = [send for send in sends if send.thread is not None]
        if replies:
            self._ask_threads(replies)
            self._ask_readers(replies, mentions_of)
        if replies or any(send.quote is not None for send in sends):
            self._ask_people(sends)

    # ---- for each message, in their order

    def of(self, send: Send, number: int) -> dict[str, Any]:
        """What the payload of the message with this number says of its links."""
        hides = send.thread is not None and not send.also_in_room
        if hides:
            self._hide(send.room, number)
        else:
            self._shown[send.room] = number
        links: dict[str, Any] = {}
        if send.room in self._hidden:
            links["hidden"] = self._hidden[send.room]
        if send.thread is not None:
            links |= {"root": self._targets.by_id[send.thread].thread, "also_in_room": send.also_in_room}
        if send.quote is not None:
            links["quote"] = self._quote(self._targets.by_id[send.quote])
        if send.forwarded is not None:
            links["forwarded"] = send.forwarded
        return links

    def add(self, message: MessagePayload) -> None:
        """A reply is stored: it counts, and whom it concerns follow."""
        if message.root is None:
            return
        thread = self._threads[message.root]
        if thread.last_number == 0:
            for user in thread.concerned - {message.author.id}:
                self._follow(thread, user, thread.number)
        thread.add(message)
        self._people[message.author.id] = message.author
        for user in resolve.meant(message.author.id, message.mentions):
            self._follow(thread, user, message.number - 1)
        self._follow(thread, message.author.id, message.number).has_read = True

    def _hide(self, room: int, number: int) -> None:
        facts = self._rooms[room]
        count = self._hidden[room] = self._hidden.get(room, 0) + 1
        before = facts.last_number if facts.last_number > facts.hidden_number else facts.shown_number
        self._changed_rooms[room] = (count, number, self._shown.setdefault(room, before))

    def _follow(self, thread: _Thread, user: int, read_number: int) -> _Reader:
        """Who follows anew has read what was there before."""
        reader = self._readers.setdefault((thread.root, user), _Reader(None, following=False, read_number=0))
        if not reader.following:
            reader.following = reader.follows_anew = True
            reader.read_number = max(reader.read_number, read_number)
        return reader

    def _quote(self, target: _Target) -> Quote:
        return Quote(
            target.id,
            target.number,
            self._people[target.author],
            plain(target.text)[:QUOTED_CHARS],
            deleted=target.deleted_at is not None,
        )

    # ---- beside the messages

    def write(self, now: datetime, log: Any) -> None:
        changed = [thread for thread in self._threads.values() if thread.fresh]
        rows.set_columns(Room, ("hidden_count", "hidden_number", "shown_number"), self._changed_rooms)
        if not changed:
            return
        for thread in changed:
            thread.version += 1
        self._write_threads(changed, now)
        self._write_readers()
        for thread in changed:
            people = [self._people[user] for user in thread.participants]
            info = ThreadInfo(thread.replies, now, people, thread.version)
            stream = stream_of(thread.room)
            log.append(stream, log.reserve(stream), ThreadChanged(thread.root, thread.number, info), at=now)
        followed = [
            (user_stream(user), ThreadFollowed(self._followed(self._threads[root], user, reader)))
            for (root, user), reader in self._readers.items()
            if reader.follows_anew
        ]
        if followed:
            publish_many(followed)

    def _write_threads(self, threads: Sequence[_Thread], now: datetime) -> None:
        columns = ("reply_count", "last_reply_at", "last_number", "participants", "version")
        values = {
            thread.root: (
                thread.replies,
                now,
                thread.last_number,
                msgspec.json.encode(thread.participants).decode(),
                thread.version,
            )
            for thread in threads
        }
        new = [thread for thread in threads if thread.is_new]
        rows.insert(
            Thread,
            ("root_id", "room_id", "number", *columns),
            [(thread.root, thread.room, thread.number, *values[thread.root]) for thread in new],
        )
        rows.set_columns(
            Thread, columns, {thread.root: values[thread.root] for thread in threads if not thread.is_new}
        )

    def _write_readers(self) -> None:
        """Of readers who are known only what changes: they may just be reading on."""
        new, marks, follows = [], {}, {}
        for (root, user), reader in self._readers.items():
            if reader.has_read:
                reader.read_number = max(
                    one.number for one in self._threads[root].fresh if one.author.id == user
                )
            if reader.id is None:
                new.append((root, user, reader.following, reader.read_number))
            elif reader.has_read or reader.follows_anew:
                marks[reader.id] = reader.read_number
                if reader.follows_anew:
                    follows[reader.id] = True
        columns = ("thread_id", "user_id", "following", "read_number")
        rows.insert(ThreadReader, columns, new)
        rows.set_column(ThreadReader, "read_number", marks)
        rows.set_column(ThreadReader, "following", follows)

    def _followed(self, thread: _Thread, user: int, reader: _Reader) -> FollowedThread:
        unread = [one for one in thread.fresh if one.number > reader.read_number and one.author.id != user]
        return FollowedThread(
            thread.root,
            thread.room,
            thread.number,
            reader.read_number,
            [one.number for one in unread],
            [one.number for one in unread if not one.also_in_room and resolve.means(one.mentions, user)],
        )

    # ---- what is asked

    def _ask_threads(self, replies: Sequence[Send]) -> None:
        targets = {id: self._targets.by_id[id] for send in replies if (id := send.thread) is not None}
        roots = {(target.thread,) for target in targets.values()}
        columns = ("root_id", "room_id", "number", "reply_count", "last_number", "participants", "version")
        for *facts, participants, version in rows.select(
            Thread, columns, ("root_id",), roots, lock=Lock.WAIT
        ):
            known = _Thread(*facts, msgspec.json.decode(participants, type=list[int]), version, is_new=False)
            self._threads[known.root] = known
        for target in targets.values():
            if target.root is None and target.id not in self._threads:
                self._threads[target.id] = _Thread(target.id, target.room, target.number)
        begun = {
            target.id: target
            for target in targets.values()
            if target.root is None and self._threads[target.id].last_number == 0
        }
        if begun:
            self._ask_concerned(begun)

    def _ask_concerned(self, roots: Mapping[int, _Target]) -> None:
        """Whom a first reply concerns: who wrote the root or is named in it, and everybody in a direct conversation."""
        direct = {(one.room,) for one in roots.values() if self._rooms[one.room].kind == _DIRECT}
        named = {
            root.id: {root.author, *resolve.meant(root.author, mentions_loaded(root.mentions))}
            for root in roots.values()
        }
        columns = ("user_id", "room_id")
        pairs = {(user, root.room) for root in roots.values() for user in named[root.id]}
        still = set(rows.select(Member, columns, columns, pairs))
        talking = set(rows.select(Member, columns, ("room_id",), direct)) if direct else set()
        for root in roots.values():
            concerned = {user for user in named[root.id] if (user, root.room) in still}
            concerned |= {user for user, room in talking if room == root.room}
            self._threads[root.id].concerned = concerned

    def _ask_readers(self, replies: Sequence[Send], mentions_of: Callable[[Any], Sequence[Mention]]) -> None:
        wanted = {(thread.root, user) for thread in self._threads.values() for user in thread.concerned}
        for send in replies:
            assert send.thread is not None
            root = self._targets.by_id[send.thread].thread
            wanted.add((root, send.author.id))
            wanted |= {(root, user) for user in resolve.meant(send.author.id, mentions_of(send))}
        columns = ("thread_id", "user_id", "id", "following", "read_number")
        for root, user, id, following, read_number in rows.select(
            ThreadReader, columns, ("thread_id", "user_id"), wanted
        ):
            self._readers[root, user] = _Reader(id, bool(following), read_number)

    def _ask_people(self, sends: Iterable[Send]) -> None:
        quoted = {self._targets.by_id[send.quote].author for send in sends if send.quote is not None}
        took_part = {user for thread in self._threads.values() for user in thread.participants}
        ids = {(user,) for user in quoted | took_part}
        if ids:
            found = rows.select(User, ("id", "username", "display_name", "is_bot"), ("id",), ids)
            self._people = {id: Person(id, *names, bool(is_bot)) for id, *names, is_bot in found}


def link_row(message: MessagePayload) -> rows.Row:
    """What is stored of a message's links, as LINK_COLUMNS."""
    if message.forwarded is None:
        origin = ""
    else:
        author, room, number = message.forwarded.author, message.forwarded.room, message.forwarded.number
        origin = msgspec.json.encode(Origin(author.id, room, number)).decode()
    quoted = None if message.quote is None else message.quote.id
    return (message.root, quoted, message.also_in_room, message.hidden, origin)
