"""What clients saw and did, as typed records in the order of time: the evidence that `checker` judges.

Knows neither sockets nor databases. Times are monotonic seconds of the process that ran the clients.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec


class Sent(msgspec.Struct, frozen=True, tag=True):
    """A client began to send a message; each retry under the same `client_id` is one more."""

    client: str
    stream: str
    client_id: str
    at: float


class Acked(msgspec.Struct, frozen=True, tag=True):
    """The server said that the message is stored."""

    client: str
    stream: str
    client_id: str
    seq: int
    duplicate: bool
    began_at: float
    at: float


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A send that began at `began_at` got no acknowledgement: the code of the error, `closed` or `timeout`."""

    client: str
    client_id: str
    code: str
    began_at: float
    at: float


class Joined(msgspec.Struct, frozen=True, tag=True):
    """From here on the client is to see everything on the stream after `seq`."""

    client: str
    stream: str
    seq: int
    at: float


class Left(msgspec.Struct, frozen=True, tag=True):
    """From here on (and a moment of grace) the client is to see nothing more on the stream."""

    client: str
    stream: str
    at: float


class Received(msgspec.Struct, frozen=True, tag=True):
    """A durable event as it came, before any deduplication. `client_id` where it is a message."""

    client: str
    stream: str
    seq: int
    name: str
    client_id: str
    at: float


class Connected(msgspec.Struct, frozen=True, tag=True):
    """A session began; `recovered` says whether each stream resumed without a gap."""

    client: str
    url: str
    recovered: bool
    at: float


class Closed(msgspec.Struct, frozen=True, tag=True):
    """The socket ended; `bye` is the code that the server gave, if it said goodbye."""

    client: str
    url: str
    bye: str
    at: float


class Probed(msgspec.Struct, frozen=True, tag=True):
    """A client asked for what must be refused. `code` is the error's; `closed` or `timeout` where the connection
    failed; "" where it was not refused."""

    client: str
    what: str
    code: str
    at: float


Record = Sent | Acked | Failed | Joined | Left | Received | Connected | Closed | Probed
R = TypeVar("R", bound=Record)


class StoredEvent(msgspec.Struct, frozen=True, tag=True):
    """A row of the log. `seq` is None while it has no number; `client_id` where it is a message."""

    stream: str
    seq: int | None
    name: str
    client_id: str = ""


class StoredMessage(msgspec.Struct, frozen=True, tag=True):
    """A row of the history of a room."""

    stream: str
    number: int
    seq: int
    author: str
    client_id: str


class StoredOccurrence(msgspec.Struct, frozen=True, tag=True):
    """A broadcast that was due, one of those it was for ("" for everybody at once), and how often it reached them."""

    broadcast: int
    recipient: str
    fired: int
    late_s: float | None  # between due and finished; None where it never finished


class History:
    """Records in the order in which they happened."""

    def __init__(self, records: list[Record] | None = None) -> None:
        self.records: list[Record] = records or []
        self.acknowledged = sum(1 for _ in self.of(Acked))

    def add(self, record: Record) -> None:
        self.records.append(record)
        self.acknowledged += isinstance(record, Acked)

    def of(self, kind: type[R]) -> Iterator[R]:
        """All records of one kind."""
        return (record for record in self.records if isinstance(record, kind))

    def write(self, path: Path) -> None:
        """One JSON line per record."""
        encode = msgspec.json.encode
        path.write_bytes(b"".join(encode(record) + b"\n" for record in self.records))

    @classmethod
    def read(cls, path: Path) -> History:
        decoder = msgspec.json.Decoder(Record)
        return cls([decoder.decode(line) for line in path.read_bytes().splitlines()])
