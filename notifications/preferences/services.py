"""What a person changes of their preferences: on one device, known on all. Each change is one transaction with its
event, which says all that is chosen then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from notifications.broadcasts.schedule import zone_named
from notifications.channels import known_channel
from notifications.conf import numbers
from notifications.deliveries.rules import IN_APP
from notifications.errors import (
    BadFrequency,
    BadMute,
    BadQuietHours,
    BadScope,
    BadWorkingDays,
    TooManyScopes,
    UnknownCategory,
    UnknownChannel,
    UnknownLanguage,
)
from notifications.events import PreferencesChanged
from notifications.models import ChannelChoice, PreferenceState, ScopeChoice
from notifications.placing import user_stream
from notifications.preferences.payloads import Preferences, QuietHours
from notifications.preferences.person import Follow, Frequency
from notifications.preferences.selectors import preferences_of
from notifications.types import all_types
from realtime import once, publish

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_SCOPE = re.compile(r"[a-z][a-z0-9_]{0,29}:[1-9][0-9]{0,17}\Z")


def preference_choose(
    user: Any, *, category: str, channel: str, frequency: str, client_id: str
) -> Preferences:
    """What happens with a category on a channel.

    Raises UnknownCategory, UnknownChannel, BadFrequency, and what `once` raises.
    """
    if not any(declared.category == category for declared in all_types()):
        raise UnknownCategory
    if frequency not in _frequencies(channel):
        raise BadFrequency
    chosen = {"category": category, "channel": channel}

    def change(state: PreferenceState) -> None:
        ChannelChoice.objects.update_or_create(user=user, **chosen, defaults={"frequency": frequency})

    return _once(user, "notifications.preference_choose", client_id, change)


def preference_hours(
    user: Any,
    *,
    time_zone: str,
    language: str,
    quiet_hours: QuietHours | None,
    working_days: Collection[int],
    client_id: str,
) -> Preferences:
    """Zone, language, quiet hours and working days: all of them at once, because they are read together.

    Raises UnknownTimeZone, UnknownLanguage, BadQuietHours, BadWorkingDays, and what `once` raises.
    """
    if time_zone:
        zone_named(time_zone)
    if language and language not in dict(settings.LANGUAGES):
        raise UnknownLanguage
    quiet = _quiet(quiet_hours)
    days = sorted(set(working_days))
    if not days or len(days) != len(working_days) or not set(days) <= set(range(1, 8)):
        raise BadWorkingDays

    def change(state: PreferenceState) -> None:
        state.time_zone, state.language = time_zone, language
        state.quiet_from, state.quiet_until = quiet
        state.working_days = "".join(map(str, days))

    return _once(user, "notifications.preference_hours", client_id, change)


def preference_mute(user: Any, *, until: datetime | None, client_id: str) -> Preferences:
    """Nothing outside the app until then; None ends it. Raises BadMute, and what `once` raises."""
    _check_mute(until)

    return once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.preference_mute",
        result=Preferences,
        run=lambda: mute(user, until=until),
    )


def mute(user: Any, *, until: datetime | None) -> Preferences:
    """As `preference_mute`, as part of a change that the caller makes idempotent."""

    def change(state: PreferenceState) -> None:
        state.muted_until = until

    return _changed(user, change)


def preference_scope(
    user: Any, *, scope: str, follow: str, muted_until: datetime | None, client_id: str
) -> Preferences:
    """How much of a room the person wants to hear, and until when nothing of it outside the app.

    Raises BadScope, BadMute, TooManyScopes, and what `once` raises.
    """
    if not _SCOPE.match(scope) or follow not in set(Follow):
        raise BadScope
    _check_mute(muted_until)

    def change(state: PreferenceState) -> None:
        mine = ScopeChoice.objects.filter(user=user)
        if follow == Follow.ALL and muted_until is None:
            mine.filter(scope=scope).delete()
            return
        if mine.exclude(scope=scope).count() >= numbers().max_scope_choices:
            raise TooManyScopes
        rule = {"follow": follow, "muted_until": muted_until}
        ScopeChoice.objects.update_or_create(user=user, scope=scope, defaults=rule)

    return _once(user, "notifications.preference_scope", client_id, change)


def _once(user: Any, name: str, client_id: str, change: Callable[[PreferenceState], None]) -> Preferences:
    return once(
        user_id=user.pk,
        client_id=client_id,
        name=name,
        result=Preferences,
        run=lambda: _changed(user, change),
    )


def _changed(user: Any, change: Callable[[PreferenceState], None]) -> Preferences:
    PreferenceState.objects.bulk_create([PreferenceState(user=user)], ignore_conflicts=True)
    state = PreferenceState.objects.select_for_update().get(user=user)
    change(state)
    state.version += 1
    state.save()
    preferences = preferences_of(user)
    publish(user_stream(user.pk), PreferencesChanged(preferences))
    return preferences


def _frequencies(channel: str) -> set[str]:
    """What can be chosen on a channel. Raises UnknownChannel."""
    if channel == IN_APP:
        return {Frequency.INSTANT, Frequency.OFF}
    offered = known_channel(channel)
    if offered is None:
        raise UnknownChannel
    return set(Frequency) if offered.digests else {Frequency.INSTANT, Frequency.OFF}


def _quiet(hours: QuietHours | None) -> tuple[time | None, time | None]:
    if hours is None:
        return None, None
    begins, ends = _time(hours.from_), _time(hours.until)
    if begins == ends:
        raise BadQuietHours
    return begins, ends


def _time(text: str) -> time:
    found = _TIME.match(text)
    if found is None:
        raise BadQuietHours
    return time(int(found[1]), int(found[2]))


def _check_mute(until: datetime | None) -> None:
    if until is None:
        return
    now = timezone.now()
    if until.tzinfo is None or not now < until <= now + timedelta(days=numbers().max_mute_days):
        raise BadMute
