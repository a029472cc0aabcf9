"""Sends what is due. A worker passes by what another has in hand; what one that dies had begun is undone."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.conf import numbers
from chat.models import Message, Scheduled, Upload, user_stream
from chat.notification_types import beginning
from chat.scheduled.errors import QuoteGone, ThreadGone
from chat.scheduled.events import ScheduleChanged, ScheduleEnded
from chat.scheduled.notification_types import NOT_SENT, NotSent
from chat.scheduled.payloads import ScheduledMessage
from chat.sending import message_send
from notifications.notify import notify
from realtime import AccountDisabled, RealtimeError, failpoint, publish

logger = logging.getLogger(__name__)

_FIRST_RETRY_S = 2.0


def anything_due() -> bool:
    return _due().exists()


def send_some() -> bool:
    """Sends a few that are due, or says why not; whether more may be due."""
    size = numbers().send_chunk
    ids = list(_due().order_by("due_at", "pk").values_list("pk", flat=True)[:size])
    for scheduled_id in ids:
        try:
            _send(scheduled_id)
        except Exception:
            logger.exception("Scheduled message %s could not be sent.", scheduled_id)
            with transaction.atomic():
                for row in Scheduled.objects.select_for_update().filter(pk=scheduled_id):
                    _put_off(row, "Something went wrong on the server.")
    return len(ids) == size


def _due() -> QuerySet[Scheduled]:
    return Scheduled.objects.filter(due_at__lte=timezone.now())


@transaction.atomic
def _send(scheduled_id: int) -> None:
    """The message, the end of the row and what its author's devices are told of it: all, or nothing."""
    found = _due().select_for_update(skip_locked=True, of=("self",)).filter(pk=scheduled_id)
    row = found.select_related("author").first()
    if row is None:
        return
    # Free for the message, as far as it gets them.
    files = list(row.uploads.order_by("position").values_list("pk", flat=True))
    row.uploads.update(scheduled=None)
    try:
        if not row.author.is_active:
            raise AccountDisabled()
        _check_links(row)
        message_send(
            author=row.author,
            room=row.room_id,
            text=row.text,
            client_id=row.client_id,
            files=files,
            quote=row.quote,
            thread=row.thread,
            also_in_room=row.also_in_room,
        )
    except RealtimeError as error:
        # A moderator may have them now.
        Upload.objects.filter(pk__in=files, held=None).update(scheduled=row)
        if error.retry:
            _put_off(row, error.sentence, wait_ms=error.retry_after_ms)
        else:
            _fail(row, error.sentence)
        return
    publish(user_stream(row.author_id), ScheduleEnded(row.pk, "sent"))
    row.delete()
    failpoint("scheduled")


def _check_links(row: Scheduled) -> None:
    """What it replies to and quotes was there when it was scheduled. A thread goes on without the words of its root."""
    ids = {row.thread, row.quote} - {None}
    there = dict(Message.objects.filter(pk__in=ids).values_list("pk", "deleted_at")) if ids else {}
    if row.thread is not None and row.thread not in there:
        raise ThreadGone()
    if row.quote is not None and there.get(row.quote, row.send_at) is not None:
        raise QuoteGone()


def _put_off(row: Scheduled, reason: str, *, wait_ms: int | None = None) -> None:
    """Tries again when the error says, or later each time, after twice as long; in the end gives up."""
    row.attempts += 1
    if row.attempts >= numbers().max_send_attempts:
        _fail(row, reason)
        return
    wait_s = _FIRST_RETRY_S * 2**row.attempts if wait_ms is None else wait_ms / 1000
    row.due_at = timezone.now() + timedelta(seconds=wait_s)
    row.save(update_fields=["attempts", "due_at"])


def _fail(row: Scheduled, reason: str) -> None:
    """It stays, with its text, for its author, who is told why."""
    row.failure, row.due_at = reason, None
    row.save(update_fields=["failure", "due_at", "attempts"])
    scheduled = ScheduledMessage.of(row)
    publish(user_stream(row.author_id), ScheduleChanged(scheduled))
    # Given another time it may fail again: the time is part of the key.
    key = f"scheduled:{row.pk}:{row.send_at.isoformat()}"
    notify(NOT_SENT, to=[row.author_id], data=NotSent(reason, beginning(row.text, scheduled.files)), key=key)
