"""A run of numbered events of one stream, as it travels from the numbering process to every hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from realtime.protocol.codec import event_frame, timestamp


@dataclass(frozen=True, slots=True)
class Batch:
    """Events `first`, `first + 1`, … of a stream; `frames` are their finished wire frames (JSON bytes)."""

    stream: str
    epoch: str
    first: int
    frames: Sequence[bytes]

    @property
    def last(self) -> int:
        return self.first + len(self.frames) - 1

    def message(self) -> dict[str, Any]:
        """The channel-layer message of this batch."""
        return {
            "type": "stream.events",
            "stream": self.stream,
            "epoch": self.epoch,
            "first": self.first,
            "frames": list(self.frames),
        }

    @classmethod
    def of_message(cls, message: dict[str, Any]) -> Batch:
        """The batch of a layer message. Raises ValueError where it was not one of ours."""
        stream, epoch, first, frames = (message.get(key) for key in ("stream", "epoch", "first", "frames"))
        if (
            isinstance(stream, str)
            and isinstance(epoch, str)
            and type(first) is int
            and isinstance(frames, list)
            and frames
            and all(isinstance(frame, bytes) for frame in frames)
        ):
            return cls(stream, epoch, first, frames)
        raise ValueError("not a batch of events")


def frame_of(*, stream: str, seq: int | None, name: str, at: datetime, data: str | bytes) -> bytes:
    """The wire frame of a stored or transient event."""
    encoded = data.encode() if isinstance(data, str) else data
    return event_frame(stream=stream, seq=seq, name=name, at=timestamp(at), data=encoded)
