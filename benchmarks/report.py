"""The table and the plot, from the raw results: `python -m benchmarks.report var/bench/X.jsonl` puts both into docs.

Several files are one table, each for its scenarios: of a run that was broken off, and of one that measured the rest.
The table is one of Markdown, for a terminal and for `docs/performance.md` alike.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.journal import Line, Machine, figures, read
from benchmarks.machine import BASE
from benchmarks.scenario import Bar, Row, Scenario
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.sockets import SERIES, SOCKETS, Idle

OURS = "ours"
IDLE = next(scenario for scenario in SCENARIOS if isinstance(scenario, Idle))
PAGE = BASE / "docs" / "performance.md"
PLOT = BASE / "docs" / "images" / "cost.svg"
BEGIN, END = "<!-- begin: written by benchmarks.report -->", "<!-- end: written by benchmarks.report -->"


class Found:
    """The figures of one journal, looked up by scenario, subject and key."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._figures = figures(lines)

    def values(self, scenario: Scenario, subject: str, key: str) -> list[float]:
        """One for each run; those of the scenario whose peers this one shares, where it has none itself."""
        for name in (scenario.name, scenario.peers_of):
            found = [
                figure.values[key]
                for figure in self._figures
                if (figure.scenario, figure.subject) == (name, subject) and key in figure.values
            ]
            if found:
                return found
        return []

    def value(self, scenario: Scenario, subject: str, key: str) -> float | None:
        found = self.values(scenario, subject, key)
        return median(found) if found else None

    def remarks(self, scenario: Scenario, subject: str) -> list[str]:
        return sorted(
            {
                remark
                for figure in self._figures
                if (figure.scenario, figure.subject) == (scenario.name, subject)
                for remark in figure.remarks
            }
        )

    def measured(self, scenario: Scenario) -> bool:
        return any(figure.scenario == scenario.name for figure in self._figures)


def table(lines: Sequence[Line]) -> str:
    """Rows are scenarios, columns ours and the peers; in brackets how many times better ours is."""
    found = Found(lines)
    machine = next(line for line in lines if isinstance(line, Machine))
    scenarios = [scenario for scenario in SCENARIOS if found.measured(scenario)]
    peers = [
        name
        for name in machine.titles
        if name != OURS
        and any(found.values(scenario, name, row.key) for scenario in scenarios for row in scenario.rows)
    ]
    head = ["scenario", machine.titles[OURS], *(machine.titles[name] for name in peers), "ours must reach"]
    cells = [
        [
            f"{row.title} ({row.unit})",
            _ours(found, scenario, row),
            *(_peer(found, scenario, row, name) for name in peers),
            "; ".join(bar.text if machine.quick else _verdict(found, scenario, row, bar) for bar in row.bars),
        ]
        for scenario in scenarios
        for row in scenario.rows
    ]
    return _markdown([head, *cells])


def description(lines: Sequence[Line]) -> str:
    """When, where and with what."""
    journals = _by_machine(lines)
    machine, _ = journals[0]
    text = []
    for one, measured in journals:
        text.append(f"{', '.join(measured)}: {_where(one)}" if len(journals) > 1 else _where(one))
        text.append("")
    text += [f"- {machine.titles[name]}: {versions}" for name, versions in machine.versions.items()]
    text += [f"- {machine.titles[name]}: not measured, {why}" for name, why in machine.unavailable.items()]
    found = Found(lines)
    for scenario in SCENARIOS:
        for name in machine.titles:
            remarks = found.remarks(scenario, name)
            if remarks:
                text.append(f"- {scenario.name}, {machine.titles[name]}: {', '.join(remarks)}")
    return "\n".join(text)


def _by_machine(lines: Sequence[Line]) -> list[tuple[Machine, list[str]]]:
    """The first line of each file, and which scenarios come from it."""
    found: list[tuple[Machine, list[str]]] = []
    for line in lines:
        if isinstance(line, Machine):
            found.append((line, []))
        elif line.scenario not in found[-1][1]:
            found[-1][1].append(line.scenario)
    return found


def _where(machine: Machine) -> str:
    shown = machine.machine
    trust = (
        "one tiny step each, which says nothing of speed."
        if machine.quick
        else f"medians of {machine.runs} runs."
    )
    return (
        f"{machine.at}, commit {shown['commit']}, {shown['processor']}, {shown['cores']} cores, "
        f"{shown['memory_gb']} GB, Linux {shown['kernel']}, Python {shown['python']}; {trust}"
    )


def _ours(found: Found, scenario: Scenario, row: Row) -> str:
    values = found.values(scenario, OURS, row.key)
    if not values:
        return "-"
    spread = f" ({_number(min(values))}-{_number(max(values))})" if len(values) > 1 else ""
    return f"**{_number(median(values))}**{spread}"


def _peer(found: Found, scenario: Scenario, row: Row, name: str) -> str:
    theirs, ours = found.value(scenario, name, row.key), found.value(scenario, OURS, row.key)
    if theirs is None:
        return "-"
    if not theirs or not ours:
        return _number(theirs)
    times = ours / theirs if row.higher_is_better else theirs / ours
    return f"{_number(theirs)} (x {times:.3g})"


def _verdict(found: Found, scenario: Scenario, row: Row, bar: Bar) -> str:
    ours = found.value(scenario, OURS, row.key)
    reference = found.value(scenario, bar.of, bar.key or row.key) if bar.of else 1.0
    if ours is None or reference is None:
        return f"{bar.text}: not measured"
    passed = "pass" if bar.holds(ours, reference) else "MISSED"
    return f"{bar.text}: {passed}" + (f" ({ours / reference:.2f})" if bar.of and reference else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def plot(lines: Sequence[Line], path: Path) -> None:
    """Draws what an idle socket costs as their number grows, where that was measured."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure as Drawing

    found = Found(lines)
    titles = next(line for line in lines if isinstance(line, Machine)).titles
    # The same results give the same file, and its words stay words.
    rcParams.update({"svg.hashsalt": "carillon", "svg.fonttype": "none", "font.size": 9})
    drawing = Drawing(figsize=(9, 3.4), layout="constrained")
    panels = [("kb", "kB per socket"), ("cpu_percent", "% of a core, all together")]
    for axes, (key, label) in zip(drawing.subplots(1, len(panels)), panels, strict=True):
        for name, title in titles.items():
            points = [
                (sockets, found.value(IDLE, name, f"{key}_{sockets}")) for sockets in (*SERIES, SOCKETS)
            ]
            known = [(sockets, value) for sockets, value in points if value is not None]
            if known:
                axes.plot(*zip(*known, strict=True), marker="o", label=title)
        axes.set(xlabel="idle sockets", ylabel=label, xlim=(0, 1.05 * SOCKETS), ylim=(0, None))
        axes.grid(alpha=0.3)
    drawing.axes[0].legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path, metadata={"Date": None})


def write_page(*paths: Path) -> None:
    """Puts the results of the files between the markers of the page, and the plot beside its images."""
    lines = read(*paths)
    parts = [table(lines), description(lines)]
    if Found(lines).measured(IDLE):
        plot(lines, PLOT)
        parts.insert(1, f"![What idle sockets cost as their number grows](images/{PLOT.name})")
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text("\n\n".join([f"{before}{BEGIN}", *parts, f"{END}{after}"]))


if __name__ == "__main__":
    write_page(*map(Path, sys.argv[1:]))
