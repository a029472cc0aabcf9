"""Reads of threads, each with a number of queries that does not depend on how much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chat.conf import numbers
from chat.marks.reading import seen_by
from chat.models import Block, Mention, Message, ThreadReader
from chat.paging import Place, page_of
from chat.threads.answers import ThreadItem, ThreadList, ThreadPage
from chat.threads.errors import BadThreadLimit
from chat.threads.payloads import FollowedThread
from chat.threads.policies import root_for_reading
from chat.threads.showing import SHOWN_WITH, shown

MAX_LISTED = 50
MAX_UNREAD = 2000  # unread replies in all threads that are looked at, the newest


def followed_threads(user_id: int, roots: Collection[int] | None = None) -> list[FollowedThread]:
    """The threads that the user follows (or those of them in `roots`), the last replied to first; up to 300.

    Three queries.
    """
    readers = _followed(user_id)
    if roots is not None:
        readers = readers.filter(thread_id__in=roots)
    return _with_unread(user_id, readers.order_by(*_LATEST)[: numbers().max_threads])


def threads_listed(user_id: int, *, offset: int, limit: int) -> ThreadList:
    """A page of these with their roots, unread ones first. Six queries at most. Raises BadThreadLimit."""
    if not 1 <= limit <= MAX_LISTED or offset < 0:
        raise BadThreadLimit(max=MAX_LISTED)
    most = numbers().max_threads
    waiting = Exists(
        Message.objects.filter(
            root_id=OuterRef("thread_id"), number__gt=OuterRef("read_number"), deleted_at=None
        ).exclude(author_id=user_id)
    )
    readers = list(
        _followed(user_id)
        .annotate(waiting=waiting)
        .order_by("-waiting", *_LATEST)[:most][offset : offset + limit + 1]
    )
    listed = _with_unread(user_id, readers[:limit])
    found = Message.objects.filter(pk__in=[one.root for one in listed]).select_related(*SHOWN_WITH)
    roots = {one.id: one for one in seen_by(user_id, shown(list(found)))}
    return ThreadList(
        [ThreadItem(one, roots[one.root]) for one in listed if one.root in roots],
        has_more=len(readers) > limit,
    )


def thread_page(user_id: int, message_id: int, place: Place, limit: int) -> ThreadPage:
    """A page of the replies in the thread of a message, and its root. Eight queries at most.

    Raises MessageNotFound, BadLimit, BadNumber, BadPlace.
    """
    place.check(limit)
    root = root_for_reading(user_id, message_id)
    replies = Message.objects.filter(root_id=root.pk).select_related(*SHOWN_WITH)
    found = page_of(replies, place, limit)
    reader = ThreadReader.objects.filter(thread_id=root.pk, user_id=user_id).first()
    first, *items = seen_by(user_id, shown([root, *found.rows]))
    return ThreadPage(
        first,
        items,
        has_more=found.has_older,
        has_newer=found.has_newer,
        following=reader is not None and reader.following,
        read_number=0 if reader is None else reader.read_number,
    )


def waits_for(user_id: int, root_id: int) -> bool:
    """Whether somebody has a reply of others to read in a thread. One query."""
    return _unread(user_id, [root_id], only_followed=False).exists()


_LATEST = (F("thread__last_reply_at").desc(nulls_last=True), "-thread_id")


def _followed(user_id: int) -> QuerySet[ThreadReader]:
    """Of rooms that the user is in."""
    mine = ThreadReader.objects.filter(user_id=user_id, following=True)
    return mine.filter(thread__room__members__user_id=user_id).select_related("thread")


def _with_unread(user_id: int, readers: Iterable[ThreadReader]) -> list[FollowedThread]:
    found = list(readers)
    roots = [reader.thread_id for reader in found]
    if not found:
        return []
    replies = _unread(user_id, roots).order_by("-pk").values_list("root_id", "number")
    unread = _by_thread(replies[:MAX_UNREAD])
    means = Q(user_id=user_id) | Q(user=None, kind=Mention.Kind.ROOM)
    mentions = Mention.objects.filter(
        means,
        ~Q(kind=Mention.Kind.WORD),
        thread_id__in=roots,
        thread__readers__user_id=user_id,
        number__gt=F("thread__readers__read_number"),
    )
    blocked = Block.objects.filter(blocker_id=user_id, blocked_id=OuterRef("message__author_id"))
    mentions = mentions.exclude(Exists(blocked))
    newest = mentions.order_by("-message_id").values_list("thread_id", "number")
    mentioned = _by_thread(newest[:MAX_UNREAD])
    return [
        FollowedThread(
            reader.thread_id,
            reader.thread.room_id,
            reader.thread.number,
            reader.read_number,
            unread[reader.thread_id],
            [number for number in mentioned[reader.thread_id] if number in unread[reader.thread_id]],
        )
        for reader in found
    ]


def _unread(user_id: int, roots: Collection[int], *, only_followed: bool = True) -> QuerySet[Message]:
    following = {"root__readers__following": True} if only_followed else {}
    return Message.objects.filter(
        root_id__in=roots,
        root__readers__user_id=user_id,
        number__gt=F("root__readers__read_number"),
        deleted_at=None,
        **following,
    ).exclude(author_id=user_id)


def _by_thread(newest_first: Iterable[tuple[int | None, int]]) -> dict[int | None, list[int]]:
    """By root, the newest numbers, rising, each once."""
    found: dict[int | None, set[int]] = defaultdict(set)
    most = numbers().max_mentioned
    for root, number in newest_first:
        if len(found[root]) < most:
            found[root].add(number)
    return defaultdict(list, {root: sorted(some) for root, some in found.items()})
