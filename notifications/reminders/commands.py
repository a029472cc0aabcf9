"""Reminders over the socket."""

from __future__ import annotations

from datetime import datetime

from notifications.reminders.item import ReminderItem
from notifications.reminders.services import reminder_cancel, reminder_set, reminders_of
from realtime import Context, Struct, command


class Remind(Struct, frozen=True):
    about: str
    at: datetime
    client_id: str
    note: str = ""


class CancelReminder(Struct, frozen=True):
    reminder: int
    client_id: str


class ListReminders(Struct, frozen=True):
    pass


class Reminders(Struct, frozen=True):
    """Those that are still to come, the next one first."""

    reminders: list[ReminderItem]


@command("notifications.remind")
def remind(context: Context, args: Remind) -> ReminderItem:
    """Be told again of a message (`message:12`) or a line of the inbox (`notification:n12`) at a time."""
    return reminder_set(context.user, about=args.about, at=args.at, note=args.note, client_id=args.client_id)


@command("notifications.reminder_cancel")
def cancel_reminder(context: Context, args: CancelReminder) -> None:
    """Take a reminder back."""
    reminder_cancel(context.user, args.reminder, client_id=args.client_id)


@command("notifications.reminders")
def list_reminders(context: Context, args: ListReminders) -> Reminders:
    return Reminders(reminders_of(context.user))
