"""Polls over the socket."""

from __future__ import annotations

from datetime import datetime

from chat.payloads import Sent
from chat.polls import services
from chat.polls.payloads import Voted
from realtime import Context, Struct, command


class CreatePoll(Struct, frozen=True):
    """A message with answers to choose from: 2 to 10. Without `ends_at` it goes on until somebody ends it."""

    room: int
    question: str
    options: list[str]
    client_id: str
    multiple: bool = False
    anonymous: bool = False
    ends_at: datetime | None = None


class VoteInPoll(Struct, frozen=True):
    """`options` are the places of the answers, from 0, that one chooses from now on."""

    message: int
    options: list[int]
    client_id: str


class ClosePoll(Struct, frozen=True):
    message: int
    client_id: str


@command("chat.poll_create")
def poll_create(context: Context, args: CreatePoll) -> Sent:
    return services.poll_create(
        user=context.user,
        room=args.room,
        question=args.question,
        options=args.options,
        multiple=args.multiple,
        anonymous=args.anonymous,
        ends_at=args.ends_at,
        client_id=args.client_id,
    )


@command("chat.poll_vote")
def poll_vote(context: Context, args: VoteInPoll) -> Voted:
    return services.poll_vote(
        user=context.user, message=args.message, options=args.options, client_id=args.client_id
    )


@command("chat.poll_close")
def poll_close(context: Context, args: ClosePoll) -> Voted:
    return services.poll_close(user=context.user, message=args.message, client_id=args.client_id)
