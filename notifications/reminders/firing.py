"""Reminders that fall due: each becomes a notification, in the transaction that takes it out of the table."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from notifications.events import ReminderEnded
from notifications.models import Reminder
from notifications.notification_types import Reminded, RemindedOfNothing
from notifications.notify import notify
from notifications.placing import user_stream
from notifications.reminders.subject_kinds import Subject, visible_subjects
from realtime import publish

logger = logging.getLogger(__name__)


def due_reminders() -> QuerySet[Reminder]:
    return Reminder.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")


@transaction.atomic
def fire_reminder() -> bool:
    """Fires one that is due; whether there was one."""
    reminder = (
        due_reminders().select_for_update(skip_locked=True, of=("self",)).select_related("owner").first()
    )
    if reminder is None:
        return False
    subject = _subject(reminder)
    data: Reminded | RemindedOfNothing
    if subject is not None:
        name, data = "notifications.reminder", Reminded(subject.title, subject.link, reminder.note)
    else:
        name, data = "notifications.reminder_gone", RemindedOfNothing(reminder.note, reminder.created_at)
    notify(name, to=[reminder.owner_id], data=data, key=f"reminder:{reminder.pk}")
    publish(user_stream(reminder.owner_id), ReminderEnded(reminder.pk, "fired"))
    reminder.delete()
    return True


def _subject(reminder: Reminder) -> Subject | None:
    """What its owner may see of it now. A kind that cannot tell must not hold up everybody's reminders."""
    try:
        with transaction.atomic():
            return visible_subjects(reminder.owner, [reminder.subject]).get(reminder.subject)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("What reminder %s is about (%s) could not be asked.", reminder.pk, reminder.subject)
        return None
