"""What `has:` finds of files: any, or images, sounds and films."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chat.files.payloads import files_loaded
from chat.models import Message
from chat.search.kinds import has


@has("file")
def files(messages: Sequence[Message]) -> Collection[int]:
    return [message.pk for message in messages if message.deleted_at is None and message.files != "[]"]


@has("image")
def images(messages: Sequence[Message]) -> Collection[int]:
    return _of_kind("image", messages)


@has("audio")
def sounds(messages: Sequence[Message]) -> Collection[int]:
    return _of_kind("audio", messages)


@has("video")
def films(messages: Sequence[Message]) -> Collection[int]:
    return _of_kind("video", messages)


def _of_kind(kind: str, messages: Sequence[Message]) -> Collection[int]:
    return [
        message.pk
        for message in messages
        if message.deleted_at is None and any(file.kind == kind for file in files_loaded(message.files))
    ]
