"""The files of a batch of sends: asked for and written only where one of the messages has some.

Three statements more, whatever the number of messages and files: which uploads there are, that they are taken, and what
the messages show of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chat.conf import numbers
from chat.files.errors import FileNotFound, TooManyFiles
from chat.files.payloads import File, files_stored
from chat.models import HeldMessage, Message, Upload
from chat.moderation.errors import HeldForReview
from chat.policies import MAX_ID
from realtime import RealtimeError, rows
from realtime.rows import Lock

_SHOWN = ("name", "kind", "type", "bytes", "width", "height", "small", "large", "alt")
_ASKED = ("id", "key", *_SHOWN, "uploader_id", "message_id", "scheduled_id", "held_id", "ready")


def check_files(ids: Sequence[int]) -> None:
    """Raises TooManyFiles, FileNotFound: what needs no look at the database."""
    most = numbers().max_files
    if len(ids) > most:
        raise TooManyFiles(
            f"A message has at most {most} files, this has {len(ids)}: send the others in the next one.",
            used=len(ids),
            max=most,
        )
    if len(set(ids)) < len(ids) or not all(0 < one <= MAX_ID for one in ids):
        raise FileNotFound()


def ask(ids: Iterable[int]) -> Iterable[rows.Row]:
    """The uploads among these, locked until the transaction ends; nothing is asked where there are none."""
    wanted = {(one,) for one in ids}
    return rows.select(Upload, _ASKED, ("id",), wanted, lock=Lock.WAIT) if wanted else ()


class Attaching:
    """What the messages of one batch attach. An upload is for one message: the first that names it."""

    def __init__(self, answer: Iterable[rows.Row]) -> None:
        self._free: dict[int, dict[str, Any]] = {}
        self._held: dict[int, int] = {}
        for row in answer:
            facts = dict(zip(_ASKED, row, strict=True))
            if facts["held_id"] is not None:
                self._held[facts["id"]] = facts["held_id"]
            elif facts["ready"] and facts["message_id"] is None and facts["scheduled_id"] is None:
                self._free[facts["id"]] = facts
        self._taken: dict[int, int] = {}
        self._shown: dict[int, str] = {}

    def take(self, author_id: int, ids: Sequence[int]) -> list[File] | None:
        """These files, for a message of their uploader; None where one is not theirs, or not there."""
        if not all(self._free.get(one, {}).get("uploader_id") == author_id for one in ids):
            return None
        return [self._file(self._free.pop(one)) for one in ids]

    def refusal(self, author_id: int, client_id: str, ids: Sequence[int]) -> RealtimeError:
        """Why `take` gave none. Who sends a message again that waits for a moderator with them is told that it does."""
        held = {self._held[one] for one in ids if one in self._held}
        same = HeldMessage.objects.filter(pk__in=held, author_id=author_id, client_id=client_id)
        return HeldForReview() if held and same.exists() else FileNotFound()

    def add(self, message_id: int, files: list[File]) -> None:
        """The message is being stored."""
        if files:
            self._taken |= {file.id: message_id for file in files}
            self._shown[message_id] = files_stored(files)

    def write(self) -> None:
        """After the messages."""
        rows.set_column(Upload, "message_id", self._taken)
        rows.set_column(Upload, "forget_at", dict.fromkeys(self._taken))
        rows.set_column(Message, "files", self._shown)

    @staticmethod
    def _file(facts: dict[str, Any]) -> File:
        # SQLite has numbers for truth.
        shown = {name: facts[name] for name in _SHOWN} | {
            size: bool(facts[size]) for size in ("small", "large")
        }
        return File.made(id=facts["id"], key=facts["key"], **shown)
