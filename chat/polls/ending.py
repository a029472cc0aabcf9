"""Ends polls whose time is over."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.conf import numbers
from chat.models import Message, Poll
from chat.polls.services import end_poll


def anything_due() -> bool:
    return _due().exists()


def end_some() -> bool:
    """Ends a few polls; whether more may be due."""
    size = numbers().poll_chunk
    ids = list(_due().order_by("ends_at").values_list("pk", flat=True)[:size])
    for message_id in ids:
        _end(message_id)
    return len(ids) == size


def _due() -> QuerySet[Poll]:
    return Poll.objects.filter(ends_at__lte=timezone.now(), closed_at=None)


@transaction.atomic
def _end(message_id: int) -> None:
    """What another process holds is left to it, or to the next time."""
    found = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id)
    message = found.first()
    poll = _due().filter(pk=message_id).first() if message else None
    if message is not None and poll is not None:
        end_poll(message, poll)
