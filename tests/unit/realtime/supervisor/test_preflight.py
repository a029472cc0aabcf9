import os
import socket
from pathlib import Path

import pytest

from realtime.supervisor import preflight
from realtime.supervisor.refusal import Refusal


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "80 ", "٣٠٠٠", "8000.0"])
def test_a_port_that_is_no_port_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(Refusal, match="PORT must be a number from 1 to 65535"):
        preflight.port_number(text)


def test_a_taken_port_is_refused_with_another_one_to_try() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refusal, match=f"Port {port} is taken.*PORT={port + 1}"):
            preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)


def test_a_file_in_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(Refusal, match="is not a folder"):
        preflight.check_folder(tmp_path / "var")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refusal, match="Cannot write to"):
        preflight.check_folder(tmp_path / "var")


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    preflight.check_folder(tmp_path / "a" / "var")
    assert list((tmp_path / "a" / "var").iterdir()) == []


def test_a_file_that_is_no_database_is_refused_and_an_empty_or_missing_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "carillon.sqlite3"
    preflight.check_database(path)
    path.touch()
    preflight.check_database(path)
    path.write_text("something else entirely")
    with pytest.raises(Refusal, match="is not a SQLite database"):
        preflight.check_database(path)
