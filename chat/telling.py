"""Notifies people of messages that concern them: mentioned, written to, hearing a word of theirs, following the thread.

A message that does so has a row in Untold, stored with it by `sending` (or by an edit), so that nothing is lost
whatever dies. It falls due a moment later: whoever reads the message meanwhile needs no notification. The tick of the
notifications works the rows off; a row goes in the transaction of its notifications, and `notify` is safe to repeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.conf import numbers
from chat.events import Mentioned as MentionedEvent
from chat.models import (
    GroupMember,
    Member,
    Mention,
    Message,
    Revision,
    Room,
    Untold,
    stream_of,
    user_stream,
)
from chat.moderation.blocks import blocking
from chat.notification_types import (
    DIRECT,
    KEYWORD,
    MENTION,
    DirectMessage,
    KeywordSaid,
    Mentioned,
    excerpt,
    thread_group,
)
from chat.threads.telling import reword_followers, take_back_followers, tell_followers
from notifications.notify import notify, reword
from notifications.recall import recall_keys
from realtime import LayerUnavailable, failpoint, online_now, publish_many

logger = logging.getLogger(__name__)

_FIRST_RETRY_S = 2.0


def put_down(message: Message) -> None:
    """Has the people whom the message concerns told of it, as it is now. In the caller's transaction."""
    due_at = timezone.now() + timedelta(seconds=numbers().tell_after_s)
    Untold.objects.update_or_create(message=message, defaults={"due_at": due_at, "attempts": 0})


def take_back(message: Message) -> None:
    """Takes back what was told of a locked message, and what is still to be told."""
    Untold.objects.filter(message=message).delete()
    if _is_direct(message):
        recall_keys(DIRECT, [_direct_key(message)])
    elif message.room.kind != Room.Kind.DIRECT:
        recall_keys(MENTION, list(_mention_keys(message)))
        recall_keys(KEYWORD, list(_mention_keys(message)))
    if message.root_id is not None:
        take_back_followers(message)


def mention_some(message: Message, kind: Mention.Kind, user_ids: set[int]) -> None:
    """From now on, the @here of a message, or the groups in it, mean these, without those who block its author."""
    user_ids = user_ids - set(blocking(message.author_id, sorted(user_ids)))
    Mention.objects.bulk_create(
        (
            Mention(
                message=message,
                room_id=message.room_id,
                number=message.number,
                thread_id=message.only_in_thread,
                kind=kind,
                user_id=user_id,
            )
            for user_id in sorted(user_ids)
        ),
        ignore_conflicts=True,
    )
    event = MentionedEvent(message.room_id, message.number, message.only_in_thread)
    publish_many([(user_stream(user_id), event) for user_id in sorted(user_ids)])


def anything_due() -> bool:
    return Untold.objects.filter(due_at__lte=timezone.now()).exists()


def tell_some() -> bool:
    """Tells of a few messages; whether more may be due."""
    size = numbers().tell_chunk
    due = list(Untold.objects.filter(due_at__lte=timezone.now()).order_by("due_at")[:size])
    for untold in due:
        try:
            _tell(untold)
        except LayerUnavailable as error:
            logger.warning("Nobody knows who is online, for message %s: %s", untold.pk, error)
            _put_off(untold)
        except Exception:
            logger.exception("The people of message %s could not be notified.", untold.pk)
            _put_off(untold)
    return len(due) == size


def _tell(untold: Untold) -> None:
    """Tells everybody whom the message concerns. What another process holds or has changed is left to the next time."""
    _say_what_it_says_now(untold)
    online = _online(untold)
    with transaction.atomic():
        found = Message.objects.select_for_update(of=("self",), skip_locked=True)
        message = found.select_related("room", "author").filter(pk=untold.pk).first()
        # Behind the message's lock, whoever was quicker has committed.
        if message is None or not Untold.objects.filter(pk=untold.pk, due_at=untold.due_at).delete()[0]:
            return
        told = set[int]()
        if _is_direct(message):
            told = _tell_direct(message)
        elif message.room.kind != Room.Kind.DIRECT:
            told = _tell_mentioned(message, online)
        if message.root_id is not None:
            tell_followers(message, but=told)
        failpoint("told")


def _say_what_it_says_now(untold: Untold) -> None:
    """An edited message is told of anew where it was told of already."""
    message = Message.objects.select_related("room").get(pk=untold.pk)
    if message.edited_at is None or message.deleted_at is not None:
        return
    if _is_direct(message):
        reword(DIRECT, _direct_key(message), _direct_data(message))
    elif message.room.kind != Room.Kind.DIRECT:
        for key in _mention_keys(message):
            reword(MENTION, key, _mention_data(message))
            reword(KEYWORD, key, _keyword_data(message))
    if message.root_id is not None:
        reword_followers(message)


