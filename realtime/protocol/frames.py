"""Every frame of protocol v1, as tagged structs. Inbound frames are decoded and checked by msgspec in one pass.

Durations end in `_ms`. A `seq` counts from 1 within a stream; 0 means "before the first event".
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType, field

PROTOCOL_VERSION = 1


class Cursor(Struct, frozen=True):
    """The last event of a stream that a client applied. `epoch` changes only when a log was recreated."""

    epoch: str
    seq: int


# ---- client to server


class StreamCursor(Struct, frozen=True):
    """A stream with the position to resume from; without a seq the client starts at the head.

    `seq` 0 without an epoch asks for the stream from its beginning.
    """

    stream: str
    epoch: str | None = None
    seq: int | None = None


class Hello(Struct, frozen=True, tag="hello"):
    """First frame of every socket. `token` is for phones and bots; browsers have their session cookie."""

    id: int = 0
    protocol: int = PROTOCOL_VERSION
    token: str | None = None
    device: str | None = None
    streams: list[StreamCursor] = []


class Subscribe(Struct, frozen=True, tag="subscribe"):
    id: int
    stream: str
    epoch: str | None = None
    seq: int | None = None


class Unsubscribe(Struct, frozen=True, tag="unsubscribe"):
    id: int
    stream: str


class CallFrame(Struct, frozen=True, tag="call"):
    """A command. `args` is decoded later, by the command's own struct."""

    id: int
    name: str
    args: Raw = field(default_factory=lambda: Raw(b"{}"))


class Pong(Struct, frozen=True, tag="pong"):
    """Answer to a ping; `seen` is the delivered watermark per stream."""

    id: int = 0
    seen: dict[str, int] = {}


class ClientPing(Struct, frozen=True, tag="ping"):
    id: int = 0


class AuthRefresh(Struct, frozen=True, tag="auth_refresh"):
    id: int
    token: str


ClientFrame = Hello | Subscribe | Unsubscribe | CallFrame | Pong | ClientPing | AuthRefresh


# ---- server to client


class StreamState(Struct, frozen=True):
    """Where a stream stands at subscribe.

    `recovered` stands there if the client gave a cursor; where it is false, the client must fetch a snapshot.
    `error` is the code of why the stream is not followed.
    """

    stream: str
    epoch: str = ""
    head: int = 0
    recovered: bool | UnsetType = UNSET
    error: str | UnsetType = UNSET


class UserView(Struct, frozen=True):
    id: int
    username: str


class Welcome(Struct, frozen=True, tag="welcome"):
    id: int
    protocol: int
    user: UserView
    session: str
    ping_interval_ms: int
    limits: dict[str, int]
    streams: list[StreamState]


class EventFrame(Struct, frozen=True, tag="event"):
    """Documents the frame; on the hot path it is put together from bytes by `codec.event_frame`."""

    stream: str
    name: str
    at: str
    data: Any
    seq: int | UnsetType = UNSET


class Reply(Struct, frozen=True, tag="reply"):
    id: int
    result: Any = None


class ErrorFrame(Struct, frozen=True, tag="error"):
    """`id` is that of the frame it answers, or null where that could not be read."""

    id: int | None
    code: str
    message: str
    retry: bool
    retry_after_ms: int | UnsetType = UNSET
    data: dict[str, Any] | UnsetType = UNSET


class Ping(Struct, frozen=True, tag="ping"):
    id: int


class ServerPong(Struct, frozen=True, tag="pong"):
    id: int


class Lag(Struct, frozen=True, tag="lag"):
    """The client reads too slowly: live events of the stream stop and follow from the log as it catches up."""

    stream: str
    head: int


class SnapshotRequired(Struct, frozen=True, tag="snapshot_required"):
    """The cursor can't be resumed (trimmed, another epoch): fetch a snapshot and subscribe from its cursor."""

    stream: str
    epoch: str
    head: int


class Revoked(Struct, frozen=True, tag="revoked"):
    """The stream is no longer readable by this user; nothing more of it will come."""

    stream: str


class AuthExpiring(Struct, frozen=True, tag="auth_expiring"):
    in_ms: int


class Bye(Struct, frozen=True, tag="bye"):
    """Sent just before a close: why, whether to come back, and after how long."""

    code: str
    retry: bool
    message: str = ""
    after_ms: int = 0


ServerFrame = (
    Welcome
    | EventFrame
    | Reply
    | ErrorFrame
    | Ping
    | ServerPong
    | Lag
    | SnapshotRequired
    | Revoked
    | AuthExpiring
    | Bye
)


class CloseCode:
    """Close codes: 4000-4499 come back, 4500-4999 stop and ask a person."""

    RECONNECT = 4000
    DRAINING = 4001
    SLOW_CONSUMER = 4008
    PING_TIMEOUT = 4009
    AUTH_EXPIRED = 4401
    LOGGED_OUT = 4502
    RATE_LIMITED = 4429
    UNAVAILABLE = 4430
    PROTOCOL_ERROR = 4500
    AUTH_FAILED = 4501
    ACCOUNT_DISABLED = 4503
    LIMIT_REACHED = 4508
    TOO_LARGE = 4509
