"""The header Range (RFC 9110, 14): which part of a file is wanted. Pure."""

from __future__ import annotations

import re

_ONE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*\Z")


class Unsatisfiable(Exception):
    """No byte of the file is in the range: 416."""


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """The first and last byte; None for the whole file.

    So it answers several ranges too, and whatever is none: a server may, and a thousand small ones cost as much as one.
    Raises Unsatisfiable.
    """
    match = _ONE.match(header)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if first > last:
        raise Unsatisfiable
    return first, last
