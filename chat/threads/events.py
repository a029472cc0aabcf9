"""The events of threads. Replies themselves come as `chat.message_created`, like every message of their room."""

from __future__ import annotations

from chat.threads.payloads import FollowedThread, ThreadInfo
from realtime import Struct, event

# On room:<id> ------------------------------------------------------------------------------------------


@event("chat.thread_changed")
class ThreadChanged(Struct, frozen=True):
    """A reply came or went. An account with a lower version than a known one is old: leave it."""

    root: int
    number: int  # of the root
    thread: ThreadInfo


# On user:<id> ------------------------------------------------------------------------------------------


@event("chat.thread_followed")
class ThreadFollowed(Struct, frozen=True):
    """The user follows this thread now. Replies that came meanwhile on the room's stream are unread besides."""

    thread: FollowedThread


@event("chat.thread_unfollowed")
class ThreadUnfollowed(Struct, frozen=True):
    root: int


@event("chat.thread_read")
class ThreadRead(Struct, frozen=True):
    """The user has seen the thread up to here, on one of their devices."""

    root: int
    room: int
    number: int
