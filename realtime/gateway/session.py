"""One client's session: what it may send now, who it is, which streams it follows, when it must end."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from realtime import conf, database, metrics
from realtime.errors import (
    AuthExpired,
    AuthInvalid,
    AuthRequired,
    Invalid,
    LimitReached,
    RateLimited,
    RealtimeError,
    Unavailable,
)
from realtime.fan_out import Prepared
from realtime.gateway.admission import come_back_after_ms
from realtime.gateway.commands import Calls, expected
from realtime.gateway.connection import Connection
from realtime.gateway.handshake import Arrival
from realtime.gateway.subscriptions import Subscriptions, check_cursor, is_ahead
from realtime.hub import Hub, LocalStream
from realtime.identity import Credentials, Identity, authentication
from realtime.limits import TokenBucket
from realtime.protocol import codec
from realtime.protocol.frames import (
    PROTOCOL_VERSION,
    AuthExpiring,
    AuthRefresh,
    Bye,
    CallFrame,
    ClientFrame,
    ClientPing,
    CloseCode,
    Hello,
    Ping,
    Pong,
    Reply,
    Revoked,
    ServerPong,
    StreamCursor,
    StreamState,
    Subscribe,
    Unsubscribe,
    UserView,
    Welcome,
)
from realtime.protocol.session import SessionState
from realtime.protocol.streams import check_stream
from realtime.registry import Context, UnknownStream, readable_streams, registry

if TYPE_CHECKING:
    from realtime.gateway.sessions import Sessions

logger = logging.getLogger(__name__)

_EXPIRY_NOTICE_S = 60.0
_LAST_WORDS_S = 3.0
_TAKEN_IN_PASSING = ('{"type":"call"', '{"type":"pong"')


class TooLarge(Invalid):
    code = "too_large"
    message = "The frame is too large."


class UnsupportedData(Invalid):
    code = "unsupported_data"
    message = "Binary frames are not understood: send JSON as text."


class SessionOver(Unavailable):
    code = "session_over"
    message = "This session ended meanwhile. Connect again."


class SlowConsumer(Unavailable):
    code = "slow_consumer"
    message = "This client reads too slowly. Connect again and go on from where it stands."


class AlreadySubscribed(Invalid):
    code = "already_subscribed"
    message = "This socket follows that stream already; unsubscribe first to change the cursor."


class Session:
    """The gateway's side of one connection. All methods run on the event loop."""

    def __init__(self, connection: Connection, arrival: Arrival, sessions: Sessions, hub: Hub) -> None:
        now = time.monotonic()
        self.connection = connection
        self.identity: Identity | None = None
        self.context: Context | None = None
        self.soft_buffer_bytes: int = conf.get("SOFT_BUFFER_BYTES")
        self.hard_buffer_bytes: int = conf.get("HARD_BUFFER_BYTES")
        self.subscriptions = Subscriptions(self, hub)
        # Nobody has touched this device for a while.
        self.idle = False
        self.due = now + conf.get("HELLO_TIMEOUT_S")
        # True until it said who it is.
        self.stranger = True
        self._arrival = arrival
        self._sessions = sessions
        self._hub = hub
        self._state = SessionState()
        self._calls: Calls | None = None
        self._at_work = False  # with a frame that waits for something: those behind it wait, too
        self._frames = TokenBucket(per_s=conf.get("FRAMES_PER_S"), burst=conf.get("FRAMES_BURST"), now=now)
        self._heard_at = now
        self._next_ping = now + conf.get("PING_INTERVAL_S")
        self._pong_due: float | None = None
        self._ends_at = now + conf.get("SOCKET_LIFETIME_S") * random.uniform(1.0, 1.4)  # noqa: S311
        self._expiry_told = False

    @property
    def user_id(self) -> int:
        return self._identity().user_id

    @property
    def address(self) -> str | None:
        """What the connection counts for."""
        return self._arrival.address

    @property
    def problem(self) -> AuthInvalid | None:
        """What was wrong at the door, to be told in band."""
        return self._arrival.problem

    # ---- in

    def heard(self, text: str) -> bool:
        """Takes calls and pongs in passing, which is nearly all that a client sends: it spares a queue, a task's turn
        and one of the loop. False leaves `text` to `received`: what is not usual, and what has to wait its turn.
        """
        if self._at_work or not self._state.is_open or not text.startswith(_TAKEN_IN_PASSING):
            return False
        try:
            frame = self._decode(text)
        except RealtimeError:
            return False
        if isinstance(frame, CallFrame) and self._calls is not None and self._calls.full:
            return False
        now = time.monotonic()
        if not isinstance(frame, (CallFrame, Pong)) or not self._frames.take(now):
            return False
        self._heard_at = now
        try:
            if isinstance(frame, Pong):
                self._pong(frame)
            else:
                self._call(frame)
        except Exception as error:  # as in `received`
            self._failed(frame.id, error)
        return True

    async def received(self, message: dict[str, Any]) -> None:
        """One inbound WebSocket message. Never raises: every error is answered on the socket."""
        if self._state.is_closing:
            return
        now = self._heard_at = time.monotonic()
        if not self._frames.take(now):
            self.bye(CloseCode.RATE_LIMITED, RateLimited(retry_after_ms=self._frames.wait_ms))
            return
        text = message.get("text")
        frame: ClientFrame | None = None
        self._at_work = True
        try:
            frame = self._decode(text)
            self._state.received(frame)
            await self._handle(frame)
        except Exception as error:  # whatever it is, the connection and the process go on
            self._failed(frame.id if frame is not None else codec.frame_id(text or ""), error)
        finally:
            self._at_work = False

    def _failed(self, id: int | None, error: Exception) -> None:
        self.error(id, expected(error, f"a frame of session {self._name}"))

    def _decode(self, text: str | None) -> ClientFrame:
        if text is None:
            raise UnsupportedData()
        limit = conf.get("MAX_FRAME_BYTES" if self._state.is_open else "MAX_FRAME_BYTES_BEFORE_HELLO")
        size = len(text) if text.isascii() else len(text.encode())
        if size > limit:
            raise TooLarge(f"The frame has {size} bytes; at most {limit} are taken.", max_bytes=limit)
        return codec.decode_client_frame(text)

    async def _handle(self, frame: ClientFrame) -> None:
        match frame:
            case CallFrame():
                if self._calls is not None:
                    await self._calls.room()
                self._call(frame)
            case Pong():
                self._pong(frame)
            case ClientPing():
                self.send(ServerPong(id=frame.id))
            case Subscribe():
                await self._subscribe(frame)
            case Unsubscribe():
                self._unsubscribe(frame)
            case AuthRefresh():
                await self._refresh(frame)
            case Hello():
                await self._hello(frame)

    # ---- hello

    async def _hello(self, frame: Hello) -> None:
        wanted = {check_stream(one.stream): one for one in frame.streams}
        if len(wanted) > conf.get("MAX_STREAMS_PER_SOCKET"):
            raise LimitReached(
                f"A socket follows at most {conf.get('MAX_STREAMS_PER_SOCKET')} streams.",
                code="too_many_streams",
            )
        for one in frame.streams:
            check_cursor(one)
        async with self._sessions.greeting:
            identity, opened = await self._welcomed(frame, wanted)
        try:
            self._check_open()
            self._sessions.make_room_for(identity)
        except RealtimeError:
            self._give_back(opened)
            raise
        # From here to the end in one step of the loop: no event falls between states and subscriptions.
        self._enter(identity)
        states, errors = {}, {}
        for name, stream in opened.items():
            try:
                states[name] = self.subscriptions.state_of(stream, wanted[name])
            except RealtimeError as error:
                errors[name] = error.wire_code
                self._hub.close(stream)
        self._welcome(frame, [*states.values(), *_refused(wanted, states, errors)])
        for name, state in states.items():
            self.subscriptions.attach(opened[name], wanted[name], state)

    async def _welcomed(
        self, frame: Hello, wanted: Mapping[str, StreamCursor]
    ) -> tuple[Identity, dict[str, LocalStream]]:
        """Who it is, and those of the streams that they may read, opened. Raises RealtimeError, DatabaseError."""
        while True:
            self._check_open()
            mark = self._sessions.access.mark()
            identity, readable = await database.run(self._authenticate, frame, list(wanted))
            opened = await self._open(wanted, readable)
            if not self._sessions.access.changed_since(mark, identity.user_id):
                return identity, opened
            self._give_back(opened)

    def _authenticate(self, frame: Hello, streams: list[str]) -> tuple[Identity, set[str]]:
        """In a database thread: who it is, and which of the streams they may read."""
        identity = authenticate(self._arrival.credentials, frame.token)
        return identity, readable_streams(identity.user, streams)

    def _enter(self, identity: Identity) -> None:
        self.identity = identity
        self.context = Context(identity.user_id, identity.user, identity.session, identity.device)
        self._state.welcomed()
        self._sessions.entered(self)
        self._schedule()

    def _welcome(self, frame: Hello, states: list[StreamState]) -> None:
        assert self.identity is not None
        self.send(
            Welcome(
                id=frame.id,
                protocol=PROTOCOL_VERSION,
                user=UserView(self.identity.user_id, self.identity.user.get_username()),
                session=self.identity.session,
                ping_interval_ms=round(conf.get("PING_INTERVAL_S") * 1000),
                limits={
                    "max_frame_bytes": conf.get("MAX_FRAME_BYTES"),
                    "max_streams": conf.get("MAX_STREAMS_PER_SOCKET"),
                    "max_sockets_per_user": conf.get("MAX_SOCKETS_PER_USER"),
                    "max_calls_in_flight": conf.get("MAX_CALLS_IN_FLIGHT"),
                    "calls_per_s": round(conf.get("CALLS_PER_S")),
                    "calls_burst": conf.get("CALLS_BURST"),
                },
                streams=states,
            )
        )

    def _give_back(self, opened: dict[str, LocalStream]) -> None:
        for stream in opened.values():
            self._hub.close(stream)

    def _check_open(self) -> None:
        """Raises SessionOver where the session ended while the database was asked."""
        if self._state.is_closing:
            raise SessionOver()

    async def _open(
        self, wanted: Mapping[str, StreamCursor], names: Collection[str]
    ) -> dict[str, LocalStream]:
        """The local streams, standing at least where the cursors stand, if the log goes so far."""
        opened = await self._hub.open(names)
        try:
            await self._hub.catch_up_with(
                [stream for name, stream in opened.items() if is_ahead(stream, wanted[name])]
            )
        except BaseException:
            self._give_back(opened)
            raise
        return opened

    async def _refresh(self, frame: AuthRefresh) -> None:
        while True:
            mark = self._sessions.access.mark()
            identity = await database.run(authenticate, Credentials(token=frame.token), None)
            if not self._sessions.access.changed_since(mark, identity.user_id):
                break
        self._check_open()
        if self.identity is None or identity.user_id != self.identity.user_id:
            raise AuthInvalid("This token belongs to another user.")
        self._sessions.left(self)
        self._enter(identity)
        self._expiry_told = False
        self.reply(frame.id, None)

    # ---- streams

    async def _subscribe(self, frame: Subscribe) -> None:
        name = check_stream(frame.stream)
        wanted = StreamCursor(stream=name, epoch=frame.epoch, seq=frame.seq)
        check_cursor(wanted)
        if name in self.subscriptions:
            raise AlreadySubscribed()
        if len(self.subscriptions) >= conf.get("MAX_STREAMS_PER_SOCKET"):
            raise LimitReached("This socket follows as many streams as it may.", code="too_many_streams")
        identity = self._identity()
        while True:
            mark = self._sessions.access.mark()
            if name not in await database.run(readable_streams, identity.user, [name]):
                raise UnknownStream()
            stream = (await self._open({name: wanted}, [name]))[name]
            if not self._sessions.access.changed_since(mark, identity.user_id):
                break
            self._hub.close(stream)
        try:
            self._check_open()
            state = self.subscriptions.state_of(stream, wanted)
        except RealtimeError:
            self._hub.close(stream)
            raise
        self.reply(frame.id, state)
        self.subscriptions.attach(stream, wanted, state)

    def _unsubscribe(self, frame: Unsubscribe) -> None:
        self.subscriptions.drop(frame.stream)
        self.reply(frame.id, None)

    def followed(self, name: str) -> None:
        """A stream was attached. Called by Subscriptions, for every way in."""
        self._sessions.presence.entered(name, self._identity().user_id)

    def unfollowed(self, name: str) -> None:
        """A stream was let go. Called by Subscriptions, for every way out."""
        self._sessions.presence.left(name, self._identity().user_id)
        self._sessions.presence.unwatch(name, self)

    def revoke(self, name: str) -> None:
        """Access to the stream has ended: nothing more of it leaves, and the client is told."""
        if self.subscriptions.drop(name):
            self.send(Revoked(stream=name))

    # ---- calls

    def _call(self, frame: CallFrame) -> None:
        """Takes a call, for which there is room. Raises what is wrong with it."""
        assert self.context is not None
        bucket = self._sessions.calls_of(self.context.user_id)
        if not bucket.take(time.monotonic()):
            raise RateLimited(retry_after_ms=bucket.wait_ms)
        if frame.name in self._sessions.presence.calls:
            self.reply(frame.id, self._sessions.presence.call(frame.name, bytes(frame.args), self))
            return
        command = registry.command(frame.name)
        args = codec.decode_args(bytes(frame.args), command.args)
        if self._sessions.draining:
            raise Unavailable("This server is being replaced. Connect again and repeat.", retry_after_ms=500)
        if self._calls is None:
            self._calls = Calls(self._answer, self._sessions.batcher_of)
        self._calls.put(frame.id, command, self.context, args)

    def _answer(self, id: int, result: Any) -> None:
        if isinstance(result, RealtimeError):
            self.error(id, result)
        else:
            self.reply(id, result)

    async def finish_calls(self) -> None:
        """Waits for the calls that were taken."""
        if self._calls is not None:
            await self._calls.finish()

    # ---- out

    def send(self, frame: Any) -> None:
        """Sends one frame to this client alone; cuts a client that has let too much pile up."""
        self._send(Prepared([codec.encode(frame)]))

    def _send(self, prepared: Prepared) -> None:
        connection = self.connection
        if connection.send_at_once(prepared):
            return
        self.is_slow()
        if connection.buffered_bytes > self.hard_buffer_bytes:
            self.give_up()
        else:
            connection.send(prepared)

    def is_slow(self) -> None:
        """Something waits for the client: see that it takes it."""
        if not self._state.is_closing:
            self._sessions.stalls.watch(self)

    def reply(self, id: int, result: Any) -> None:
        self.send(Reply(id=id, result=result))

    def error(self, id: int | None, error: RealtimeError) -> None:
        """Answers with an error; one that ends the session is followed by bye and the close."""
        self.send(codec.error_frame(error, id=id))
        if error.close_code is not None:
            self.bye(error.close_code, error, after_ms=error.retry_after_ms or 0)
        else:
            self._state.greeting_failed()

    def bye(self, code: int, error: RealtimeError, *, after_ms: int = 0) -> None:
        """Says why, whether to come back and after how long; then closes."""
        if self._state.is_closing:
            return
        last = Bye(code=error.wire_code, retry=code < 4500, message=error.sentence, after_ms=after_ms)
        self.connection.send(Prepared([codec.encode(last)]))
        self._closing(code)
        self.connection.close(code, error.wire_code)

    def give_up(self) -> None:
        """Closes on a client that takes too little. It learns why if it reads on at once; else it is cut."""
        if self._state.is_closing:
            return
        logger.info("Gave up session %s: it takes too little of what it is sent.", self._name)
        self.bye(CloseCode.SLOW_CONSUMER, SlowConsumer())
        self._hub.loop.call_later(_LAST_WORDS_S, self.connection.abort)

    def cut(self, code: int, reason: str) -> None:
        """Ends a connection that takes nothing any more."""
        logger.info("Cut session %s: %s", self._name, reason)
        self._closing(code)
        self.connection.abort()

    def _closing(self, code: int) -> None:
        metrics.CLOSES.labels(str(code)).inc()
        self._state.closing()
        self.ended()

    def ended(self) -> None:
        """Lets go of everything; safe to call again."""
        self.subscriptions.drop_all()
        self._sessions.agenda.forget(self)
        self._sessions.stalls.forget(self)
        self._sessions.left(self)

    # ---- time

    def tick(self, now: float) -> None:
        """What is due now: hello, ping, pong, expiry, old age. Called by Sessions when `due` has passed."""
        if self.identity is None:
            self._not_greeted_in_time()
            return
        if self._pong_due is not None and now >= self._pong_due and self._heard_at < self._next_ping:
            self.cut(CloseCode.PING_TIMEOUT, "ping_timeout")
            return
        if now >= self._ends_at:
            self.bye(CloseCode.RECONNECT, Unavailable("This socket has lived long enough.", code="reconnect"))
            return
        if self._expires(now):
            return
        if now >= self._next_ping and self._pong_due is None:
            self._pong_due = now + conf.get("PONG_TIMEOUT_S")
            self._next_ping = now
            self._send(_ping(round(now * 1000)))
        elif self._pong_due is not None and now >= self._pong_due:
            self._rest(now)
        self._schedule()

    def _not_greeted_in_time(self) -> None:
        if self._state.is_greeting:  # it did its part: we are too slow
            self.bye(CloseCode.UNAVAILABLE, Unavailable(), after_ms=come_back_after_ms())
        else:
            self.bye(CloseCode.AUTH_FAILED, AuthRequired("No hello came in time.", code="auth_timeout"))

    def _pong(self, frame: Pong) -> None:
        if frame.seen and len(frame.seen) <= conf.get("MAX_STREAMS_PER_SOCKET"):
            self._confirm(frame.seen)
        if self._pong_due is not None:
            self._rest(time.monotonic())
            self._schedule()
        self.connection.answered(frame.id)

    def _confirm(self, seen: Mapping[str, int]) -> None:
        user_id = self._identity().user_id
        for name, seq in seen.items():
            subscription = self.subscriptions.get(name)
            if subscription is not None and self._sessions.receipts.confirmed(user_id, subscription, seq):
                self._sessions.seen.note(user_id, name, seq)

    def _rest(self, now: float) -> None:
        self._pong_due = None
        self._next_ping = now + conf.get("PING_INTERVAL_S")

    def _expires(self, now: float) -> bool:
        """Tells a token's coming end, and ends the session at it."""
        assert self.identity is not None
        if self.identity.expires_at is None:
            return False
        left_s = self.identity.expires_at - time.time()
        if left_s <= 0:
            self.bye(CloseCode.AUTH_EXPIRED, AuthExpired())
            return True
        if left_s <= _EXPIRY_NOTICE_S and not self._expiry_told:
            self._expiry_told = True
            self.send(AuthExpiring(in_ms=round(left_s * 1000)))
        return False

    def _schedule(self) -> None:
        """The next time at which `tick` has something to do."""
        due = self._next_ping if self._pong_due is None else self._pong_due
        if self._ends_at < due:
            due = self._ends_at
        if self.identity is not None and self.identity.expires_at is not None:
            left_s = self.identity.expires_at - time.time()
            due = min(due, time.monotonic() + (left_s if self._expiry_told else left_s - _EXPIRY_NOTICE_S))
        self.due = due
        if not self._state.is_closing:
            self._sessions.agenda.put(self, due)

    # ---- bits

    def _identity(self) -> Identity:
        assert self.identity is not None
        return self.identity

    @property
    def _name(self) -> str:
        return self.identity.session if self.identity else "(no hello yet)"


@lru_cache(maxsize=1)
def _ping(id: int) -> Prepared:
    """The same for all whose turn it is in one moment."""
    return Prepared([codec.encode(Ping(id=id))])


def authenticate(credentials: Credentials, token: str | None) -> Identity:
    """The identity behind a token, else behind the handshake's token or session cookie. Raises AuthInvalid.

    Runs in a database thread.
    """
    known = authentication()
    if found := token or credentials.token:
        return known.authenticate_token(found)
    if credentials.session_key:
        return known.authenticate_session(credentials.session_key)
    raise AuthRequired()


def _refused(
    wanted: dict[str, StreamCursor], states: dict[str, StreamState], errors: dict[str, str]
) -> list[StreamState]:
    return [
        StreamState(stream=name, recovered=False, error=errors.get(name, UnknownStream.code))
        for name in wanted
        if name not in states
    ]
