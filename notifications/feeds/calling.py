"""Asks feeds, once per window, and tells what they answer.

    (window begins) --> waiting --claim--> (due again when the lease has run out) --> told | nothing | waiting | failed

Any number of workers may do so at once. No transaction is open while we wait for the other side. A worker that dies
then has told nothing, and another one asks again; what it tells commits together with the end of the call. Windows
that passed while nobody was working are left out: what they would have told is old.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from notifications.channels import outbound
from notifications.conf import numbers
from notifications.errors import BadEndpoint
from notifications.feeds.configuration import BadFeed, Feed, feeds
from notifications.models import FeedCall, FeedState
from notifications.notification_types import FeedAnswer
from notifications.notify import MAX_KEY_CHARS, notify
from realtime import RealtimeError

logger = logging.getLogger(__name__)

MAX_ERROR_CHARS = 300


class _NoAnswer(Exception):
    """The feed gave nothing that can be told; the message says what came instead."""


def anything_due() -> bool:
    """Whether a window has begun that nobody opened, or a call is due. Nothing where there are no feeds, else two
    look-ups.
    """
    now = timezone.now()
    windows = _windows(now)
    if not windows:
        return False
    opened = FeedCall.objects.filter(feed__in=windows, window__gte=min(windows.values()))
    known = set(opened.values_list("feed", "window"))
    return any(window not in known for window in windows.items()) or _due(now).exists()


def call_due() -> None:
    """Opens the windows that have begun, and makes every call that is due."""
    now = timezone.now()
    FeedCall.objects.bulk_create(
        (FeedCall(feed=name, window=window, due_at=now) for name, window in _windows(now).items()),
        ignore_conflicts=True,
    )
    while call := _claim_due():
        _make(call)


def feeds_in_trouble() -> list[FeedCall]:
    """The last call of each feed, where it failed: what an operator should look at. One query per feed."""
    found = (FeedCall.objects.filter(feed=feed.name, finished_at__isnull=False).first() for feed in feeds())
    return [call for call in found if call is not None and call.state == FeedState.FAILED]


def trim_calls() -> None:
    """Deletes those that are older than notices are kept."""
    before = timezone.now() - timedelta(days=numbers().keep_days)
    FeedCall.objects.filter(window__lt=before).delete()


def _windows(now: datetime) -> dict[str, datetime]:
    """By the names of the feeds, when their present windows began."""
    return {feed.name: feed.window_at(now) for feed in feeds()}


def _due(now: datetime) -> QuerySet[FeedCall]:
    return FeedCall.objects.filter(state=FeedState.WAITING, due_at__lte=now)


def _claim_due() -> FeedCall | None:
    """The next one, as ours until the lease runs out."""
    now = timezone.now()
    for call_id in _due(now).order_by("due_at", "pk").values_list("pk", flat=True)[: numbers().claim_batch]:
        claim = uuid.uuid4()
        lease_ends_at = now + timedelta(seconds=numbers().feed_lease_s)
        # On every database one of many callers changes the row, the others change none.
        mine = _due(now).filter(pk=call_id)
        if mine.update(claim=claim, due_at=lease_ends_at, attempts=F("attempts") + 1):
            return FeedCall.objects.get(pk=call_id)
    return None


def _make(call: FeedCall) -> None:
    feed = next((feed for feed in feeds() if feed.name == call.feed), None)
    if feed is None:
        _finish(call, FeedState.FAILED, "This feed is not configured any more.")
        return
    try:
        answer = _ask(feed)
        _tell(call, feed, answer)
    except (_NoAnswer, BadEndpoint, BadFeed, RealtimeError) as error:
        _fail(call, feed, str(error))
    except Exception as error:  # a template over an answer of an unexpected form may raise anything
        logger.exception("The answer of feed %s cannot be told.", feed.name)
        _fail(call, feed, f"The answer does not fit the templates: {error}")


def _ask(feed: Feed) -> Any:
    """The decoded answer. Raises _NoAnswer and BadEndpoint."""
    try:
        answer = outbound.get(feed.url, {"Accept": "application/json", **feed.headers})
    except outbound.Unreachable as error:
        raise _NoAnswer(str(error)) from error
    if 300 <= answer.status < 400:
        raise _NoAnswer(
            f"It answered {answer.status}: redirects are not followed, configure where it leads to."
        )
    if not answer.ok:
        raise _NoAnswer(f"It answered {answer.status}.")
    if len(answer.body) >= numbers().max_answer_bytes:
        raise _NoAnswer(f"The answer is longer than {numbers().max_answer_bytes} bytes.")
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _NoAnswer(f"The answer is not JSON: {error}.") from None


def _tell(call: FeedCall, feed: Feed, answer: Any) -> None:
    words = feed.words(answer)
    with transaction.atomic():
        mine = _mine(call).select_for_update().first()
        if mine is None:
            return
        if not words["title"]:
            _end(mine, FeedState.NOTHING)
            return
        key = f"{feed.name}:{words['key'] or call.window.isoformat()}"[:MAX_KEY_CHARS]
        data = FeedAnswer(words["title"], words["text"], words["link"])
        audience = feed.audience()
        told = notify("notifications.feed", to=audience, data=data, key=key)
        mine.notice_id = told.notice
        _end(mine, FeedState.TOLD if told.created else FeedState.NOTHING)


def _fail(call: FeedCall, feed: Feed, error: str) -> None:
    """Again after a while that doubles, as long as the window lasts."""
    logger.warning("Feed %s: %s", feed.name, error)
    limits = numbers()
    due_at = timezone.now() + timedelta(seconds=limits.feed_retry_s * 2 ** (call.attempts - 1))
    if call.attempts >= limits.feed_attempts or due_at >= call.window + feed.every:
        _finish(call, FeedState.FAILED, error)
    else:
        _mine(call).update(due_at=due_at, error=error[:MAX_ERROR_CHARS], claim=None)


def _finish(call: FeedCall, state: FeedState, error: str = "") -> None:
    _mine(call).update(state=state, error=error[:MAX_ERROR_CHARS], finished_at=timezone.now(), claim=None)


def _end(call: FeedCall, state: FeedState) -> None:
    call.state, call.error, call.finished_at, call.claim = state, "", timezone.now(), None
    call.save()


def _mine(call: FeedCall) -> QuerySet[FeedCall]:
    """The row, unless its lease has run out and it is another worker's."""
    return FeedCall.objects.filter(pk=call.pk, claim=call.claim, state=FeedState.WAITING)
