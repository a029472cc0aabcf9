"""`python -m benchmarks.run`: measures ours and the peers side by side, prints one table, keeps the raw results.

For each scenario every run goes through all subjects before the next one begins, so that a machine that changes its
mood changes it for all. A bar that is missed is a result; only what broke gives a status other than 0.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, report
from benchmarks.journal import Figure, Journal, Machine
from benchmarks.peers.notifications_hq import NotificationsHQ
from benchmarks.scenario import Bench, Scenario
from benchmarks.scenarios import SCENARIOS
from benchmarks.subjects import Subject, Unavailable, all_subjects
from benchmarks.world import Installations

RUNS = 3
QUICK_SUBJECTS = ("ours", "c-send", "c-join")


def main(words: Sequence[str]) -> int:
    options = _options(words)
    # By an exception, so that the servers are stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    os.sched_setaffinity(0, {machine.GENERATOR_CORE})  # Redis and PostgreSQL, too, inherit it
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    installations = Installations(directory)
    try:
        everybody = [*all_subjects(directory, installations), NotificationsHQ(directory)]
        return _measure(options, everybody)
    finally:
        installations.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _options(words: Sequence[str]) -> argparse.Namespace:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measures Carillon and its peers side by side.",
        epilog="Scenarios: " + "; ".join(f"{one.name}: {one.sentence}" for one in SCENARIOS),
    )
    parser.add_argument("--scenarios", type=_names, default=names, help="comma-separated; default: all")
    parser.add_argument("--peers", type=_names, help="comma-separated names of peers; default: all")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one tiny step each: shows that all of it works")
    parser.add_argument(
        "--output", type=Path, help="file for the raw results (default: var/bench/DATE.jsonl)"
    )
    options = parser.parse_args(words)
    unknown = set(options.scenarios) - set(names)
    if unknown:
        parser.error(f"unknown scenarios: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _measure(options: argparse.Namespace, everybody: Sequence[Subject]) -> int:
    subjects, unavailable = _prepared(_chosen(options, everybody))
    now = datetime.now(UTC)
    path = options.output or machine.BASE / "var" / "bench" / f"{now:%Y%m%d-%H%M%S}.jsonl"
    journal = Journal(path)
    journal.add(
        Machine(
            at=f"{now:%Y-%m-%d %H:%M} UTC",
            machine=machine.description(),
            versions={subject.name: subject.versions() for subject in subjects},
            titles={subject.name: subject.title for subject in everybody},
            unavailable=unavailable,
            runs=1 if options.quick else options.runs,
            quick=options.quick,
        )
    )
    broken = 0
    for scenario in SCENARIOS:
        if scenario.name not in options.scenarios:
            continue
        _say(f"# {scenario.name}: {scenario.sentence}")
        for run in range(1, journal_runs(journal) + 1):
            for subject in subjects:
                if subject.name in scenario.subjects:
                    broken += not _figure(journal, scenario, subject, run, options.quick)
    _say("\n" + report.table(journal.lines) + "\n\n" + report.description(journal.lines))
    _say(f"\nRaw results: {path}")
    return 1 if broken else 0


def journal_runs(journal: Journal) -> int:
    first = journal.lines[0]
    assert isinstance(first, Machine)
    return first.runs


def _chosen(options: argparse.Namespace, everybody: Sequence[Subject]) -> list[Subject]:
    """Ours and the peers that were asked for, as far as a chosen scenario measures them."""
    wanted = options.peers
    if wanted is None:
        wanted = QUICK_SUBJECTS if options.quick else [subject.name for subject in everybody]
    measured = {
        name for scenario in SCENARIOS if scenario.name in options.scenarios for name in scenario.subjects
    }
    return [subject for subject in everybody if subject.name in measured.intersection([*wanted, "ours"])]


def _prepared(subjects: Sequence[Subject]) -> tuple[list[Subject], dict[str, str]]:
    """Those that can run here, and why the others can't."""
    ready, unavailable = [], {}
    for subject in subjects:
        try:
            subject.prepare()
        except Unavailable as why:
            unavailable[subject.name] = str(why)
        except subprocess.SubprocessError as why:
            unavailable[subject.name] = f"could not be installed, see above: {why}"
        else:
            ready.append(subject)
    return ready, unavailable


def _figure(journal: Journal, scenario: Scenario, subject: Subject, run: int, quick: bool) -> bool:
    """One run of one scenario on one subject. False when it broke: the others go on."""
    bench = Bench(journal, _say, scenario.name, subject.name, run, quick)
    try:
        values = scenario.measure(bench, subject)
    except Exception:
        _say(f"{scenario.name} {subject.name} run {run} broke:\n{traceback.format_exc(limit=-2)}")
        return False
    journal.add(Figure(scenario.name, subject.name, run, dict(values), bench.remarks))
    return True


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
