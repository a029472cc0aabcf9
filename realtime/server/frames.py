"""WebSocket frames as bytes, made once for any number of receivers (RFC 6455, section 5.2)."""

from __future__ import annotations

import struct

TEXT_FINAL = 0x81


def prepare_text_frame(payload: bytes) -> bytes:
    """One unfragmented, unmasked, uncompressed text message from server to client. `payload` is UTF-8."""
    length = len(payload)
    if length < 126:
        return bytes((TEXT_FINAL, length)) + payload
    if length < 65_536:
        return struct.pack("!BBH", TEXT_FINAL, 126, length) + payload
    return struct.pack("!BBQ", TEXT_FINAL, 127, length) + payload
