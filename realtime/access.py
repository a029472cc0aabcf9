"""Access that ends: announced on a durable stream of the engine's own, so that no process misses it (G6).

Every hub follows `system:access` like any other stream: a notice that Redis lost is found in the log.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from realtime.publish import publish, publish_many
from realtime.registry import event

ACCESS_STREAM = "system:access"
_USERS_PER_EVENT = 500


@event("access.stream_revoked")
class StreamRevoked(Struct, frozen=True):
    """These users may no longer read this stream."""

    stream: str
    users: list[int]


@event("access.session_ended")
class SessionEnded(Struct, frozen=True):
    """Sockets of this user, or of one of their sessions, close with `code`."""

    user: int
    session: str | None
    code: str


def revoke_stream(stream: str, user_ids: Collection[int]) -> None:
    """Takes `stream` from all sockets of these users, on all processes, once the transaction commits."""
    users = sorted(user_ids)
    publish_many(
        (ACCESS_STREAM, StreamRevoked(stream=stream, users=users[start : start + _USERS_PER_EVENT]))
        for start in range(0, len(users), _USERS_PER_EVENT)
    )


def end_sessions(user_id: int, session: str | None = None, code: str = "logged_out") -> None:
    """Closes the user's sockets (of one session, or all) on all processes, once the transaction commits."""
    publish(ACCESS_STREAM, SessionEnded(user=user_id, session=session, code=code))
