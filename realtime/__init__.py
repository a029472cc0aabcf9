"""Carillon's engine: streams, events and sockets. Features import these names and nothing deeper."""

from msgspec import Struct

from realtime.access import end_sessions, recheck_access, revoke_stream
from realtime.errors import (
    AccountDisabled,
    AuthExpired,
    AuthInvalid,
    AuthRequired,
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    RateLimited,
    RealtimeError,
    Unavailable,
)
from realtime.failpoints import reach as failpoint
from realtime.idempotency import check_client_id, once
from realtime.identity import Credentials, Identity
from realtime.protocol.frames import Cursor
from realtime.publish import (
    apublish,
    apublish_transient,
    numbering,
    positions,
    publish,
    publish_many,
    publish_transient,
)
from realtime.registry import Call, Context, batch_command, command, event, stream_kind

__all__ = [
    "AccountDisabled",
    "AuthExpired",
    "AuthInvalid",
    "AuthRequired",
    "Busy",
    "Call",
    "Conflict",
    "Context",
    "Credentials",
    "Cursor",
    "Forbidden",
    "Identity",
    "Invalid",
    "LimitReached",
    "NotFound",
    "RateLimited",
    "RealtimeError",
    "Struct",
    "Unavailable",
    "apublish",
    "apublish_transient",
    "batch_command",
    "check_client_id",
    "command",
    "end_sessions",
    "event",
    "failpoint",
    "numbering",
    "once",
    "positions",
    "publish",
    "publish_many",
    "publish_transient",
    "recheck_access",
    "revoke_stream",
    "stream_kind",
]
