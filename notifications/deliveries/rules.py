"""The rules: what becomes of one notice, for one person, on one channel, at one moment. Pure: no database, no clock.

They are asked when `notify()` is called and again right before sending, so that what has changed since counts. What
happened to the notice itself comes first, then the person's wishes, then limits; a critical notice passes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.preferences.person import Follow, Frequency, Person, ScopeRule

IN_APP = "in_app"  # the inbox itself: always there, and no Channel


class State(StrEnum):
    """Where a delivery stands. `WAITING` is due, or will be; `DIGEST` is told with others at the end of its window."""

    WAITING = "waiting"
    DIGEST = "digest"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    FAILED = "failed"


class Why(StrEnum):
    """The reason of a state; `why` says each in a sentence."""

    # Waiting.
    DUE = "due"
    QUIET_HOURS = "quiet_hours"
    WORKING_DAYS = "working_days"
    ESCALATION = "escalation"
    STORM = "storm"
    RETRY = "retry"
    # In a digest.
    DIGEST = "digest"
    # Sent.
    SENT = "sent"
    # Suppressed.
    PREFERENCE = "preference"
    SCOPE = "scope"
    MUTED = "muted"
    SCOPE_MUTED = "scope_muted"
    READ_ALREADY = "read_already"
    NO_DEVICE = "no_device"
    THROTTLED = "throttled"
    COLLAPSED = "collapsed"
    EXPIRED = "expired"
    RECALLED = "recalled"
    DEACTIVATED = "deactivated"
    # Failed.
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`until` is when to look again, for what waits or is in a digest; else None."""

    state: State
    why: Why
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is told, as far as the rules ask. `escalate` says how long a channel waits for the app."""

    told_at: datetime
    expires_at: datetime | None = None
    critical: bool = False
    mention: bool = False
    recalled: bool = False
    channels: tuple[str, ...] = (IN_APP,)
    escalate: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one person and one channel now.

    `recent` counts the notices of this kind within the storm guard's window, `storm_waits` says that one of them
    already stands for those that follow; `sent` counts messages in the throttle's window.
    """

    active: bool = True
    reachable: bool = True
    seen: bool = False
    recent: int = 0
    storm_waits: bool = False
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    storm_notices: int
    storm_hold: timedelta
    throttle_messages: int


def decide(
    person: Person, subject: Subject, channel: str, now: datetime, *, facts: Facts, limits: Limits
) -> Verdict:
    """The verdict on telling `person` of `subject` over `channel` at `now`."""
    past = _over(subject, facts, now)
    if past is not None:
        return _suppressed(past)
    if channel == IN_APP:
        return _in_app(person, subject)
    if not facts.reachable:
        return _suppressed(Why.NO_DEVICE)
    if facts.seen:
        return _suppressed(Why.READ_ALREADY)
    if not subject.critical:
        unwanted = _unwanted(person, subject, channel, now)
        if unwanted is not None:
            return _suppressed(unwanted)
        digest = wish(person, subject, channel).digest
        if digest is not None:
            return Verdict(State.DIGEST, Why.DIGEST, person.hours.digest_due(digest, now))
    escalation = subject.told_at + subject.escalate.get(channel, timedelta())
    if now < escalation:
        return Verdict(State.WAITING, Why.ESCALATION, escalation)
    if not subject.critical:
        restrained = _restrained(person, now, facts, limits)
        if restrained is not None:
            return restrained
    return Verdict(State.WAITING, Why.DUE, now)


def wish(person: Person, subject: Subject, channel: str) -> Frequency:
    """What the person has chosen for the channel, or else what the type does by itself."""
    default = Frequency.INSTANT if channel in subject.channels else Frequency.OFF
    return person.choices.get(channel, default)


def _over(subject: Subject, facts: Facts, now: datetime) -> Why | None:
    if subject.recalled:
        return Why.RECALLED
    if subject.expires_at is not None and subject.expires_at <= now:
        return Why.EXPIRED
    return None if facts.active else Why.DEACTIVATED


def _in_app(person: Person, subject: Subject) -> Verdict:
    """The inbox disturbs nobody: it keeps what mutes and quiet hours hold back."""
    if not subject.critical:
        if wish(person, subject, IN_APP) is Frequency.OFF:
            return _suppressed(Why.PREFERENCE)
        if _out_of_scope(person.scope, subject):
            return _suppressed(Why.SCOPE)
    return Verdict(State.SENT, Why.SENT)


def _unwanted(person: Person, subject: Subject, channel: str, now: datetime) -> Why | None:
    if wish(person, subject, channel) is Frequency.OFF:
        return Why.PREFERENCE
    if _out_of_scope(person.scope, subject):
        return Why.SCOPE
    if _lies_ahead(person.scope.muted_until, now):
        return Why.SCOPE_MUTED
    return Why.MUTED if _lies_ahead(person.muted_until, now) else None


def _out_of_scope(rule: ScopeRule, subject: Subject) -> bool:
    return rule.follow is Follow.NOTHING or (rule.follow is Follow.MENTIONS and not subject.mention)


def _restrained(person: Person, now: datetime, facts: Facts, limits: Limits) -> Verdict | None:
    if facts.recent >= limits.storm_notices:
        if facts.storm_waits:
            return _suppressed(Why.COLLAPSED)
        return Verdict(State.WAITING, Why.STORM, now + limits.storm_hold)
    silence = person.hours.silent_until(now)
    if silence is not None:
        return Verdict(State.WAITING, Why(silence[0]), silence[1])
    return _suppressed(Why.THROTTLED) if facts.sent >= limits.throttle_messages else None


def _lies_ahead(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now < moment


def _suppressed(why: Why) -> Verdict:
    return Verdict(State.SUPPRESSED, why)
