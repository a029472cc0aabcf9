"""A reminder as its owner sees it."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Reminder
from notifications.reminders.subject_kinds import Subject
from realtime import Struct


class ReminderItem(Struct, frozen=True):
    """`title` and `link` say what the subject says now; null: it is gone, or its owner may not see it any more."""

    id: int
    about: str
    title: str | None
    link: str | None
    note: str
    due_at: datetime

    @classmethod
    def of(cls, reminder: Reminder, subject: Subject | None) -> ReminderItem:
        return cls(
            id=reminder.pk,
            about=reminder.subject,
            title=subject and subject.title,
            link=subject and subject.link,
            note=reminder.note,
            due_at=reminder.due_at,
        )
