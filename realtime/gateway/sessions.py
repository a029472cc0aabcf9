"""All sessions of this process: by user, on the clock, and when access ends or the process does."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Collection

import msgspec
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from realtime import conf, database, metrics
from realtime.access import ACCESS_STREAM, RightsChanged, SessionEnded, StreamRevoked
from realtime.errors import AuthInvalid, LimitReached, Unavailable
from realtime.fan_out import Prepared
from realtime.gateway.addresses import Addresses
from realtime.gateway.admission import Admission, come_back_after_ms
from realtime.gateway.agenda import TICK_S, Agenda
from realtime.gateway.commands import Batcher
from realtime.gateway.receipts import Receipts
from realtime.gateway.session import Session
from realtime.gateway.stalls import Stalls
from realtime.hub import Hub, hub
from realtime.identity import Identity, authentication
from realtime.limits import TokenBucket
from realtime.log.batch import Batch
from realtime.presence.service import Presence
from realtime.protocol.frames import CloseCode
from realtime.registry import Command, readable_streams
from realtime.roll_call import RollCall
from realtime.seen import Seen
from realtime.server.state import on_drain

logger = logging.getLogger(__name__)

_RECHECK_CHUNK = 500
GREETINGS_AT_ONCE = 8  # two for each database thread: none of them idles, and a command is the next but two
MAX_WAITING_GREETINGS = 4_000  # what a core greets in about five seconds, half of what a client waits
_LAST_CALLS_S = 0.1  # before the goodbyes: what was sent before anybody could know is read, and answered


class TooManySockets(LimitReached):
    message = "This account has as many open sockets as it may. Close one and connect again."
    close_code = CloseCode.LIMIT_REACHED


class LoggedOut(AuthInvalid):
    code = "logged_out"
    message = "This session has ended. Log in again."
    close_code = CloseCode.LOGGED_OUT


class Draining(Unavailable):
    code = "draining"
    message = "This server is being replaced. Connect again."


class Sessions:
    """Owner of the process' sessions and of the tasks that watch over them."""

    def __init__(self, hub: Hub) -> None:
        self.seen = Seen(hub)
        self.roll_call = RollCall(hub, lambda: self._by_user)
        self.receipts = Receipts(hub)
        self.access = AccessWatch(self)
        self.addresses = Addresses()
        # Hellos wait here, not before the database: there a chat message would wait behind all of them.
        self.greeting = Admission(GREETINGS_AT_ONCE, waiting=MAX_WAITING_GREETINGS)
        self.stalls = Stalls(hub)
        self.draining = False
        self._hub = hub
        self.agenda: Agenda[Session] = Agenda(time.monotonic())
        self._all: set[Session] = set()
        self._by_user: dict[int, set[Session]] = {}
        self.presence = Presence(hub, self.of_user)
        self._buckets: dict[int, TokenBucket] = {}
        self._batchers: dict[str, Batcher] = {}
        self._started: asyncio.Task[None] | None = None

    async def started(self) -> None:
        """Starts the watching tasks at the first connection; later callers wait for the same start.

        Raises DatabaseError; the next connection then tries again.
        """
        if self._started is None or _failed(self._started):
            self._started = self._hub.spawn(self._start())
        await asyncio.shield(self._started)

    async def ready_for(self, session: Session) -> None:
        """`started`, where a database that is away ends the session with a goodbye instead of an error."""
        try:
            await self.started()
        except DatabaseError as error:
            logger.warning("Could not start serving sockets: %s", error)
            session.bye(CloseCode.UNAVAILABLE, Unavailable(), after_ms=come_back_after_ms())

    async def _start(self) -> None:
        stream = (await self._hub.open([ACCESS_STREAM]))[ACCESS_STREAM]
        stream.fan_out.join(self.access)
        await self.roll_call.join()
        self._hub.spawn(self._tick())
        self._hub.spawn(self._recheck())
        self._hub.spawn(self.presence.run())

    # ---- sessions come and go

    def opened(self, session: Session) -> None:
        self._all.add(session)
        self.agenda.put(session, session.due)
        self.addresses.arrived(session.address)
        metrics.CONNECTIONS.inc()

    def closed(self, session: Session) -> None:
        session.ended()
        self._all.discard(session)
        self.addresses.left(session.address, stranger=session.stranger)
        metrics.CONNECTIONS.dec()

    def make_room_for(self, identity: Identity) -> None:
        """Raises TooManySockets where the user has as many as allowed in this process."""
        if len(self._by_user.get(identity.user_id, ())) >= conf.get("MAX_SOCKETS_PER_USER"):
            raise TooManySockets(max_sockets=conf.get("MAX_SOCKETS_PER_USER"))

    def entered(self, session: Session) -> None:
        """A session has become a user's."""
        assert session.identity is not None
        self._by_user.setdefault(session.identity.user_id, set()).add(session)
        self.presence.introduced(session.identity.user)
        if session.stranger:
            session.stranger = False
            self.addresses.introduced(session.address)

    def left(self, session: Session) -> None:
        if session.identity is None:
            return
        theirs = self._by_user.get(session.identity.user_id)
        if theirs is not None:
            theirs.discard(session)
            if not theirs:
                del self._by_user[session.identity.user_id]
                self.presence.gone(session.identity.user_id)
            else:
                self.presence.see_again(session.identity.user_id)
                self._buckets.pop(session.identity.user_id, None)

    def of_user(self, user_id: int) -> list[Session]:
        return list(self._by_user.get(user_id, ()))

    # ---- calls

    def calls_of(self, user_id: int) -> TokenBucket:
        """The user's allowance of calls, shared by their sockets in this process."""
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = self._buckets[user_id] = TokenBucket(
                per_s=conf.get("CALLS_PER_S"), burst=conf.get("CALLS_BURST"), now=time.monotonic()
            )
        return bucket

    def batcher_of(self, command: Command) -> Batcher:
        batcher = self._batchers.get(command.name)
        if batcher is None:
            batcher = self._batchers[command.name] = Batcher(command)
        return batcher

    # ---- the clock

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for session in self.agenda.take(now):
                session.tick(now)

    async def _recheck(self) -> None:
        """The second line: sessions that ended without a notice (raw SQL, another program) are found here."""
        while True:
            await asyncio.sleep(conf.get("RECHECK_INTERVAL_S") * random.uniform(0.8, 1.2))  # noqa: S311
            try:
                await self.recheck()
            except DatabaseError as error:
                logger.warning("Could not re-check the open sessions: %s", error)

    def recheck_everybody(self) -> None:
        """Sessions and streams of all users here."""
        self._hub.spawn(self.recheck())
        self.recheck_streams(list(self._by_user))

    async def recheck(self) -> None:
        """Asks the database which sessions are still good, and closes the others."""
        sessions = [session for theirs in list(self._by_user.values()) for session in theirs]
        for start in range(0, len(sessions), _RECHECK_CHUNK):
            chunk = sessions[start : start + _RECHECK_CHUNK]
            identities = [one.identity for one in chunk if one.identity is not None]
            valid = await database.run(authentication().still_valid, identities)
            for session in chunk:
                if session.identity is not None and session.identity.session not in valid:
                    self._end(session, LoggedOut())

    # ---- access ends

    def end(self, user_id: int, session_id: str | None, code: str, message: str = "") -> None:
        """Closes the user's sockets here: all, or those of one session."""
        for session in self.of_user(user_id):
            if session.identity is not None and session_id in (None, session.identity.session):
                self._end(session, LoggedOut(message or None, code=code))

    def revoke(self, user_id: int, stream: str) -> None:
        """Takes a stream from the user's sockets here."""
        for session in self.of_user(user_id):
            session.revoke(stream)

    def recheck_streams(self, user_ids: Collection[int]) -> None:
        """Asks again what these users may read, and takes the rest from their sockets here."""
        here = [user_id for user_id in user_ids if user_id in self._by_user]
        if here:
            self._hub.spawn(self._recheck_streams(here))

    async def _recheck_streams(self, user_ids: list[int]) -> None:
        for user_id in user_ids:
            followed = {name for one in self.of_user(user_id) for name in one.subscriptions.names()}
            for name in followed - await self._readable_now(user_id, followed):
                self.revoke(user_id, name)

    async def _readable_now(self, user_id: int, names: set[str]) -> set[str]:
        """Asked until the database answers: a right that may be gone must not stay because of an error."""
        while True:
            try:
                return await database.run(_readable, user_id, names)
            except DatabaseError as error:
                logger.warning("Could not check what user %s may read; trying again: %s", user_id, error)
                await asyncio.sleep(conf.get("HEAL_INTERVAL_S"))

    def _end(self, session: Session, error: LoggedOut) -> None:
        session.bye(CloseCode.LOGGED_OUT, error)

    # ---- the end of the process

    async def drain(self) -> None:
        """Says goodbye in batches, so that the reconnects are spread; finishes what was begun (G7)."""
        await asyncio.sleep(_LAST_CALLS_S)
        self.draining = True
        percent: int = conf.get("DRAIN_BATCH_PERCENT")
        spread_ms: int = conf.get("DRAIN_SPREAD_MS")
        sessions = list(self._all)
        size = max(1, -(-len(sessions) * percent // 100), 50)
        for start in range(0, len(sessions), size):
            await asyncio.gather(*(self._dismiss(one, spread_ms) for one in sessions[start : start + size]))
            if start + size < len(sessions):
                await asyncio.sleep(1.0)

    async def _dismiss(self, session: Session, spread_ms: int) -> None:
        await session.finish_calls()
        session.bye(CloseCode.DRAINING, Draining(), after_ms=random.randrange(spread_ms))  # noqa: S311


class _AccessFrame(msgspec.Struct):
    name: str
    data: msgspec.Raw


class AccessWatch:
    """Follows `system:access`: what it says is carried out here, and remembered for those just arriving."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._count = 0
        # (count, users) of the latest changes: who authenticated before one of them must look again.
        self._recent: deque[tuple[int, frozenset[int]]] = deque(maxlen=1_000)

    def mark(self) -> int:
        """Take this before reading rights from the database."""
        return self._count

    def changed_since(self, mark: int, user_id: int) -> bool:
        """Whether the user's rights may have changed since `mark`: then read them again."""
        if self._count - mark > len(self._recent):
            return True
        return any(count > mark and user_id in users for count, users in self._recent)

    def deliver(self, batch: Batch, prepared: Prepared) -> None:
        for raw in batch.frames:
            frame = msgspec.json.decode(raw, type=_AccessFrame)
            if frame.name == "access.stream_revoked":
                revoked = msgspec.json.decode(frame.data, type=StreamRevoked)
                self._note(revoked.users)
                for user_id in revoked.users:
                    self._sessions.revoke(user_id, revoked.stream)
            elif frame.name == "access.rights_changed":
                changed = msgspec.json.decode(frame.data, type=RightsChanged)
                self._note(changed.users)
                self._sessions.recheck_streams(changed.users)
            elif frame.name == "access.session_ended":
                ended = msgspec.json.decode(frame.data, type=SessionEnded)
                self._note([ended.user])
                self._sessions.end(ended.user, ended.session, ended.code, ended.message)

    def deliver_transient(self, prepared: Prepared) -> None:
        """Access never ends by a transient event."""

    def reset(self) -> None:
        """Notices were trimmed before they were read: ask the database about everybody."""
        self._sessions.recheck_everybody()

    def _note(self, users: list[int]) -> None:
        self._count += 1
        self._recent.append((self._count, frozenset(users)))


def _readable(user_id: int, names: set[str]) -> set[str]:
    """With a fresh user: Django keeps permissions with the instance."""
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    return set() if user is None else readable_streams(user, names)


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


_sessions: Sessions | None = None


def sessions() -> Sessions:
    """The sessions of the running loop's process, made at the first connection."""
    global _sessions
    current = hub()
    if _sessions is None or _sessions._hub is not current:
        _sessions = Sessions(current)
        on_drain(_sessions.drain)
    return _sessions
