"""The names of files, made safe to show, to store under and to put into a header. Pure."""

from __future__ import annotations

import re
import unicodedata

from accounts.names import MAX_MARKS_IN_A_ROW, longest_run_of_marks, without_invisible

MAX_NAME_CHARACTERS = 150
MAX_NAME_BYTES = 200  # file systems stop at 255, and downloads get endings such as " (1)"
MAX_ENDING_CHARACTERS = 12

_FOLDERS = re.compile(r"[/\\]")
# What Windows has no names with, and what shells and headers trip over.
_NOT_IN_NAMES = frozenset('<>:"|?*;%')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)


def file_name(raw: str) -> str:
    """`raw` without folders, without characters that hide, turn or break anything, and not too long."""
    name = without_invisible(_FOLDERS.split(raw[-1000:])[-1])
    if longest_run_of_marks(name) > MAX_MARKS_IN_A_ROW:
        name = "".join(one for one in name if unicodedata.category(one)[0] != "M")
    name = "".join("_" if one in _NOT_IN_NAMES else one for one in name).strip(". ")
    if name.partition(".")[0].strip().casefold() in _DEVICES:
        name = f"_{name}"
    return _shortened(name) or "file"


def ending_of(name: str) -> str:
    """What follows the last dot, in lower case; "" without one."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME_CHARACTERS and len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > MAX_ENDING_CHARACTERS:
        stem, dot, ending = name, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{ending}".encode())
    stem = stem[: MAX_NAME_CHARACTERS - len(ending) - 1].encode()[:room].decode(errors="ignore")
    return f"{stem.strip('. ')}{dot}{ending}"
