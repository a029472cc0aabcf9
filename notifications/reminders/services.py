"""What a person does with their reminders: set, cancelled, listed, on one device and seen on all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications.conf import NOTE_MAX_CHARS, numbers
from notifications.errors import BadNote, BadReminderTime, ReminderNotFound, SubjectNotFound, TooManyReminders
from notifications.events import ReminderEnded, ReminderSet
from notifications.models import Reminder
from notifications.placing import lock_inboxes, user_stream
from notifications.reminders.item import ReminderItem
from notifications.reminders.subject_kinds import check_subject, visible_subjects
from realtime import once, publish


def reminders_of(user: Any) -> list[ReminderItem]:
    """Those that are still to come, the next one first."""
    reminders = list(Reminder.objects.filter(owner=user).order_by("due_at", "pk"))
    visible = visible_subjects(user, {reminder.subject for reminder in reminders})
    return [ReminderItem.of(reminder, visible.get(reminder.subject)) for reminder in reminders]


def reminder_set(user: Any, *, about: str, at: datetime, note: str, client_id: str) -> ReminderItem:
    """Reminds the user of something they may see, at a time. Raises BadSubject, SubjectNotFound, BadReminderTime,
    BadNote, TooManyReminders, and what `once` raises.
    """
    now = timezone.now()
    if at.tzinfo is None or not now < at <= now + timedelta(days=numbers().max_reminder_days):
        raise BadReminderTime
    if len(note) > NOTE_MAX_CHARS:
        raise BadNote
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.remind",
        result=ReminderItem,
        run=lambda: _set(user, check_subject(about), at, note.strip()),
    )


def reminder_cancel(user: Any, reminder_id: int, *, client_id: str) -> None:
    """Takes a reminder back. Raises ReminderNotFound, and what `once` raises."""
    once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.reminder_cancel",
        result=None,
        run=lambda: _cancel(user, reminder_id),
    )


def _set(user: Any, about: str, at: datetime, note: str) -> ReminderItem:
    lock_inboxes([user.pk])  # one at a time, so that the number below is true
    if Reminder.objects.filter(owner=user).count() >= numbers().max_reminders:
        raise TooManyReminders
    subject = visible_subjects(user, [about]).get(about)
    if subject is None:
        raise SubjectNotFound
    reminder = Reminder.objects.create(owner=user, subject=about, note=note, due_at=at)
    item = ReminderItem.of(reminder, subject)
    publish(user_stream(user.pk), ReminderSet(item))
    return item


@transaction.atomic
def _cancel(user: Any, reminder_id: int) -> None:
    mine = Reminder.objects.select_for_update().filter(owner=user, pk=reminder_id)
    reminder = mine.first() if 0 < reminder_id < 2**63 else None
    if reminder is None:
        raise ReminderNotFound
    publish(user_stream(user.pk), ReminderEnded(reminder.pk, "cancelled"))
    reminder.delete()
