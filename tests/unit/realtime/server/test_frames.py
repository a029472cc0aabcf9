"""Prepared frames against the two other implementations of the same RFC that are at hand."""

import pytest
from autobahn.websocket.protocol import WebSocketServerFactory
from websockets.frames import Frame, Opcode

from realtime.server.frames import prepare_text_frame, read_text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_prepared_frame_is_the_one_that_others_make(length: int) -> None:
    payload = b"x" * length
    ours = prepare_text_frame(payload)
    assert ours == Frame(Opcode.TEXT, payload).serialize(mask=False)
    autobahns = WebSocketServerFactory.prepareMessage(WebSocketServerFactory(), payload, isBinary=False)
    assert ours == autobahns.payloadHybi


@pytest.mark.parametrize("length", [0, 1, 3, 4, 125, 126, 127, 65_535])
def test_a_whole_masked_message_is_read_in_one_step(length: int) -> None:
    payload = bytes(number % 128 for number in range(length))
    frame = Frame(Opcode.TEXT, payload).serialize(mask=True)
    assert read_text_frame(frame) == (payload, b"")
    assert read_text_frame(frame + b"the next") == (payload, b"the next")
    assert all(read_text_frame(frame[:part]) is None for part in (0, 1, 2, 5, len(frame) - 1))


@pytest.mark.parametrize(
    "frame",
    [
        Frame(Opcode.TEXT, b"part", fin=False).serialize(mask=True),
        Frame(Opcode.CONT, b"rest").serialize(mask=True),
        Frame(Opcode.BINARY, b"bytes").serialize(mask=True),
        Frame(Opcode.PING, b"ping").serialize(mask=True),
        b"\xc1" + Frame(Opcode.TEXT, b"compressed").serialize(mask=True)[1:],
        Frame(Opcode.TEXT, b"not masked").serialize(mask=False),
        Frame(Opcode.TEXT, b"x" * 65_536).serialize(mask=True),
        b"\x81\xfe\x00\x05mask12345",  # a length that is not in its shortest form
    ],
)
def test_anything_else_is_left_to_autobahn(frame: bytes) -> None:
    assert read_text_frame(frame) is None
