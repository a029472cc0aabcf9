"""Reads of preferences: of many people for one notice, or all of one person. Query counts are fixed and tested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext

from notifications.broadcasts.schedule import zone_named
from notifications.channels import all_channels
from notifications.conf import Numbers, numbers
from notifications.deliveries.rules import IN_APP
from notifications.errors import UnknownTimeZone
from notifications.models import ChannelChoice, PreferenceState, ScopeChoice
from notifications.preferences.hours import Hours
from notifications.preferences.payloads import (
    Category,
    ChannelInfo,
    ChannelPreference,
    Default,
    Preferences,
    PreferencesPage,
    QuietHours,
    ScopePreference,
)
from notifications.preferences.person import Follow, Frequency, Person, ScopeRule
from notifications.types import all_types, category_label


def people_for(user_ids: Collection[int], *, category: str, scope: str) -> dict[int, Person]:
    """What each of them has chosen about a category and a scope. Two queries, three with a scope."""
    states = {state.user_id: state for state in PreferenceState.objects.filter(user__in=user_ids)}
    choices: dict[int, dict[str, Frequency]] = defaultdict(dict)
    chosen = ChannelChoice.objects.filter(user__in=user_ids, category=category)
    for user_id, channel, frequency in chosen.values_list("user_id", "channel", "frequency"):
        choices[user_id][channel] = Frequency(frequency)
    scopes: dict[int, ScopeRule] = {}
    if scope:
        rules = ScopeChoice.objects.filter(user__in=user_ids, scope=scope)
        for user_id, follow, until in rules.values_list("user_id", "follow", "muted_until"):
            scopes[user_id] = ScopeRule(Follow(follow), until)
    nothing, no_rule, tuned = PreferenceState(), ScopeRule(), numbers()
    usual = _hours_of(nothing, tuned)
    people = {}
    for user_id in user_ids:
        state = states.get(user_id, nothing)
        people[user_id] = Person(
            hours=usual if state is nothing else _hours_of(state, tuned),
            language=state.language or settings.LANGUAGE_CODE,
            muted_until=state.muted_until,
            choices=choices.get(user_id, {}),
            scope=scopes.get(user_id, no_rule),
        )
    return people


def languages_of(user_ids: Collection[int]) -> dict[int, str]:
    """One query."""
    chosen = PreferenceState.objects.filter(user__in=user_ids).values_list("user_id", "language")
    known = dict(chosen)
    return {user_id: known.get(user_id) or settings.LANGUAGE_CODE for user_id in user_ids}


def zones_of(user_ids: Collection[int]) -> dict[int, ZoneInfo]:
    """One query."""
    chosen = PreferenceState.objects.filter(user__in=user_ids).values_list("user_id", "time_zone")
    known = dict(chosen)
    return {user_id: _zone(known.get(user_id, "")) for user_id in user_ids}


def preferences_of(user: Any) -> Preferences:
    """All that the person has chosen. Three queries."""
    state = PreferenceState.objects.filter(user=user).first() or PreferenceState(user=user)
    choices = ChannelChoice.objects.filter(user=user).order_by("category", "channel")
    scopes = ScopeChoice.objects.filter(user=user).order_by("scope")
    quiet = None
    if state.quiet_from is not None and state.quiet_until is not None:
        quiet = QuietHours(f"{state.quiet_from:%H:%M}", f"{state.quiet_until:%H:%M}")
    return Preferences(
        version=state.version,
        time_zone=state.time_zone,
        language=state.language,
        quiet_hours=quiet,
        working_days=sorted(map(int, state.working_days)),
        muted_until=state.muted_until,
        choices=[ChannelPreference(one.category, one.channel, one.frequency) for one in choices],
        scopes=[ScopePreference(one.scope, one.follow, one.muted_until) for one in scopes],
        zone=_zone(state.time_zone).key,
    )


def preferences_page(user: Any) -> PreferencesPage:
    """What a page of settings shows: what can be chosen, what happens without a choice, and the choices."""
    return PreferencesPage(
        categories=categories(),
        channels=[
            ChannelInfo(IN_APP, gettext("In the app"), False),
            *(ChannelInfo(one.name, gettext(one.label), one.digests) for one in all_channels()),
        ],
        default_time_zone=settings.TIME_ZONE,
        default_language=settings.LANGUAGE_CODE,
        languages=dict(settings.LANGUAGES),
        preferences=preferences_of(user),
    )


def categories() -> list[Category]:
    """Those that apps declare, and what happens on each channel where a person chose nothing."""
    used: dict[str, set[str]] = defaultdict(set)
    open_to_choice: dict[str, bool] = defaultdict(bool)
    for declared in all_types():
        used[declared.category].update(declared.channels)
        open_to_choice[declared.category] |= not declared.critical
    names = [IN_APP, *(one.name for one in all_channels())]
    return [
        Category(
            name=category,
            defaults=[
                Default(name, Frequency.INSTANT if name in channels else Frequency.OFF) for name in names
            ],
            fixed=not open_to_choice[category],
            label=category_label(category),
        )
        for category, channels in sorted(used.items())
    ]


def _hours_of(state: PreferenceState, tuned: Numbers) -> Hours:
    quiet = state.quiet_from is not None and state.quiet_until is not None
    return Hours(
        zone=_zone(state.time_zone),
        quiet=(state.quiet_from, state.quiet_until) if quiet else None,  # type: ignore[arg-type]
        working_days=frozenset(map(int, state.working_days)),
        morning=time(tuned.digest_morning_hour),
        evening=time(tuned.digest_evening_hour),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_named(name or settings.TIME_ZONE)
    except UnknownTimeZone:  # the machine's database of zones is not the one it was chosen from
        return zone_named(settings.TIME_ZONE)
