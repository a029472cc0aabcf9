"""Access that ends: announced on a durable stream of the engine's own, so that no process misses it (G6).

Every hub follows `system:access` like any other stream: a notice that Redis lost is found in the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
class SessionEnded(Struct, frozen=True, omit_defaults=True):
    """Sockets of this user, or of one of their sessions, close with `code` and, where there is one, `message`."""

    user: int
    session: str | None
    code: str
    message: str = ""


@event("access.rights_changed")
class RightsChanged(Struct, frozen=True):
    """What these users may read has to be asked again, for every stream that they follow."""

    users: list[int]


def revoke_stream(stream: str, user_ids: Collection[int]) -> None:
    """Takes `stream` from all sockets of these users, on all processes, once the transaction commits."""
    publish_many((ACCESS_STREAM, StreamRevoked(stream=stream, users=users)) for users in _chunks(user_ids))


def recheck_access(user_ids: Collection[int]) -> None:
    """Asks the stream kinds again, on all processes, what these users may read of what they follow.

    For rights that many streams depend on (a permission, a group), once the transaction commits: what they may
    no longer read is revoked. One query per user with open sockets and kind of stream.
    """
    publish_many((ACCESS_STREAM, RightsChanged(users=users)) for users in _chunks(user_ids))


def end_sessions(
    user_id: int, session: str | None = None, code: str = "logged_out", message: str = ""
) -> None:
    """Closes the user's sockets (of one session, or all) on all processes, once the transaction commits.

    `message` is the sentence for whoever sits there; "": the usual one.
    """
    publish(ACCESS_STREAM, SessionEnded(user=user_id, session=session, code=code, message=message))


def _chunks(user_ids: Collection[int]) -> Iterator[list[int]]:
    users = sorted(user_ids)
    for start in range(0, len(users), _USERS_PER_EVENT):
        yield users[start : start + _USERS_PER_EVENT]
