"""The commands of threads over the socket. Replies and quotes are sent by `chat.message_send`."""

from __future__ import annotations

from chat.payloads import Sent
from chat.threads import forwarding, services
from chat.threads.payloads import Following, ThreadMark
from realtime import Context, Struct, command


class FollowThread(Struct, frozen=True):
    thread: int  # the id of its root, or of a reply
    client_id: str


class UnfollowThread(Struct, frozen=True):
    thread: int
    client_id: str


class ReadThread(Struct, frozen=True):
    thread: int
    number: int
    client_id: str


class ForwardMessage(Struct, frozen=True):
    message: int
    room: int  # to where
    client_id: str


@command("chat.thread_follow")
def thread_follow(context: Context, args: FollowThread) -> Following:
    return services.thread_follow(user=context.user, thread=args.thread, client_id=args.client_id)


@command("chat.thread_unfollow")
def thread_unfollow(context: Context, args: UnfollowThread) -> Following:
    return services.thread_unfollow(user=context.user, thread=args.thread, client_id=args.client_id)


@command("chat.thread_read")
def thread_read(context: Context, args: ReadThread) -> ThreadMark:
    return services.thread_read(
        user=context.user, thread=args.thread, number=args.number, client_id=args.client_id
    )


@command("chat.message_forward")
def message_forward(context: Context, args: ForwardMessage) -> Sent:
    return forwarding.message_forward(
        user=context.user, message=args.message, room=args.room, client_id=args.client_id
    )
