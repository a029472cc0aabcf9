"""A file of user names and e-mail addresses -> people, and what is wrong with its lines.

One person a line, in the first column of a CSV file; commas, semicolons or tabs, quotes or none, with or without a
heading. A line that names nobody is reported by its number and left out; the others count.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop

from accounts.names import is_invisible, username_key
from realtime import Struct

_CHUNK_LINES = 500
_MAX_NAME_CHARS = 254  # of the longest e-mail address
_SHOWN_CHARS = 60
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HEADINGS = frozenset(
    {"user", "users", "username", "user name", "user_name", "name", "email", "e-mail", "mail"}
)


class Wrong(StrEnum):
    """Why a line names nobody; the value, translated, is what the page says."""

    UNKNOWN = gettext_noop("nobody has this name or address")
    DUPLICATE = gettext_noop("the same person as an earlier line")
    INACTIVE = gettext_noop("this account is deactivated")
    AMBIGUOUS = gettext_noop("several people have this address; use their user names")
    TOO_LONG = gettext_noop("too long for a name or an address")
    NOT_UTF8 = gettext_noop("not readable; save the file as UTF-8")
    QUOTES = gettext_noop("the quotes are not closed")


class Problem(Struct, frozen=True):
    """`line` counts from 1, as an editor does; `text` is what stands there, cut."""

    line: int
    text: str
    wrong: str


class PeopleReport(Struct, kw_only=True):
    """What has been read of a file: its lines up to the number `upto`, the people that they name, and those wrong.

    `problems` are the first ones only, `wrong_lines` is how many there are.
    """

    upto: int = 0
    lines: int = 0
    people: int = 0
    wrong_lines: int = 0
    problems: list[Problem] = []

    def note(self, entry: _Entry, wrong: Wrong, most: int) -> None:
        self.wrong_lines += 1
        if len(self.problems) < most:
            shown = "".join("�" if is_invisible(one) else one for one in entry.name[:_SHOWN_CHARS])
            self.problems.append(Problem(entry.line, shown, wrong))


class PeopleFile:
    """A file of any content. Reading never fails for what is in it: that is in the report."""

    def __init__(self, content: bytes) -> None:
        self._is_text = not content.startswith(_UTF16)
        self._lines = content.removeprefix(_BOM).splitlines() if self._is_text else []
        self._delimiter = _delimiter(self._lines)

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def read_some(
        self, report: PeopleReport, known: Callable[[Collection[int]], Collection[int]], *, max_problems: int
    ) -> list[int] | None:
        """Reads up to 500 lines from where the report stands, into it; whom they name for the first time, or None at
        the end. `known` says which of these ids earlier lines have named. Two queries, and its.
        """
        chunk = list(islice(self._entries(report.upto), _CHUNK_LINES))
        if not chunk:
            return None
        lookup = _Lookup([entry.name for entry in chunk if entry.wrong is None])
        found = [(None, entry.wrong) if entry.wrong else lookup.find(entry.name) for entry in chunk]
        seen = set(known([user_id for user_id, _ in found if user_id is not None]))
        new: list[int] = []
        for entry, (user_id, wrong) in zip(chunk, found, strict=True):
            if user_id in seen:
                wrong = Wrong.DUPLICATE
            if wrong is not None:
                report.note(entry, wrong, max_problems)
            elif user_id is not None:
                seen.add(user_id)
                new.append(user_id)
        report.upto, report.lines = chunk[-1].line, report.lines + len(chunk)
        report.people += len(new)
        return new

    def _entries(self, after: int) -> Iterator[_Entry]:
        if not self._is_text and not after:
            yield _Entry(1, "", Wrong.NOT_UTF8)
        heading_may_come = not after
        for number in range(after + 1, len(self._lines) + 1):
            entry = _entry(number, self._lines[number - 1], self._delimiter)
            if not entry.name and entry.wrong is None:
                continue
            if not heading_may_come or entry.name.casefold() not in _HEADINGS:
                yield entry
            heading_may_come = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that says something; `wrong` where it can name nobody."""

    line: int
    name: str
    wrong: Wrong | None = None


def _entry(number: int, raw: bytes, delimiter: str) -> _Entry:
    try:
        name = _first_column(raw.decode(), delimiter)
    except UnicodeDecodeError:
        return _Entry(number, raw.decode(errors="replace"), Wrong.NOT_UTF8)
    except csv.Error:
        return _Entry(number, raw.decode(), Wrong.QUOTES)
    return _Entry(number, name, Wrong.TOO_LONG if len(name) > _MAX_NAME_CHARS else None)


def _delimiter(lines: Sequence[bytes]) -> str:
    """The one of the first line: neither a name nor an address contains any of them."""
    first = next((line for line in lines if line.strip()), b"")
    return max(";\t,", key=lambda one: first.count(one.encode()))


def _first_column(line: str, delimiter: str) -> str:
    # A line at a time: an open quote would swallow the rest of the file.
    columns = next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True), [])
    return columns[0].strip() if columns else ""


class _Lookup:
    """The people of some names and addresses. Two queries."""

    def __init__(self, names: Iterable[str]) -> None:
        # A name with an invisible character is nobody's, and databases refuse to compare with some of these.
        visible = [name for name in names if not any(map(is_invisible, name))]
        users = get_user_model().objects.order_by("pk")
        addresses = {name.lower() for name in visible if "@" in name}
        keys = {username_key(name) for name in visible}
        self._by_name = {
            key: (pk, active)
            for key, pk, active in users.filter(username_key__in=keys).values_list(
                "username_key", "pk", "is_active"
            )
        }
        mailed: list[tuple[str, int, bool]] = list(
            users.annotate(address=Lower("email"))
            .filter(address__in=addresses)
            .values_list("address", "pk", "is_active")
        )
        self._by_address: dict[str, tuple[int, bool]] = {
            address: (pk, active) for address, pk, active in mailed
        }
        times = Counter(address for address, _, active in mailed if active)
        self._shared = {address for address, count in times.items() if count > 1}
        # Of several with one address, the active one is meant.
        self._by_address |= {address: (pk, active) for address, pk, active in mailed if active}

    def find(self, name: str) -> tuple[int | None, Wrong | None]:
        found: Any = self._by_name.get(username_key(name)) or self._by_address.get(name.lower())
        if found is None:
            return None, Wrong.UNKNOWN
        user_id, active = found
        if name.lower() in self._shared and username_key(name) not in self._by_name:
            return None, Wrong.AMBIGUOUS
        return (user_id, None) if active else (None, Wrong.INACTIVE)
