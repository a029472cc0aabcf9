from collections.abc import Callable
from pathlib import Path

import pytest

from tools import test as runner


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., runner.Run]:
    """`run(text)`: how a lane ends whose only file has this text. There, AGAIN is true the second time."""
    monkeypatch.setattr(runner, "CACHES", tmp_path)
    monkeypatch.delenv("SECOND_TRY", raising=False)

    def run_file(text: str, *, shares: bool = True) -> runner.Run:
        file = tmp_path / "test_it.py"
        file.write_text(f"import os, pytest\nAGAIN = 'SECOND_TRY' in os.environ\n{text}")
        command = runner.pytest("-p", "no:django", "--rootdir", str(tmp_path), "-c", "/dev/null", str(file))
        [ended] = runner.run_stage([[runner.Part("lane", command, shares=shares)]])
        return ended

    return run_file


def test_what_passes_alone_is_named_and_does_not_fail_the_part(run: Callable[..., runner.Run]) -> None:
    ended = run("def test_a(): assert AGAIN\ndef test_b(): pass\n")
    assert ended.verdict == "passed"
    assert [name.rpartition("::")[2] for name in ended.unsteady] == ["test_a"]
    assert "test_a" in ended.failures()


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("def test_a(): assert False\n", True),
        ("def test_a(): assert AGAIN\ndef test_b(): assert False\n", True),
        ("@pytest.mark.parametrize('n', range(4))\ndef test_a(n): assert AGAIN\n", True),
        ("def test_a(): assert AGAIN\n", False),
        ("import nowhere\n", True),
    ],
    ids=["fails again", "one of two fails again", "too many", "had the machine alone", "cannot be read"],
)
def test_a_part_stays_failed(run: Callable[..., runner.Run], text: str, shares: bool) -> None:
    ended = run(text, shares=shares)
    assert (ended.verdict[:6], ended.unsteady) == ("FAILED", [])


@pytest.mark.chance
def test_what_was_found_by_chance_stands(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    conftest = request.config.pluginmanager.get_plugin(str(runner.BASE / "tests" / "conftest.py"))
    monkeypatch.setenv("SECOND_TRY", "1")
    with pytest.raises(pytest.fail.Exception, match="stands"):
        conftest.pytest_runtest_setup(request.node)
