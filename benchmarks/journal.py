"""The raw results: JSON lines, one for the machine, one for each step of a search, one for each figure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.load import Result


class Machine(Struct, frozen=True, tag="machine", tag_field="kind"):
    """The first line: where, when and with what."""

    at: str
    machine: dict[str, object]
    versions: dict[str, str]  # by subject
    titles: dict[str, str]
    unavailable: dict[str, str]  # by subject: why it did not run
    runs: int
    quick: bool


class Step(Struct, frozen=True, tag="step", tag_field="kind"):
    """One load on one server. `failure` is empty when the server kept up with it."""

    scenario: str
    subject: str
    run: int
    rate: float
    failure: str
    remarks: list[str]
    result: Result


class Figure(Struct, frozen=True, tag="figure", tag_field="kind"):
    """What a scenario found for a subject in one run, by the keys of its rows."""

    scenario: str
    subject: str
    run: int
    values: dict[str, float]
    remarks: list[str] = []


Line = Machine | Step | Figure


class Journal:
    """Appends lines to a file and keeps them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[Line] = []
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


def read(*paths: Path) -> list[Line]:
    """The lines of one file, or of several: then of each scenario those of the last file that has it."""
    journals = [
        [msgspec.json.decode(line, type=Line) for line in path.read_bytes().splitlines()] for path in paths
    ]
    latest = {
        line.scenario: place
        for place, lines in enumerate(journals)
        for line in lines
        if not isinstance(line, Machine)
    }
    return [
        line
        for place, lines in enumerate(journals)
        for line in lines
        if isinstance(line, Machine) or latest[line.scenario] == place
    ]


def figures(lines: Iterable[Line]) -> list[Figure]:
    return [line for line in lines if isinstance(line, Figure)]
