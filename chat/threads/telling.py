"""Notifies those who follow a thread of a reply. Called by `chat.telling`, which says when."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F

from chat.models import Message, ThreadReader, stream_of
from chat.notification_types import excerpt, thread_group
from chat.threads.notification_types import REPLY, ThreadReply
from notifications.notify import notify, reword
from notifications.recall import recall_keys


def tell_followers(reply: Message, *, but: Collection[int]) -> None:
    """Tells who follows its thread, except its author and `but`, who are told otherwise."""
    assert reply.root_id is not None
    followers = ThreadReader.objects.filter(
        thread_id=reply.root_id, thread__room__members__user_id=F("user_id"), following=True
    )
    to = set(followers.values_list("user_id", flat=True)) - {reply.author_id, *but}
    if to:
        notify(
            REPLY,
            to=to,
            data=_data(reply),
            key=_key(reply),
            actor=reply.author,
            group=thread_group(reply.root_id),
            scope=stream_of(reply.room_id),
        )


def reword_followers(reply: Message) -> None:
    """An edited reply is told of anew where it was told of already."""
    reword(REPLY, _key(reply), _data(reply))


def take_back_followers(reply: Message) -> None:
    recall_keys(REPLY, [_key(reply)])


def _key(reply: Message) -> str:
    return f"reply:{reply.pk}"


def _data(reply: Message) -> ThreadReply:
    assert reply.root_id is not None
    return ThreadReply(reply.room_id, reply.room.name, reply.root_id, reply.number, excerpt(reply))
