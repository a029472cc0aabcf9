"""The sections of notifications in "export my data": one's inbox, reminders, preferences and devices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.exporting import Row, columns, exported
from notifications.models import (
    ChannelChoice,
    Notification,
    PreferenceState,
    PushDevice,
    Reminder,
    ScopeChoice,
)


def _line(line: Notification) -> Row:
    return {
        "type": line.type,
        **line.content(),
        "created_at": line.created_at,
        "read_at": line.read_at,
        "archived_at": line.archived_at,
        "snoozed_until": line.snoozed_until,
    }


@exported("notifications", row=_line)
def notifications(user: Any) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user)


def _reminder(reminder: Reminder) -> Row:
    return {
        "about": reminder.subject,
        "note": reminder.note,
        "due_at": reminder.due_at,
        "created_at": reminder.created_at,
    }


@exported("reminders", row=_reminder)
def reminders(user: Any) -> QuerySet[Reminder]:
    return Reminder.objects.filter(owner=user)


@exported(
    "preferences",
    row=columns("time_zone", "language", "quiet_from", "quiet_until", "working_days", "muted_until"),
)
def preferences(user: Any) -> QuerySet[PreferenceState]:
    return PreferenceState.objects.filter(user=user)


@exported("channel_choices", row=columns("category", "channel", "frequency"))
def channel_choices(user: Any) -> QuerySet[ChannelChoice]:
    return ChannelChoice.objects.filter(user=user)


@exported("room_rules", row=columns("scope", "follow", "muted_until"))
def room_rules(user: Any) -> QuerySet[ScopeChoice]:
    return ScopeChoice.objects.filter(user=user)


@exported("push_devices", row=columns("channel", "name", "created_at", "last_used_at"))
def push_devices(user: Any) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(user=user)
