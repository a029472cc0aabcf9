"""WebSocket frames as bytes, made once for any number of receivers (RFC 6455, section 5.2)."""

from __future__ import annotations

import struct

TEXT_FINAL = 0x81
MASKED = 0x80


def prepare_text_frame(payload: bytes) -> bytes:
    """One unfragmented, unmasked, uncompressed text message from server to client. `payload` is UTF-8."""
    length = len(payload)
    if length < 126:
        return bytes((TEXT_FINAL, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", TEXT_FINAL, 126, length) + payload
    return struct.pack("!BBQ", TEXT_FINAL, 127, length) + payload


def read_text_frame(received: bytes) -> tuple[bytes, bytes] | None:
    """The payload of the text message at the beginning of `received`, and what follows it.

    None where that is not a whole message in one masked frame of less than 64 KiB, as clients send nearly all.
    """
    if len(received) < 6 or received[0] != TEXT_FINAL:
        return None
    length, start = received[1] - MASKED, 6
    if length == 126 and len(received) >= 8:
        length, start = received[2] << 8 | received[3], 8
        if length < 126:
            return None
    elif not 0 <= length < 126:
        return None
    end = start + length
    if len(received) < end:
        return None
    return _unmasked(received[start:end], received[start - 4 : start]), received[end:]


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """All bytes at once, as two large numbers."""
    length = len(payload)
    repeated = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(length)
