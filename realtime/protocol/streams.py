"""Stream names: `kind:key`, such as `room:42`, `user:7`, `audience:group:3`, `model:shop.order:17`."""

from __future__ import annotations

import re

from realtime.errors import Invalid

MAX_STREAM_CHARS = 80
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)+\Z")


class BadStream(Invalid):
    code = "bad_stream"
    message = f"A stream is named kind:key, such as room:42, with at most {MAX_STREAM_CHARS} characters."


def check_stream(name: object) -> str:
    """`name`, if it is a well-formed stream name. Raises BadStream."""
    if not isinstance(name, str) or len(name) > MAX_STREAM_CHARS or not _NAME.match(name) or ".." in name:
        raise BadStream()
    return name


def split_stream(name: str) -> tuple[str, str]:
    """`("room", "42")` for `room:42`; the key keeps any further colons."""
    kind, _, key = name.partition(":")
    return kind, key


def group_of(stream: str) -> str:
    """The channel-layer group that carries a stream; injective, because stream names have no `..`."""
    return "stream." + stream.replace(":", "..")
