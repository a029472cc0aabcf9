"""The table that is made of raw results."""

from pathlib import Path

import msgspec
import pytest

from benchmarks import report
from benchmarks.journal import Figure, Journal, Line, Machine, read

MACHINE = Machine(
    at="2026-11-24 08:00 UTC",
    machine={
        "processor": "A processor",
        "cores": 2,
        "memory_gb": 8,
        "kernel": "6.1",
        "python": "3.12.1",
        "commit": "abc",
    },
    versions={"ours": "django 5.2", "c-send": "fanout.c"},
    titles={"ours": "Carillon", "c-send": "C", "socketio": "Socket.IO"},
    unavailable={"socketio": "needs node and npm"},
    runs=3,
    quick=False,
)


def fan_out(subject: str, *deliveries_per_s: float, scenario: str = "fanout-alone") -> list[Line]:
    return [
        Figure(scenario, subject, run, {"deliveries_per_s": value})
        for run, value in enumerate(deliveries_per_s, start=1)
    ]


def cells(lines: list[Line], row: str) -> list[str]:
    line = next(line for line in report.table(lines).splitlines() if line.startswith(f"| {row}"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_a_row_has_medians_ratios_and_the_verdict() -> None:
    lines = [MACHINE, *fan_out("ours", 90_000, 70_000, 80_000), *fan_out("c-send", 99_000, 100_000, 130_000)]
    assert cells(lines, "fan-out, each event alone") == [
        "**80,000** (70,000-90,000)",
        "100,000 (x 0.8)",
        "at least 60 % of C with one send() each: pass (0.80)",
    ]


def test_a_bar_that_is_missed_is_shown() -> None:
    lines = [MACHINE, *fan_out("ours", 59_000), *fan_out("c-send", 100_000)]
    assert cells(lines, "fan-out, each event alone")[-1].endswith("MISSED (0.59)")


def test_a_bar_without_its_peer_is_not_judged() -> None:
    assert cells([MACHINE, *fan_out("ours", 59_000)], "fan-out, each event alone")[-1].endswith(
        ": not measured"
    )


def test_scenarios_may_share_their_peers() -> None:
    lines = [MACHINE, *fan_out("socketio", 50_000), *fan_out("ours", 600_000, scenario="fanout-free")]
    assert cells(lines, "fan-out, free") == [
        "**600,000**",
        "50,000 (x 12)",
        "at least 500,000: pass; at least 5 x Socket.IO: pass (12.00)",
    ]


def test_lower_is_better_where_the_row_says_so() -> None:
    lines: list[Line] = [
        MACHINE,
        Figure("idle", "ours", 1, {"kb_per_socket": 20.0}),
        Figure("idle", "c-send", 1, {"kb_per_socket": 5.0}),
    ]
    assert cells(lines, "idle, memory per socket (kB)")[:2] == ["**20**", "5 (x 0.25)"]


def test_the_description_says_what_did_not_run_and_what_is_doubtful() -> None:
    lines = [
        MACHINE,
        Figure("fanout-alone", "ours", 1, {"deliveries_per_s": 1.0}, ["the generator was the limit"]),
    ]
    shown = report.description(lines)
    assert "medians of 3 runs" in shown
    assert "- Socket.IO: not measured, needs node and npm" in shown
    assert "- fanout-alone, Carillon: the generator was the limit" in shown


def test_the_page_gets_the_table_between_its_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nan older table\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    journal = Journal(tmp_path / "bench" / "x.jsonl")
    for line in [MACHINE, *fan_out("ours", 59_000)]:
        journal.add(line)
    report.write_page(journal.path)
    text = page.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n")
    assert text.endswith(f"{report.END}\nafter\n")
    assert report.table(read(journal.path)) in text
    assert "an older table" not in text


def test_the_plot_is_the_same_for_the_same_results(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="`tools/setup bench` installs it")
    values = {f"{key}_{sockets}": 20.0 for key in ("kb", "cpu_percent") for sockets in (1_000, 10_000)}
    for name in ("one.svg", "two.svg"):
        report.plot([MACHINE, Figure("idle", "ours", 1, values)], tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert b"Carillon" in (tmp_path / "one.svg").read_bytes()


def test_a_later_file_has_the_scenarios_that_it_measured(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / name) for name in ("first", "second")]
    for journal, commit in zip(journals, ("abc", "def"), strict=True):
        journal.add(msgspec.structs.replace(MACHINE, machine={**MACHINE.machine, "commit": commit}))
    for line in (*fan_out("ours", 60_000), *fan_out("ours", 1, scenario="fanout-free")):
        journals[0].add(line)
    journals[1].add(*fan_out("ours", 600_000, scenario="fanout-free"))
    lines = read(*(journal.path for journal in journals))
    assert cells(lines, "fan-out, each event alone")[0] == "**60,000**"
    assert cells(lines, "fan-out, free")[0] == "**600,000**"
    said = report.description(lines)
    assert "fanout-alone: 2026-11-24 08:00 UTC, commit abc" in said
    assert "fanout-free: 2026-11-24 08:00 UTC, commit def" in said
