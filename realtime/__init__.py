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
from realtime.layer import LayerUnavailable
from realtime.online import online_now
from realtime.presence.availability import Availability, availability, availability_changed
from realtime.protocol.frames import Cursor
from realtime.publish import (
    apublish,
    apublish_transient,
    lock_known,
    numbering,
    positions,
    publish,
    publish_many,
    publish_transient,
    trim_log,
)
from realtime.receipts import DeliveryReceipt, receipts_for
from realtime.registry import Call, Context, batch_command, command, event, stream_kind
from realtime.roll_call import online_users
from realtime.seen import SeenMark, on_seen

__all__ = [
    "AccountDisabled",
    "AuthExpired",
    "AuthInvalid",
    "AuthRequired",
    "Availability",
    "Busy",
    "Call",
    "Conflict",
    "Context",
    "Credentials",
    "Cursor",
    "DeliveryReceipt",
    "Forbidden",
    "Identity",
    "Invalid",
    "LayerUnavailable",
    "LimitReached",
    "NotFound",
    "RateLimited",
    "RealtimeError",
    "SeenMark",
    "Struct",
    "Unavailable",
    "apublish",
    "apublish_transient",
    "availability",
    "availability_changed",
    "batch_command",
    "check_client_id",
    "command",
    "end_sessions",
    "event",
    "failpoint",
    "lock_known",
    "numbering",
    "on_seen",
    "once",
    "online_now",
    "online_users",
    "positions",
    "publish",
    "publish_many",
    "publish_transient",
    "receipts_for",
    "recheck_access",
    "revoke_stream",
    "stream_kind",
    "trim_log",
]
