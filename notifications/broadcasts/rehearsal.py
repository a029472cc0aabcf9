"""What would happen if a draft went out: how many get it over which channel now, later or not at all, and why.

It asks the same rules as the sending. Of many people a page looks at the first, and a job at all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from notifications import audiences
from notifications.broadcasts.approval import fingerprint
from notifications.broadcasts.messages import channel_labels, unsent_notice
from notifications.broadcasts.schedule import OWN_ZONE, moved_moment_of
from notifications.broadcasts.work import Rehearse, draft_as_begun
from notifications.conf import numbers
from notifications.deliveries.decide import foresee
from notifications.deliveries.rules import Verdict, Why
from notifications.models import Broadcast, Status
from realtime import Struct
from realtime.jobs import Result, Run, Step, Steps

SAMPLE = 10
_CHUNK = 500
_SUPERSEDED = Result("The draft says something else by now.")

# What a person sees of a reason.
_NOW, _HELD, _OFF, _NO_DEVICE, _LIMITED = "now", "held", "preference", "no_device", "limited"
_SEEN_AS = {
    Why.SENT: _NOW,
    Why.DUE: _NOW,
    Why.QUIET_HOURS: _HELD,
    Why.WORKING_DAYS: _HELD,
    Why.ESCALATION: _HELD,
    Why.STORM: _HELD,
    Why.DIGEST: _HELD,
    Why.PREFERENCE: _OFF,
    Why.SCOPE: _OFF,
    Why.MUTED: _OFF,
    Why.SCOPE_MUTED: _OFF,
    Why.NO_DEVICE: _NO_DEVICE,
}


@dataclass(frozen=True, slots=True)
class ChannelForecast:
    """Of the people looked at, how many get it over one channel now, in a while, or not, and why not."""

    label: str
    now: int
    held: int
    preference: int
    no_device: int
    limited: int


class Counted(Struct, kw_only=True):
    """What was found of the people up to the id `upto`: by channel and reason, by language, by time zone."""

    upto: int = 0
    people: int = 0
    channels: dict[str, dict[str, int]] = {}
    languages: dict[str, int] = {}
    zones: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`people` is exact; the rest is about `looked_at` of them: all, or the first ones.

    `languages` says how many read each; `moments` when they get it, where that is at a time of their own zones.
    """

    people: int
    looked_at: int
    sample: list[str]
    channels: list[ChannelForecast]
    languages: dict[str, int]
    moments: list[tuple[datetime, int]] = field(default_factory=list)


def rehearse(broadcast: Broadcast, *, now: datetime) -> Rehearsal:
    """Looks at up to `rehearse_people` recipients; at all of them where a job has counted them for what it says now."""
    audience = broadcast.audience()
    found, people = audiences.people(audience), audiences.count(audience) or 0
    counted = _counted_before(broadcast)
    if counted is None:
        counted = Counted()
        while found is not None and (left := numbers().rehearse_people - counted.people) > 0:
            if not _count_some(broadcast, found, counted, now=now, most=min(left, _CHUNK)):
                break
    labels = channel_labels()
    return Rehearsal(
        people=people,
        looked_at=counted.people,
        sample=_sample(found),
        channels=[
            _forecast(labels.get(name, name), counted.channels.get(name, {})) for name in broadcast.channels
        ],
        languages=dict(sorted(counted.languages.items(), key=lambda pair: -pair[1])),
        moments=_moments(broadcast, counted.zones),
    )


def rehearse_steps(run: Run) -> Steps:
    """All of them, in a job: what was counted stands in the draft, for as long as it says the same."""
    args: Rehearse = run.args
    draft = Broadcast.objects.filter(pk=args.broadcast, status=Status.DRAFT).first()
    if draft is None or fingerprint(draft) != args.fingerprint:
        return _SUPERSEDED
    found = audiences.people(draft.audience())
    counted = msgspec.convert(run.checkpoint or {}, Counted)
    total = audiences.count(draft.audience()) or 0
    while found is not None and _count_some(draft, found, counted, now=args.at, most=_CHUNK):
        yield Step(done=counted.people, total=total, checkpoint=msgspec.to_builtins(counted))
    with transaction.atomic():
        locked = draft_as_begun(args.broadcast)
        if locked is None or fingerprint(locked) != args.fingerprint:
            return _SUPERSEDED
        locked.rehearsed = {"fingerprint": args.fingerprint, "counted": msgspec.to_builtins(counted)}
        locked.save(update_fields=["rehearsed"])
    return Result(f"{counted.people} people are counted.")


def _counted_before(broadcast: Broadcast) -> Counted | None:
    kept = broadcast.rehearsed
    if kept is None or kept["fingerprint"] != fingerprint(broadcast):
        return None
    return msgspec.convert(kept["counted"], Counted)


def _count_some(
    broadcast: Broadcast, found: QuerySet[Any, int], counted: Counted, *, now: datetime, most: int
) -> bool:
    """Looks at the next people, into `counted`; whether there were any. A fixed number of queries."""
    chunk = list(found.filter(pk__gt=counted.upto)[:most])
    if not chunk:
        return False
    notice, declared = unsent_notice(broadcast, now=now)
    decided = foresee(notice, declared, chunk, broadcast.channels, now=now)
    for channel, verdicts in decided.verdicts.items():
        _add(counted.channels.setdefault(channel, {}), map(_seen_as, verdicts.values()))
    _add(counted.languages, (person.language for person in decided.people.values()))
    _add(counted.zones, (person.hours.zone.key for person in decided.people.values()))
    counted.upto, counted.people = chunk[-1], counted.people + len(chunk)
    return True


def _add(counts: dict[str, int], names: Iterable[str]) -> None:
    for name, number in Counter(names).items():
        counts[name] = counts.get(name, 0) + number


def _sample(found: QuerySet[Any, int] | None) -> list[str]:
    if found is None:
        return []
    people = get_user_model().objects.filter(pk__in=list(found[:SAMPLE])).order_by("pk")
    return list(people.values_list("username", flat=True))


def _seen_as(verdict: Verdict) -> str:
    return _SEEN_AS.get(verdict.why, _LIMITED)


def _forecast(label: str, counts: Mapping[str, int]) -> ChannelForecast:
    return ChannelForecast(
        label, *(counts.get(name, 0) for name in (_NOW, _HELD, _OFF, _NO_DEVICE, _LIMITED))
    )


def _moments(broadcast: Broadcast, zones: Mapping[str, int]) -> list[tuple[datetime, int]]:
    if not broadcast.starts_at or broadcast.time_zone != OWN_ZONE:
        return []
    found: Counter[datetime] = Counter()
    for zone, people in zones.items():
        found[moved_moment_of(broadcast.schedule.start, zone)] += people
    return sorted(found.items())
