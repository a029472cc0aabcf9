"""Who follows a thread and has read it, and its count where replies go and come back.

Each function that a user reaches runs inside the transaction that `once` opens. Replies are written by `sending`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from django.db.models import Max

from accounts.models import User
from chat.errors import BadNumber
from chat.mentions.resolve import means, meant
from chat.models import Message, Thread, ThreadReader, stream_of, user_stream
from chat.payloads import Mention, mentions_loaded
from chat.policies import MAX_ID, room_for_writing, room_locked
from chat.threads import selectors
from chat.threads.events import ThreadChanged, ThreadFollowed, ThreadRead, ThreadUnfollowed
from chat.threads.notification_types import told_in_threads
from chat.threads.payloads import FollowedThread, Following, ThreadMark
from chat.threads.policies import root_for_reading, thread_for_following
from chat.threads.sending import MAX_PARTICIPANTS
from chat.threads.showing import thread_info
from notifications.selectors import has_unread
from notifications.services import notification_read_groups
from realtime import once, publish, publish_many


def thread_follow(*, user: User, thread: int, client_id: str) -> Following:
    """Follows the thread of a message, on all of the user's devices; what is there counts as read.

    Raises MessageNotFound, RoomNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.thread_follow",
        result=Following,
        run=lambda: _follow(user, thread),
    )


def _follow(user: User, message_id: int) -> Following:
    thread = thread_for_following(user.pk, message_id)
    follow(thread, [user.pk], read_number=thread.last_number)
    return Following(thread.pk, following=True)


def thread_unfollow(*, user: User, thread: int, client_id: str) -> Following:
    """Until the user replies there again, or is mentioned. Raises MessageNotFound."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.thread_unfollow",
        result=Following,
        run=lambda: _unfollow(user, thread),
    )


def _unfollow(user: User, message_id: int) -> Following:
    root = root_for_reading(user.pk, message_id)
    followed = ThreadReader.objects.filter(thread_id=root.pk, user=user, following=True)
    if followed.update(following=False):
        publish(user_stream(user.pk), ThreadUnfollowed(root.pk))
    return Following(root.pk, following=False)


def thread_read(*, user: User, thread: int, number: int, client_id: str) -> ThreadMark:
    """Moves the user's read mark in a thread forward, never back; what they were notified of there is read.

    Raises MessageNotFound, RoomNotFound, BadNumber.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.thread_read",
        result=ThreadMark,
        run=lambda: _read(user, thread, number),
    )


def _read(user: User, message_id: int, number: int) -> ThreadMark:
    if not 0 <= number <= MAX_ID:
        raise BadNumber()
    root = root_for_reading(user.pk, message_id)
    thread = Thread.objects.filter(pk=root.pk).first()
    if thread is None:
        return ThreadMark(root.pk, root.room_id, 0)
    number = min(number, thread.last_number)
    known = ThreadReader.objects.filter(thread=thread, user=user)
    if not known.exists():
        room_for_writing(user.pk, root.room_id)  # a reply or a mention of this moment makes one too
        ThreadReader.objects.get_or_create(thread=thread, user=user, defaults={"following": False})
    moved = known.filter(read_number__lt=number).update(read_number=number)
    if moved:
        publish(user_stream(user.pk), ThreadRead(root.pk, root.room_id, number))
    types, group = told_in_threads(root.pk)
    # A reply that was just read may just be told: then the inbox is locked before it is looked at.
    if moved or has_unread(user, types=types, group=group):
        notification_read_groups(
            user, types=types, group=group, unless=lambda: selectors.waits_for(user.pk, root.pk)
        )
    return ThreadMark(root.pk, root.room_id, known.values_list("read_number", flat=True).get())


# For other services, in their transactions ---------------------------------------------------------------


def follow(thread: Thread, user_ids: Collection[int], *, read_number: int) -> None:
    """Has these members follow who do not; what came up to `read_number` counts as read. The room is locked."""
    readers = ThreadReader.objects.filter(thread=thread, user_id__in=user_ids)
    known = {reader.user_id: reader for reader in readers}
    new = [user_id for user_id in user_ids if user_id not in known]
    again = [user_id for user_id, reader in known.items() if not reader.following]
    ThreadReader.objects.bulk_create(
        ThreadReader(thread=thread, user_id=user_id, read_number=read_number) for user_id in new
    )
    readers.filter(user_id__in=again, read_number__lt=read_number).update(read_number=read_number)
    readers.filter(user_id__in=again).update(following=True)
    marks = {user_id: read_number for user_id in new}
    marks |= {user_id: max(read_number, known[user_id].read_number) for user_id in again}
    if marks:
        later = list(thread.replies.filter(number__gt=read_number, deleted_at=None).order_by("number"))
        publish_many(
            (user_stream(user_id), ThreadFollowed(_followed(thread, later, user_id, mark)))
            for user_id, mark in marks.items()
        )


def _followed(thread: Thread, replies: Sequence[Message], user_id: int, read_number: int) -> FollowedThread:
    unread = [one for one in replies if one.number > read_number and one.author_id != user_id]
    mentioned = [
        one.number
        for one in unread
        if one.only_in_thread is not None and means(mentions_loaded(one.mentions), user_id)
    ]
    numbers = [one.number for one in unread]
    return FollowedThread(thread.pk, thread.room_id, thread.number, read_number, numbers, mentioned)


def follow_mentioned(reply: Message, mentions: Sequence[Mention], before: Sequence[Mention]) -> None:
    """Whom an edit mentions, and what it said before did not, follow the thread and have the reply to read."""
    named = set(meant(reply.author_id, mentions)) - set(meant(reply.author_id, before))
    if named:
        room_locked(reply.room_id)
        follow(Thread.objects.get(pk=reply.root_id), named, read_number=reply.number - 1)


def forget_reader(user_id: int, room_id: int) -> None:
    """Of who leaves a room; whoever comes back begins anew."""
    ThreadReader.objects.filter(user_id=user_id, thread__room_id=room_id).delete()


def count_again(reply: Message) -> None:
    """After a reply was deleted or came back. The last lock of its transaction."""
    thread = Thread.objects.select_for_update(of=("self",)).get(pk=reply.root_id)
    replies = thread.replies.filter(deleted_at=None)
    latest = replies.values("author_id").annotate(last=Max("number")).order_by("-last")
    last = replies.order_by("-number").first()
    thread.reply_count = replies.count()
    thread.last_reply_at = None if last is None else last.created_at
    ids = [row["author_id"] for row in latest[:MAX_PARTICIPANTS]]
    thread.participants = msgspec.json.encode(ids).decode()
    thread.version += 1
    thread.save(update_fields=["reply_count", "last_reply_at", "participants", "version"])
    changed = ThreadChanged(thread.pk, thread.number, thread_info(thread))
    publish(stream_of(thread.room_id), changed)
