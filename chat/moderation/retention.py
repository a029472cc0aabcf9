"""Messages that are too old go, room by room, chunk by chunk, and screens are told.

The oldest messages of a room are the ones with the lowest numbers: what goes is everything up to a number, and that
number is all that remains of it. Numbers are never given again; what is gone counts as read; a client that was away
hears of it like of anything else, or, where the room's log was cut too, is told to begin anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat import telling
from chat.conf import numbers
from chat.models import Mention, Message, Room, Upload
from chat.moderation.events import MessagesTrimmed
from chat.previews.services import previews_go_with
from chat.threads.forgetting import threads_go_with
from realtime import publish, trim_log

_PLAN_EVERY_S = 60.0

# What else goes with messages, and no foreign key takes along, of apps beside chat.
_before_deletion: list[Callable[[Sequence[int]], None]] = []
_planned_at_s = -_PLAN_EVERY_S


def register_before_deletion(take_along: Callable[[Sequence[int]], None]) -> None:
    """Has `take_along(message_ids)` called before messages are deleted for good, in the same transaction."""
    if take_along not in _before_deletion:
        _before_deletion.append(take_along)


def anything_old() -> bool:
    """A look into a small index."""
    _plan()
    return _due().exists()


@transaction.atomic
def trim_some() -> bool:
    """Deletes a chunk of one room's old messages; whether more may be left, there or elsewhere."""
    room = _due().select_for_update(skip_locked=True).order_by("trim_at").first()
    if room is None:
        return False
    days = kept_days(room)
    if room.legal_hold or not days:
        room.trim_at = None
        room.save(update_fields=["trim_at"])
        return True
    before = timezone.now() - timedelta(days=days)
    size = numbers().trim_chunk
    oldest = (
        Message.objects.filter(room=room)
        .order_by("number")
        .values_list("pk", "number", "hidden", "created_at")
    )
    chunk = list(oldest[:size])
    # In the order of numbers: an imported message that is younger than its successor keeps that too.
    gone = list(takewhile(lambda one: one[-1] < before, chunk))
    if gone:
        _delete(room, [pk for pk, *_ in gone], gone[-1], before)
    if len(gone) < size:
        room.trim_at = timezone.now() + timedelta(seconds=numbers().trim_every_s)
    room.save(update_fields=["trim_at", "trimmed_number"])
    return True


def kept_days(room: Room) -> int:
    """For how many days the room keeps messages; 0: for ever."""
    return numbers().retention_days if room.retention_days is None else room.retention_days


def _delete(room: Room, ids: Sequence[int], last: tuple[int, int, int, datetime], before: datetime) -> None:
    _, up_to, hidden, _ = last
    told = Message.objects.filter(pk__in=ids)
    if room.kind != Room.Kind.DIRECT:
        told = told.filter(pk__in=Mention.objects.filter(room=room, number__lte=up_to).values("message_id"))
    for message in told.select_related("room"):
        telling.take_back(message)
    for message in Message.objects.filter(pk__in=ids).exclude(previews="[]"):
        previews_go_with(message)
    Upload.objects.filter(message__in=ids).update(forget_at=timezone.now())
    for take_along in _before_deletion:
        take_along(ids)
    threads_go_with(ids, up_to)
    Message.objects.filter(pk__in=ids).delete()
    room.trimmed_number = up_to
    publish(room.stream, MessagesTrimmed(up_to, hidden))
    trim_log(room.stream, before)


def _due() -> QuerySet[Room]:
    return Room.objects.filter(trim_at__lte=timezone.now())


def _plan() -> None:
    """Rooms that follow the installation's number are looked at too, since it may have been set only now."""
    global _planned_at_s
    if not numbers().retention_days or time.monotonic() - _planned_at_s < _PLAN_EVERY_S:
        return
    _planned_at_s = time.monotonic()
    unplanned = Room.objects.filter(retention_days=None, trim_at=None, legal_hold=False)
    unplanned.update(trim_at=timezone.now())
