"""What a proof found: as text for people, as JSON for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from realtime.testing.checker import INVARIANTS, Violation, raw_duplicates
from realtime.testing.history import (
    Acked,
    Closed,
    Connected,
    Failed,
    History,
    Probed,
    Received,
    StoredOccurrence,
)


class Percentiles(msgspec.Struct, frozen=True):
    """Of `count` figures; None where there were none."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None

    def text(self, unit: str) -> str:
        if not self.count:
            return "none"
        named = ((name, getattr(self, name)) for name in ("p50", "p95", "p99", "max"))
        return ", ".join(f"{name} {value:.3g} {unit}" for name, value in named) + f" (of {self.count:,})"


def percentiles(figures: Iterable[float]) -> Percentiles:
    """By the nearest rank."""
    ordered = sorted(figures)
    if not ordered:
        return Percentiles(0, None, None, None, None)
    ranks = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99))
    p50, p95, p99 = (round(rank, 4) for rank in ranks)
    return Percentiles(len(ordered), p50, p95, p99, round(ordered[-1], 4))


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`violations` has every invariant, most of them hopefully with none; `resources` before and after."""

    seed: int
    seconds: float
    acknowledged: int
    attempts_failed: int  # sends that had to be tried again
    received: int
    raw_duplicates: int  # before the client drops them by number
    probes: int  # inputs that had to be refused
    occurrences: int  # scheduled broadcasts x those they were for
    faults: dict[str, int]
    deaths_by_themselves: list[str]
    caught_up_s: float | None
    ack_ms: Percentiles
    reconnect_s: Percentiles
    broadcast_late_s: Percentiles
    resources: dict[str, tuple[float, float]]
    violations: dict[str, list[str]]

    @property
    def found(self) -> int:
        """How many violations."""
        return sum(map(len, self.violations.values()))

    def json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    def text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        share = 100 * self.raw_duplicates / max(1, self.received)
        caught_up = "never" if self.caught_up_s is None else f"{self.caught_up_s:.2f} s"
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items())) or "none"
        yield f"seed {self.seed}, {self.seconds:.0f} s"
        yield f"acknowledged        {self.acknowledged:,} ({self.attempts_failed:,} attempts had to be repeated)"
        yield f"received            {self.received:,}, raw duplicates {self.raw_duplicates:,} ({share:.2f} %)"
        yield f"faults              {sum(self.faults.values()):,}: {faults}"
        yield f"died by themselves  {', '.join(self.deaths_by_themselves) or 'none'}"
        yield f"acknowledgement     {self.ack_ms.text('ms')}"
        yield f"reconnect           {self.reconnect_s.text('s')}"
        yield f"broadcasts late     {self.broadcast_late_s.text('s')}"
        yield f"caught up           {caught_up} after the last message"
        yield f"refused             {self.probes:,} wrong inputs"
        for name, (before, after) in self.resources.items():
            yield f"{name:<20}  {before:,.0f} -> {after:,.0f}"
        yield "violations          " + ", ".join(
            f"{name} {len(texts)}" for name, texts in self.violations.items()
        )
        for name, texts in self.violations.items():
            for text in texts[:20]:
                yield f"  {name}: {text}"


def report_of(
    history: History,
    violations: Sequence[Violation],
    *,
    seed: int,
    seconds: float,
    caught_up_s: float | None,
    occurrences: Sequence[StoredOccurrence] = (),
    faults: Mapping[str, int] | None = None,
    deaths_by_themselves: Sequence[str] = (),
    resources: Mapping[str, tuple[float, float]] | None = None,
) -> Report:
    """The figures of a history, with what the rest of the proof found."""
    return Report(
        seed=seed,
        seconds=round(seconds, 1),
        acknowledged=history.acknowledged,
        attempts_failed=sum(1 for _ in history.of(Failed)),
        received=sum(1 for _ in history.of(Received)),
        raw_duplicates=raw_duplicates(history),
        probes=sum(1 for _ in history.of(Probed)),
        occurrences=len(occurrences),
        faults=dict(faults or {}),
        deaths_by_themselves=list(deaths_by_themselves),
        caught_up_s=caught_up_s,
        ack_ms=percentiles(1000 * (ack.at - ack.began_at) for ack in history.of(Acked)),
        reconnect_s=percentiles(_reconnects(history)),
        broadcast_late_s=percentiles(one.late_s for one in occurrences if one.late_s is not None),
        resources=dict(resources or {}),
        violations={name: [one.text for one in violations if one.invariant == name] for name in INVARIANTS},
    )


def _reconnects(history: History) -> Iterator[float]:
    """From the end of each connection to the welcome on the next."""
    gone: dict[str, float] = {}
    for record in history.records:
        if isinstance(record, Closed):
            gone[record.client] = record.at
        elif isinstance(record, Connected) and record.client in gone:
            yield record.at - gone.pop(record.client)
