"""Finds what looks like a name in a text: "@ada". Pure, and quick with whatever is sent: a few ms at the worst.

Code, in spans or fenced blocks as Markdown has them, and addresses (https://…) are passed over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from accounts.names import MAX_USERNAME_CHARACTERS, username_key

# Not in the middle of a word (ada@example.org) or of a path. What a user name may have is in `accounts.names`.
NAME = re.compile(r"(?<![\w@/])@(\w[\w.-]*)")
_SEPARATOR = re.compile(r"[._-]")
_ADDRESS = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_TICKS = re.compile("`+")
_MAX_READINGS = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """One name that an "@" may stand before: its key, and how many characters of the text it is, the "@" included."""

    key: str
    length: int


@dataclass(frozen=True, slots=True)
class Named:
    """A place in a text that names somebody: where its "@" is, and what it may mean, the longest name first.

    "@bo.k." may mean "bo.k.", "bo.k" or "bo". It never means a part of a word: "@anna" is not "ann".
    """

    start: int
    readings: tuple[Reading, ...]


def names_in(text: str, limit: int) -> list[Named]:
    """Where the text names somebody, for at most `limit` different names."""
    if "@" not in text:
        return []
    found: list[Named] = []
    different: set[str] = set()
    for match in NAME.finditer(_prose(text)):
        readings = _readings(match[1])
        if not readings or (readings[0].key not in different and len(different) >= limit):
            continue
        different.add(readings[0].key)
        found.append(Named(match.start(), readings))
    return found


def _readings(token: str) -> tuple[Reading, ...]:
    cuts = [len(token), *(match.start() for match in _SEPARATOR.finditer(token))]
    fitting = sorted({cut for cut in cuts if 0 < cut <= MAX_USERNAME_CHARACTERS}, reverse=True)
    return tuple(Reading(username_key(token[:cut]), cut + 1) for cut in fitting[:_MAX_READINGS])


def without_code(text: str) -> str:
    """The text with blanks in place of code, so that every other character stays where it is."""
    if "`" in text or "~~~" in text:
        return _without_spans(_without_blocks(text))
    return text


def _prose(text: str) -> str:
    """The text with blanks in place of code and addresses."""
    return _ADDRESS.sub(_blank_match, without_code(text))


def _without_blocks(text: str) -> str:
    lines = text.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if fence:
            lines[number] = " " * len(line)
            if match and match[1].startswith(fence) and not line[match.end() :].strip():
                fence = ""
        elif match and not ("`" in match[1] and "`" in line[match.end() :]):
            lines[number], fence = " " * len(line), match[1]
    return "\n".join(lines)


def _without_spans(text: str) -> str:
    """A span ends at the next run of as many backticks; no span goes over an empty line."""
    parts: list[str] = []
    begin = 0
    for line in _EMPTY_LINE.finditer(text):
        parts.append(_without_spans_in(text[begin : line.start()]))
        parts.append(line[0])
        begin = line.end()
    return "".join([*parts, _without_spans_in(text[begin:])])


def _without_spans_in(paragraph: str) -> str:
    runs = [match.span() for match in _TICKS.finditer(paragraph)]
    by_length: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(runs):
        by_length.setdefault(end - start, []).append(number)
    number = 0
    while number < len(runs):
        start, end = runs[number]
        alike = by_length[end - start]
        closing = bisect_right(alike, number)
        if closing < len(alike):
            number = alike[closing]
            closed = runs[number][1]
            paragraph = paragraph[:start] + " " * (closed - start) + paragraph[closed:]
        number += 1
    return paragraph


def _blank_match(match: re.Match[str]) -> str:
    return " " * len(match[0])
