"""Archives that would unpack into far more than they are. Nothing here unpacks: whoever downloads one does."""

from __future__ import annotations

import struct
import zipfile
from typing import IO

from chat.conf import numbers
from chat.files.errors import UnsupportedFile
from chat.files.sniffing import ALLOWED

_END = b"PK\x05\x06"
_END_BYTES = 22
_MAX_COMMENT_BYTES = 65_535


def check_archive(file: IO[bytes], size: int) -> None:
    """Looks at what a ZIP file (also docx, xlsx …) says it holds. Raises UnsupportedFile.

    The number of entries comes first: the list of them may itself be larger than memory.
    """
    try:
        if _entries(file, size) > numbers().max_archive_entries:
            raise _too_much()
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, NotImplementedError) as error:
        raise UnsupportedFile("This archive is damaged.", allowed=ALLOWED) from error
    finally:
        file.seek(0)
    limits = numbers()
    if unpacked > limits.max_unpacked_bytes and unpacked > limits.max_unpacked_times * size:
        raise _too_much()


def _entries(file: IO[bytes], size: int) -> int:
    """As the end of the archive says. 65,535 stands for "more" there."""
    tail = min(size, _END_BYTES + _MAX_COMMENT_BYTES)
    file.seek(size - tail)
    last = file.read(tail)
    at = last.rfind(_END)
    if at < 0:
        raise zipfile.BadZipFile("no end")
    number: int = struct.unpack_from("<H", last, at + 10)[0]
    return number


def _too_much() -> UnsupportedFile:
    return UnsupportedFile("This archive would unpack into far more than it is.", allowed=ALLOWED)
