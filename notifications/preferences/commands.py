"""Preferences over the socket. Each answer, like the event on `user:<id>`, is all that is chosen then."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from notifications.preferences.payloads import Preferences, QuietHours
from notifications.preferences.services import (
    preference_choose,
    preference_hours,
    preference_mute,
    preference_scope,
)
from realtime import Context, Struct, command


class Choose(Struct, frozen=True):
    category: str
    channel: str
    frequency: Literal["instant", "hourly", "daily", "end_of_day", "off"]
    client_id: str


class SetHours(Struct, frozen=True):
    time_zone: str
    language: str
    quiet_hours: QuietHours | None
    working_days: list[int]
    client_id: str


class Mute(Struct, frozen=True):
    until: datetime | None
    client_id: str


class SetScope(Struct, frozen=True):
    scope: str
    follow: Literal["all", "mentions", "nothing"]
    muted_until: datetime | None
    client_id: str


@command("notifications.preference_choose")
def choose(context: Context, args: Choose) -> Preferences:
    """Choose what happens with a category on a channel."""
    return preference_choose(
        context.user,
        category=args.category,
        channel=args.channel,
        frequency=args.frequency,
        client_id=args.client_id,
    )


@command("notifications.preference_hours")
def hours(context: Context, args: SetHours) -> Preferences:
    """Set time zone, language, quiet hours and working days."""
    return preference_hours(
        context.user,
        time_zone=args.time_zone,
        language=args.language,
        quiet_hours=args.quiet_hours,
        working_days=args.working_days,
        client_id=args.client_id,
    )


@command("notifications.preference_mute")
def mute(context: Context, args: Mute) -> Preferences:
    """Nothing outside the app until then; null ends it."""
    return preference_mute(context.user, until=args.until, client_id=args.client_id)


@command("notifications.preference_scope")
def scope(context: Context, args: SetScope) -> Preferences:
    """Choose how much of a room to hear, and until when nothing of it outside the app."""
    return preference_scope(
        context.user,
        scope=args.scope,
        follow=args.follow,
        muted_until=args.muted_until,
        client_id=args.client_id,
    )
