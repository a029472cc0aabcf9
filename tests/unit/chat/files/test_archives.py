"""Archives that would unpack into far more than they are (B70)."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest

from chat.files.archives import check_archive
from chat.files.errors import UnsupportedFile


def archive(*sizes: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, size in enumerate(sizes):
            packed.writestr(f"word/{number}.xml", b"\0" * size)
    return made.getvalue()


def check(content: bytes) -> None:
    file = io.BytesIO(content)
    check_archive(file, len(content))
    assert file.tell() == 0


def test_an_ordinary_archive_passes(settings: Any) -> None:
    check(archive(10, 20_000))
    check(archive())
    settings.CHAT = {"max_unpacked_bytes": 1000}
    check(archive(500))


def test_one_that_unpacks_into_far_too_much_does_not(settings: Any) -> None:
    settings.CHAT = {"max_unpacked_bytes": 1_000_000, "max_unpacked_times": 100}
    with pytest.raises(UnsupportedFile, match="far more"):
        check(archive(2_000_000))
    settings.CHAT = {"max_unpacked_bytes": 1_000_000, "max_unpacked_times": 10_000}
    check(archive(2_000_000))


def test_one_with_too_many_entries_is_refused_before_they_are_read(settings: Any) -> None:
    settings.CHAT = {"max_archive_entries": 3}
    with pytest.raises(UnsupportedFile, match="far more"):
        check(archive(1, 1, 1, 1))
    # It lies about having 65,535 of them, and they are not even there.
    with pytest.raises(UnsupportedFile):
        check(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65_535, 65_535, 0, 0, 0))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 500, archive(100)[:-30]])
def test_a_damaged_one_is_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedFile, match="damaged"):
        check(content)
