"""A broadcast is written once per form, and may be changed as far as it has not been sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from notifications.audiences import Audience, count
from notifications.broadcasts.planning import at_once, begin_plan, bounds
from notifications.broadcasts.progress import UNTOUCHED, broadcast_locked, progress, save_and_tell, settle
from notifications.broadcasts.schedule import Schedule, check_schedule
from notifications.errors import (
    AlreadySent,
    ApprovedAsItIs,
    BroadcastInvalid,
    EditedMeanwhile,
    EmptyAudience,
)
from notifications.models import OPEN, Broadcast, Status
from notifications.nudge import nudge
from realtime import publish

_EDITABLE = (*OPEN, Status.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBroadcast:
    """What an administrator submits. `schedule` None means now."""

    form_key: uuid.UUID
    title: str
    text: str
    level: str
    link: str
    audience: Audience
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What an administrator changes, who has seen that revision; without a schedule it stays as it is."""

    revision: int
    title: str
    text: str
    level: str
    link: str
    schedule: Schedule | None = None


@transaction.atomic
def broadcast_create(new: NewBroadcast, *, created_by: Any) -> Broadcast:
    """Store the broadcast, once per `form_key`: a repetition returns the first one, unchanged.

    Raises EmptyAudience, BroadcastInvalid and, for a series, what `check_schedule` raises. Whoever calls has checked
    `policies.may_send`.
    """
    found = Broadcast.objects.filter(form_key=new.form_key).first()
    if found is not None:
        return found
    total = count(new.audience)
    if not total:
        raise EmptyAudience
    now = timezone.now()
    schedule = new.schedule or at_once(now)
    if schedule.recurs:
        check_schedule(schedule, bounds(), now=now)
    broadcast = _built(new, schedule, created_by=created_by)
    try:
        with transaction.atomic():
            broadcast.save()
    except IntegrityError:
        return Broadcast.objects.get(form_key=new.form_key)
    broadcast.keep_people(new.audience)
    begin_plan(broadcast, schedule, now=now, total=total)
    publish(broadcast.progress_stream, progress(broadcast))
    if new.schedule is None:
        transaction.on_commit(nudge, robust=True)
    return broadcast


@transaction.atomic
def broadcast_edit(broadcast_id: int, edit: Edit) -> Broadcast:
    """Changes what has not been sent yet: who has got it keeps it as it was. The same edit again is safe.

    Raises BroadcastNotFound, EditedMeanwhile, AlreadySent, ApprovedAsItIs, BroadcastInvalid and, for a new schedule,
    what `check_schedule` raises.
    """
    broadcast = broadcast_locked(broadcast_id)
    schedule = edit.schedule or broadcast.schedule
    words = {"title": edit.title, "text": edit.text, "level": edit.level, "link": edit.link}
    if {name: getattr(broadcast, name) for name in words} == words and broadcast.schedule == schedule:
        return broadcast
    if edit.revision != broadcast.revision:
        raise EditedMeanwhile
    waiting = broadcast.occurrences.filter(UNTOUCHED)
    if broadcast.status not in _EDITABLE or not (waiting.exists() or broadcast.plan_at):
        raise AlreadySent
    if broadcast.approvals.filter(granted=True).exists():
        raise ApprovedAsItIs
    for name, value in words.items():
        setattr(broadcast, name, value)
    broadcast.revision += 1
    _check_fields(broadcast)
    if broadcast.schedule != schedule:
        _replan(broadcast, schedule)
    settle(broadcast)
    save_and_tell(broadcast)
    return broadcast


def _replan(broadcast: Broadcast, schedule: Schedule) -> None:
    """Other times in place of those to come; one that has begun in some zone ends as it was."""
    now = timezone.now()
    check_schedule(schedule, bounds(), now=now)
    begun = broadcast.occurrences.exclude(UNTOUCHED | Q(status=Status.SKIPPED)).values("local_time")
    replaced = broadcast.occurrences.filter(UNTOUCHED | Q(status=Status.SKIPPED, due_at__gt=now))
    if not broadcast.recurs and begun.exists():
        raise AlreadySent
    replaced = replaced.exclude(local_time__in=list(begun.values_list("local_time", flat=True)))
    total = replaced.aggregate(most=Max("total"))["most"]
    replaced.delete()
    begin_plan(broadcast, schedule, now=now, total=total or 0)
    transaction.on_commit(nudge, robust=True)


def _built(new: NewBroadcast, schedule: Schedule, *, created_by: Any) -> Broadcast:
    broadcast = Broadcast(
        form_key=new.form_key,
        title=new.title,
        text=new.text,
        level=new.level,
        link=new.link,
        created_by=created_by,
    )
    broadcast.schedule = schedule
    broadcast.address(new.audience)
    _check_fields(broadcast)
    return broadcast


def _check_fields(broadcast: Broadcast) -> None:
    try:
        broadcast.clean_fields(exclude=["created_by", "group"])
    except ValidationError as error:
        raise BroadcastInvalid(" ".join(error.messages), fields=sorted(error.message_dict)) from error
