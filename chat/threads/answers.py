"""Pages of threads, as the HTTP API answers them."""

from __future__ import annotations

from chat.payloads import Message
from chat.threads.payloads import FollowedThread
from realtime import Struct


class ThreadPage(Struct, frozen=True):
    """A page of a thread's replies, oldest first. `has_more`: there are older ones."""

    root: Message
    items: list[Message]
    has_more: bool
    has_newer: bool
    following: bool
    read_number: int  # the number of the last reply that the user has seen; 0 for none


class ThreadItem(Struct, frozen=True):
    thread: FollowedThread
    root: Message


class ThreadList(Struct, frozen=True):
    """A page of the threads that the user follows: unread ones first, then by their last reply."""

    items: list[ThreadItem]
    has_more: bool
