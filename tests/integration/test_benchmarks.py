"""`python -m benchmarks.run --quick`: every part of it works, whatever the speed of this machine."""

import os
import subprocess
import sys

import pytest

from benchmarks.journal import Figure, Line, Machine, Step, read
from benchmarks.report import table
from realtime.testing.stack import BASE

DATABASE = "postgres" if os.environ.get("DATABASE") == "postgres" else "sqlite"
# One of each kind of load; a world of ours takes seconds to start.
SCENARIOS = {
    "sqlite": {
        "fanout-free": {"ours", "c-join"},
        "chat-sqlite": {"ours", "c-send"},
        "storm": {"ours"},
        "connect": {"ours", "c-send"},
        "reads": {"ours"},  # on PostgreSQL, wherever it is run
    },
    "postgres": {"chat-postgres": {"ours"}},
}[DATABASE]

QUICK_RUN = [sys.executable, "-m", "benchmarks.run", "--quick"]


@pytest.fixture(scope="module")
def printed_and_lines(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Line]]:
    """What one quick run printed, and its raw results."""
    output = tmp_path_factory.mktemp("bench") / "quick.jsonl"
    done = subprocess.run(
        [*QUICK_RUN, "--output", str(output), "--scenarios", ",".join(SCENARIOS)],
        cwd=BASE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout, read(output)


@pytest.mark.slow
@pytest.mark.timeout(300)
class TestQuickRun:
    def test_nothing_is_lost_on_the_way(self, printed_and_lines: tuple[str, list[Line]]) -> None:
        steps = [line for line in printed_and_lines[1] if isinstance(line, Step)]
        assert steps
        for step in steps:
            result = step.result
            assert result.connect.ok > 0
            assert (result.lost, result.duplicates, result.reordered, result.wrong_room) == (0, 0, 0, 0)
            assert result.delivered == result.expected
            if step.rate:
                assert result.delivered > result.sent > 0

    def test_every_message_of_ours_is_acknowledged(self, printed_and_lines: tuple[str, list[Line]]) -> None:
        steps = [line for line in printed_and_lines[1] if isinstance(line, Step) and line.subject == "ours"]
        assert [step.result.acknowledged for step in steps] == [step.result.sent for step in steps]

    def test_the_raw_results_are_complete(self, printed_and_lines: tuple[str, list[Line]]) -> None:
        lines = printed_and_lines[1]
        machine = lines[0]
        assert isinstance(machine, Machine)
        assert machine.quick
        assert machine.machine["cores"]
        found = [(line.scenario, line.subject) for line in lines if isinstance(line, Figure)]
        assert sorted(found) == sorted(
            (scenario, subject) for scenario, subjects in SCENARIOS.items() for subject in subjects
        )
        assert set(machine.versions) == set().union(*SCENARIOS.values())

    def test_the_table_is_printed(self, printed_and_lines: tuple[str, list[Line]]) -> None:
        printed, lines = printed_and_lines
        assert table(lines) in printed


def test_an_unknown_scenario_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    from benchmarks.run import main

    with pytest.raises(SystemExit):
        main(["--scenarios", "fanout-alone,nonsense"])
    assert "unknown scenarios: nonsense; there are fanout-alone" in capfd.readouterr().err
