"""Asks the rules about many people at once, and writes the answers down: one Delivery per recipient and channel.

A chunk of people costs the same statements as one of them. Channels that a type does not use, and nobody in the chunk
asked for, get no row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from notifications.channels import Channel, all_channels, known_channel
from notifications.conf import Numbers, numbers
from notifications.deliveries.rules import IN_APP, Facts, Limits, State, Subject, Verdict, Why, decide, wish
from notifications.models import Delivery, Notice
from notifications.preferences.person import Frequency, Person
from notifications.preferences.selectors import people_for
from notifications.types import NotificationType
from realtime import rows


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for a chunk of people: `verdicts` by channel and person."""

    people: Mapping[int, Person]
    verdicts: Mapping[str, Mapping[int, Verdict]]

    def told_in_app(self) -> list[int]:
        """Those whose inbox gets it."""
        verdicts = self.verdicts.get(IN_APP, {})
        return [user_id for user_id, verdict in verdicts.items() if verdict.state is State.SENT]

    def is_due(self) -> bool:
        """Whether a worker has something to send at once."""
        return any(one.why is Why.DUE for verdicts in self.verdicts.values() for one in verdicts.values())


def decide_chunk(
    notice: Notice,
    declared: NotificationType,
    user_ids: Sequence[int],
    channels: Sequence[str] | None = None,
) -> Decided:
    """Decides for a chunk of active people, in the caller's transaction, and leaves what is to be sent to workers.

    `channels` are those to tell it over, whatever people asked for beside; None: the type's own, and those that
    people asked for. Again for the same people is safe: what was decided stays.
    """
    now = timezone.now()
    decided = foresee(notice, declared, user_ids, channels, now=now)
    rows.insert(Delivery, _COLUMNS, list(_rows(notice, decided, now)), if_new=True)
    return decided


def foresee(
    notice: Notice,
    declared: NotificationType,
    user_ids: Sequence[int],
    channels: Sequence[str] | None = None,
    *,
    now: datetime,
) -> Decided:
    """What would be decided, and nothing written: for rehearsals. The notice need not be stored."""
    people = people_for(user_ids, category=declared.category, scope=notice.scope)
    subject = subject_of(notice, declared, channels)
    outside = _outside(people.values(), declared, channels)
    storms = (
        _Storms.of(notice, user_ids, outside, now) if outside and not declared.critical else _Storms({}, {})
    )
    limits = limits_of(numbers())
    verdicts: dict[str, dict[int, Verdict]] = {}
    if channels is None or IN_APP in channels:
        verdicts[IN_APP] = {
            user_id: decide(person, subject, IN_APP, now, facts=Facts(), limits=limits)
            for user_id, person in people.items()
        }
    for channel in outside:
        reached = channel.addresses_of(user_ids)
        verdicts[channel.name] = {
            user_id: decide(
                person,
                subject,
                channel.name,
                now,
                facts=storms.facts(user_id, channel.name, reachable=bool(reached.get(user_id))),
                limits=limits,
            )
            for user_id, person in people.items()
            if channel.name in subject.channels or wish(person, subject, channel.name) is not Frequency.OFF
        }
    return Decided(people, verdicts)


def subject_of(notice: Notice, declared: NotificationType, channels: Sequence[str] | None = None) -> Subject:
    """What the rules ask of a notice and its type."""
    return Subject(
        told_at=notice.created_at,
        expires_at=notice.expires_at,
        critical=declared.critical,
        mention=declared.mention,
        recalled=notice.recalled_at is not None,
        channels=tuple(channels) if channels is not None else declared.channels,
        escalate=declared.escalate,
    )


def limits_of(tuned: Numbers) -> Limits:
    return Limits(
        storm_notices=tuned.storm_notices,
        storm_hold=timedelta(seconds=tuned.storm_hold_s),
        throttle_messages=tuned.throttle_messages,
    )


def _outside(
    people: Iterable[Person], declared: NotificationType, channels: Sequence[str] | None
) -> list[Channel]:
    """The channels out of the app that are asked about. One that no installed app offers is left out."""
    if channels is not None:
        found = [known_channel(name) for name in channels if name != IN_APP]
        return [channel for channel in found if channel is not None]
    asked_for = {
        name for person in people for name, chosen in person.choices.items() if chosen is not Frequency.OFF
    }
    names = (asked_for | set(declared.channels)) - {IN_APP}
    return [channel for channel in all_channels() if channel.name in names]


@dataclass(frozen=True, slots=True)
class _Storms:
    """By person and channel, how many notices of this kind there were just now, and where one waits for the rest."""

    recent: Mapping[tuple[int, str], int]
    waiting: Mapping[tuple[int, str], int]

    @classmethod
    def of(
        cls, notice: Notice, user_ids: Collection[int], outside: Sequence[Channel], now: datetime
    ) -> _Storms:
        """One query."""
        since = now - timedelta(seconds=max(numbers().storm_window_s, numbers().storm_hold_s))
        window = now - timedelta(seconds=numbers().storm_window_s)
        lately = Delivery.objects.filter(
            recipient__in=user_ids,
            decided_at__gt=since,
            channel__in=[channel.name for channel in outside],
            notice__type=notice.type,
            notice__group=notice.group,
        ).exclude(notice=notice.pk)
        counted = lately.values_list("recipient_id", "channel").annotate(
            recent=Count("pk", filter=Q(decided_at__gt=window)),
            waiting=Count("pk", filter=Q(state=State.WAITING, why=Why.STORM)),
        )
        recent, waiting = {}, {}
        for user_id, channel, some, held in counted.order_by():
            recent[user_id, channel], waiting[user_id, channel] = some, held
        return cls(recent, waiting)

    def facts(self, user_id: int, channel: str, *, reachable: bool) -> Facts:
        key = user_id, channel
        return Facts(
            reachable=reachable,
            recent=self.recent.get(key, 0),
            storm_waits=self.waiting.get(key, 0) > 0,
        )


def _rows(notice: Notice, decided: Decided, now: datetime) -> Iterator[rows.Row]:
    for channel, verdicts in decided.verdicts.items():
        for user_id, verdict in verdicts.items():
            sent_at = now if verdict.state is State.SENT else None
            state, why, until = verdict.state, verdict.why, verdict.until
            yield notice.pk, user_id, channel, state, why, now, until, sent_at, 0, "[]", "", ""


_COLUMNS = (
    "notice_id",
    "recipient_id",
    "channel",
    "state",
    "why",
    "decided_at",
    "due_at",
    "sent_at",
    "attempts",
    "settled",
    "reference",
    "error",
)
