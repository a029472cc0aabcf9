"""Compiles every translation (`*/locale/*/LC_MESSAGES/*.po`) that is newer than its compiled form.

`python tools/translations.py`; needs nothing but Babel. New words come into the files by `manage.py makemessages`.
"""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

BASE = Path(__file__).resolve().parent.parent


def sources() -> list[Path]:
    """The translations of the project's own apps."""
    return sorted(BASE.glob("*/locale/*/LC_MESSAGES/*.po"))


def compile_one(source: Path) -> None:
    """Written aside and moved: a process that starts meanwhile reads the old or the new one, whole."""
    written = source.with_suffix(f".mo.{os.getpid()}")
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    with written.open("wb") as file:
        write_mo(file, catalog)
    written.replace(source.with_suffix(".mo"))


def is_compiled(source: Path) -> bool:
    """Whether its compiled form is younger."""
    compiled = source.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime


if __name__ == "__main__":
    for one in sources():
        if not is_compiled(one):
            compile_one(one)
