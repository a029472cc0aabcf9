import json
import subprocess
import sys
from pathlib import Path

import pytest

from realtime.supervisor import leftovers
from realtime.supervisor.refusal import Refusal

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_two_supervisors_never_share_a_folder(tmp_path: Path) -> None:
    with leftovers.lock(tmp_path), pytest.raises(Refusal, match=r"already runs on .* \(process \d+\)"):
        leftovers.lock(tmp_path)
    leftovers.lock(tmp_path).close()


def test_a_program_of_a_killed_supervisor_is_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEPER, start_new_session=True) as program:
        leftovers.record(tmp_path, {"web": program.pid})
        assert leftovers.stop(tmp_path) == ["web"]
        assert program.wait(timeout=5) != 0
    assert leftovers.stop(tmp_path) == []


def test_another_process_that_got_the_same_id_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEPER, start_new_session=True) as stranger:
        try:
            (tmp_path / leftovers.PROGRAMS_NAME).write_text(json.dumps({"web": [stranger.pid, "1"]}))
            assert leftovers.stop(tmp_path) == []
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"web": 3}', '{"web": ["x", "y"]}'])
def test_a_damaged_record_stops_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / leftovers.PROGRAMS_NAME).write_text(text)
    assert leftovers.stop(tmp_path) == []
