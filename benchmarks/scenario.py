"""What a scenario is: one sentence, the rows it adds to the table, and a way to measure one subject once.

A scenario that drives sockets uses `Bench.step` and `Bench.search`; any other measures as it likes, with a program of
its own if need be, and returns its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.journal import Figure, Journal, Step
from benchmarks.load import Load, Result, run
from benchmarks.machine import CORES, GENERATOR_CORE, settle
from benchmarks.search import highest
from benchmarks.subjects import Served, Subject

# A generator busier than this, or later than this with a message, measures itself.
MAX_GENERATOR_UTIL = 0.95
MAX_SEND_LAG_SHARE = 0.25
# Other programs that take more of the cores than this spoil a step.
MAX_FOREIGN_UTIL = 0.08
REPEATS = 2
GROWTH = 1.7
REFINED_GROWTH = 1.2
PRECISION = 0.08


@dataclass(frozen=True, slots=True)
class Bar:
    """What ours must reach. With `of`, `least` and `most` are multiples of that subject's value (of its `key`)."""

    text: str
    least: float | None = None
    most: float | None = None
    of: str = ""
    key: str = ""

    def holds(self, value: float, reference: float = 1.0) -> bool:
        return (self.least is None or value >= self.least * reference) and (
            self.most is None or value <= self.most * reference
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a value that the scenario's figures have under `key`."""

    key: str
    title: str
    unit: str
    bars: Sequence[Bar] = ()
    higher_is_better: bool = True


class Scenario(Protocol):
    name: str
    sentence: str
    rows: Sequence[Row]
    subjects: Sequence[str]  # those that can be measured, in the order of measuring
    # Where the peers were measured already: the name of the scenario whose figures they share.
    peers_of: str = ""

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        """The values of one run, by the keys of the rows."""
        ...


@dataclass(slots=True)
class Bench:
    """One run of one scenario on one subject: steps, the search, and the notes of both."""

    journal: Journal
    say: Callable[[str], None]
    scenario: str
    subject: str
    run: int
    quick: bool
    remarks: list[str] = field(default_factory=list)

    def step(self, served: Served, load: Load, *, fails: Callable[[Result], str]) -> tuple[Result, str]:
        """One load. A failed step that other programs spoilt is repeated. The result, and why it failed or ""."""
        for attempt in range(1 + REPEATS):
            settle(served.server_pids)
            result = run(load, core=GENERATOR_CORE)
            failure = fails(result)
            remarks = doubts(result)
            self.journal.add(Step(self.scenario, self.subject, self.run, load.rate, failure, remarks, result))
            self.say(self._line(load, result, failure, remarks))
            if not (failure and FOREIGN in remarks) or attempt == REPEATS or self.quick:
                break
        if failure:
            self.remarks += [remark for remark in remarks if remark not in self.remarks]
        return result, failure

    def search(
        self,
        served: Served,
        load_at: Callable[[float], Load],
        *,
        start: float,
        fails: Callable[[Result], str],
    ) -> tuple[float, Result] | None:
        """The highest rate without a failure and its result; None when there was none."""
        good: dict[float, Result] = {}

        def keeps_up(rate: float) -> bool:
            result, failure = self.step(served, load_at(rate), fails=fails)
            if not failure:
                good[rate] = result
            return not failure

        if self.quick:
            return (start, good[start]) if keeps_up(start) else None
        known = self._known_rate()
        rate = highest(
            keeps_up,
            start=known or start,
            growth=REFINED_GROWTH if known else GROWTH,
            precision=PRECISION,
        )
        return None if rate is None else (rate, good[rate])

    def _known_rate(self) -> float:
        """Where an earlier run of the same ended: a later one begins there."""
        found = [
            line.values["rate"]
            for line in self.journal.lines
            if isinstance(line, Figure)
            and (line.scenario, line.subject) == (self.scenario, self.subject)
            and "rate" in line.values
        ]
        return found[-1] if found else 0.0

    def _line(self, load: Load, result: Result, failure: str, remarks: Sequence[str]) -> str:
        what = f"{load.rate:,.0f}/s" if load.mode == "publish" else f"{load.connections:,} sockets"
        figures = MODES[load.mode](result)
        doubt = f" [{', '.join(remarks)}]" if remarks else ""
        verdict = f"{failure or 'ok'}{doubt}"
        return f"{self.scenario:15} {self.subject:23} run {self.run} {what:>14}: {figures}: {verdict}"


def _published(result: Result) -> str:
    return (
        f"{result.deliveries_per_s:,.0f} deliveries/s, p50 {result.latency_ms.p50:.1f} ms, "
        f"p99 {result.latency_ms.p99:.1f} ms, server {result.server.cpu_util:.0%}"
    )


def _held(result: Result) -> str:
    return (
        f"connected at {result.connect.per_s:,.0f}/s, {result.server.kb_per_connection:.1f} kB each, "
        f"server {result.server.cpu_util:.1%}"
    )


def _returned(result: Result) -> str:
    storm = result.storm
    assert storm is not None
    return f"back in {storm.back_s:.1f} s, caught up in {storm.caught_up_s:.1f} s, {storm.failed} failed attempts"


MODES: dict[str, Callable[[Result], str]] = {
    "publish": _published,
    "idle": _held,
    "connect": _held,
    "storm": _returned,
}


FOREIGN = "other programs were busy"
SATURATED = "the generator was the limit"


def doubts(result: Result) -> list[str]:
    """Why a step says less than it seems to. A step that was good all the same stays good."""
    found = []
    if result.measured_s and result.foreign_cpu_s > MAX_FOREIGN_UTIL * len(CORES) * result.measured_s:
        found.append(FOREIGN)
    late = result.send_lag_ms.p99 > max(5.0, MAX_SEND_LAG_SHARE * result.latency_ms.p99)
    if result.generator_util > MAX_GENERATOR_UTIL or late:
        found.append(SATURATED)
    return found


def unclean(result: Result) -> str:
    """What went wrong besides being slow; "" when nothing did."""
    counts = {
        "lost": result.lost,
        "duplicates": result.duplicates,
        "out of order": result.reordered,
        "in the wrong room": result.wrong_room,
        "refused": result.errors,
        "closed": result.closed,
        "failed to connect": result.connect.failed,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def slower_than(p99_ms: float) -> Callable[[Result], str]:
    """A judge of steps: unclean, or p99 above the bound."""

    def fails(result: Result) -> str:
        wrong = unclean(result)
        if wrong:
            return wrong
        return f"p99 above {p99_ms:.0f} ms" if result.latency_ms.p99 > p99_ms else ""

    return fails
