"""Prepared frames against the two other implementations of the same RFC that are at hand."""

import pytest
from autobahn.websocket.protocol import WebSocketServerFactory
from websockets.frames import Frame, Opcode

from realtime.server.frames import prepare_text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_prepared_frame_is_the_one_that_others_make(length: int) -> None:
    payload = b"x" * length
    ours = prepare_text_frame(payload)
    assert ours == Frame(Opcode.TEXT, payload).serialize(mask=False)
    autobahns = WebSocketServerFactory.prepareMessage(WebSocketServerFactory(), payload, isBinary=False)
    assert ours == autobahns.payloadHybi
