"""Compressed messages are unpacked before anything else is known about them: a few bytes must not become gigabytes."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from kombu import compression

# Far above the largest message of ours: a task takes ids, not data.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class MessageTooLarge(ValueError):
    """A compressed message unpacks to more than it may, or has no end."""

    def __init__(self) -> None:
        super().__init__(
            f"A compressed message is cut off, or unpacks to more than {MAX_MESSAGE_BYTES} bytes: refused."
        )


def bound() -> None:
    """Gives kombu decompressors that stop at MAX_MESSAGE_BYTES, for every format that it would unpack."""
    compression.register(zlib.compress, _bounded(zlib.decompressobj), "application/x-gzip", ["gzip", "zlib"])
    compression.register(bz2.compress, _bounded(bz2.BZ2Decompressor), "application/x-bz2", ["bzip2", "bzip"])
    compression.register(lzma.compress, _bounded(lzma.LZMADecompressor), "application/x-lzma", ["lzma", "xz"])


def _bounded(make: Callable[[], Any]) -> Callable[[bytes], bytes]:
    def decompress(body: bytes) -> bytes:
        decompressor = make()
        data: bytes = decompressor.decompress(body, MAX_MESSAGE_BYTES)
        if not decompressor.eof:
            raise MessageTooLarge
        return data

    return decompress