def _is_direct(message: Message) -> bool:
    """Whether it is told as a direct message; one that only a thread shows is told to all of them as a reply."""
    return message.room.kind == Room.Kind.DIRECT and message.only_in_thread is None


def _tell_direct(message: Message) -> set[int]:
    """Returns whom."""
    others = Member.objects.filter(room=message.room).exclude(user=message.author)
    to = set(others.values_list("user_id", flat=True))
    _notify(message, DIRECT, to, _direct_data(message), _direct_key(message))
    return to


def _tell_mentioned(message: Message, online: set[int]) -> set[int]:
    """Returns whom, now or before."""
    mentions = Mention.objects.filter(message=message)
    told = set(mentions.filter(told=True, user__isnull=False).values_list("user_id", flat=True))
    fresh = set(mentions.filter(told=False).values_list("kind", "user_id"))
    others = Member.objects.filter(room=message.room).exclude(user=message.author)
    named = {user_id for kind, user_id in fresh if user_id is not None and kind != Mention.Kind.WORD}
    if (Mention.Kind.HERE, None) in fresh:
        here = set(others.filter(user_id__in=online).values_list("user_id", flat=True))
        mention_some(message, Mention.Kind.HERE, here)
        named |= here
    if (Mention.Kind.GROUP, None) in fresh:
        groups = mentions.filter(kind=Mention.Kind.GROUP, user=None).values("group_id")
        members = GroupMember.objects.filter(group_id__in=groups).values("user_id")
        active = others.filter(user_id__in=members, user__is_active=True)
        grouped = set(active.values_list("user_id", flat=True))
        mention_some(message, Mention.Kind.GROUP, grouped)
        named |= grouped
    everybody = (Mention.Kind.ROOM, None) in fresh
    to = set((others if everybody else others.filter(user_id__in=named)).values_list("user_id", flat=True))
    hearing = {user_id for kind, user_id in fresh if kind == Mention.Kind.WORD}
    to_hear = set(others.filter(user_id__in=hearing).values_list("user_id", flat=True)) if hearing else set()
    mentions.update(told=True)
    *_, key = _mention_keys(message)
    if to - told:
        _notify(message, MENTION, to - told, _mention_data(message), key)
    if to_hear - to - told:
        _notify(message, KEYWORD, to_hear - to - told, _keyword_data(message), key)
    return to | to_hear | told


def _notify(
    message: Message, type: str, to: Iterable[int], data: Mentioned | DirectMessage | KeywordSaid, key: str
) -> None:
    room, thread = stream_of(message.room_id), message.only_in_thread
    group = room if thread is None else thread_group(thread)
    notify(type, to=to, data=data, key=key, actor=message.author, group=group, scope=room)


def _online(untold: Untold) -> set[int]:
    """Who is online in the room of a message that says @here; nobody is asked where it does not."""
    waiting = Mention.objects.filter(message=untold.pk, kind=Mention.Kind.HERE, user=None, told=False)
    room_id = waiting.values_list("room_id", flat=True).first()
    if room_id is None:
        return set()
    return online_now(stream_of(room_id), timeout_s=numbers().online_timeout_s)


def _put_off(untold: Untold) -> None:
    """Tries again later, each time after twice as long; in the end gives up, and says so."""
    attempts = untold.attempts + 1
    if attempts >= numbers().max_tell_attempts:
        logger.error("Nobody is notified of message %s after %s attempts.", untold.pk, attempts)
        Untold.objects.filter(pk=untold.pk, due_at=untold.due_at).delete()
        return
    due_at = timezone.now() + timedelta(seconds=_FIRST_RETRY_S * 2**attempts)
    Untold.objects.filter(pk=untold.pk, due_at=untold.due_at).update(attempts=attempts, due_at=due_at)


def _mention_keys(message: Message) -> Iterator[str]:
    """The keys under which it may have been told, each edit may mention more; the last is that of what comes now."""
    yield f"mention:{message.pk}"
    for edit in range(1, Revision.objects.filter(message=message).count() + 1):
        yield f"mention:{message.pk}:{edit}"


def _direct_key(message: Message) -> str:
    return f"direct:{message.pk}"


def _mention_data(message: Message) -> Mentioned:
    everybody = Mention.objects.filter(
        message=message, kind__in=(Mention.Kind.ROOM, Mention.Kind.HERE)
    ).exists()
    return Mentioned(
        message.room_id,
        message.room.name,
        message.number,
        excerpt(message),
        everybody,
        message.only_in_thread,
    )


def _keyword_data(message: Message) -> KeywordSaid:
    return KeywordSaid(
        message.room_id,
        message.room.name,
        message.number,
        excerpt(message),
        message.only_in_thread,
    )


def _direct_data(message: Message) -> DirectMessage:
    return DirectMessage(message.room_id, message.number, excerpt(message), message.room.member_count - 2)
