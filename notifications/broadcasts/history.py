"""Who did what with a broadcast, for people to read: acts, fields and values in the language that is active."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

from notifications.audiences import AudienceChoice
from notifications.broadcasts.audit import REFUSED
from notifications.broadcasts.messages import channel_labels
from notifications.broadcasts.submission import SUBMITTED
from notifications.broadcasts.timing import lifetime_text
from notifications.models import AuditEntry, Broadcast, Level, Status

# What the form calls them, as far as they are in it.
_FIELDS = {
    "title": gettext_noop("Title"),
    "text": gettext_noop("Text"),
    "level": gettext_noop("Level"),
    "link": gettext_noop("Link"),
    "image": gettext_noop("Picture"),
    "image_url": gettext_noop("Address of the picture"),
    "translations": gettext_noop("Other languages"),
    "critical": gettext_noop("Critical"),
    "expires_after": gettext_noop("Disappears"),
    "channels": gettext_noop("Channels"),
    "people_per_s": gettext_noop("People per second"),
    "audience_kind": gettext_noop("Who gets it"),
    "group_id": gettext_noop("Group"),
    "room_id": gettext_noop("Room"),
    "segment": gettext_noop("Segment"),
    "joined_since": gettext_noop("Joined since"),
    "users": gettext_noop("People"),
    "people_file": gettext_noop("File of people"),
    "without_group_id": gettext_noop("Leave out a group"),
    "without_users": gettext_noop("Leave out people"),
    "starts_at": gettext_noop("Begins"),
    "time_zone": gettext_noop("Time zone"),
    "repeats": gettext_noop("When"),
    "rule": gettext_noop("Rule"),
    "ends_on": gettext_noop("Last day"),
    "times": gettext_noop("Number of times"),
    "status": gettext_noop("Status"),
}
_REPEATS = {
    "once": gettext_noop("At a time"),
    "cron": gettext_noop("By a cron rule"),
    "rrule": gettext_noop("By a recurrence rule (RRULE)"),
}
_CHOICES = {"level": Level, "status": Status, "audience_kind": AudienceChoice}


@dataclass(frozen=True, slots=True)
class Change:
    """One field."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the audit."""

    at: datetime
    who: str
    what: str
    changes: list[Change]


def history(broadcast: Broadcast) -> list[Act]:
    """The first act first. One query."""
    return [
        Act(
            entry.at,
            entry.actor_name,
            _what(entry),
            [
                Change(
                    gettext(_FIELDS.get(name, name)),
                    _shown(name, before),
                    _shown(name, entry.after.get(name)),
                )
                for name, before in entry.before.items()
            ],
        )
        for entry in broadcast.audit.all()
    ]


def _what(entry: AuditEntry) -> str:
    act, note = gettext(entry.act), entry.note
    if entry.act == REFUSED:
        note = gettext(note)
    elif entry.act == SUBMITTED:
        note = ngettext("To %(number)s person.", "To %(number)s people.", int(note)) % {"number": note}
    return f"{act}: {note}" if note else act


def _shown(name: str, value: Any) -> str:
    """A value of `drafts.described`."""
    if name == "time_zone" and value == "":
        return gettext("Each person's own time zone")
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    match name:
        case "expires_after":
            return lifetime_text(timedelta(seconds=value))
        case "channels":
            labels = channel_labels()
            return ", ".join(labels.get(channel, channel) for channel in value)
        case "translations":
            return "; ".join(
                f"{code}: {', '.join(filter(None, said.values()))}" for code, said in value.items()
            )
        case "repeats":
            return gettext(_REPEATS[value])
        case "level" | "status" | "audience_kind":
            return str(_CHOICES[name](value).label)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
