"""Which frames are legal when."""

import pytest

from realtime.errors import AuthRequired
from realtime.protocol.frames import CallFrame, ClientPing, Hello, Pong, Subscribe
from realtime.protocol.session import AlreadyGreeted, SessionState, UnsupportedProtocol

CALL = CallFrame(id=1, name="a.b")


def test_only_hello_ping_and_pong_are_legal_before_welcome() -> None:
    state = SessionState()
    state.received(ClientPing())
    state.received(Pong())
    for frame in (CALL, Subscribe(id=1, stream="room:1")):
        with pytest.raises(AuthRequired):
            state.received(frame)
    state.received(Hello())
    with pytest.raises(AuthRequired):
        state.received(CALL)
    state.welcomed()
    state.received(CALL)


def test_hello_is_said_once_unless_it_was_refused() -> None:
    state = SessionState()
    state.received(Hello())
    state.greeting_failed()
    state.received(Hello())
    state.welcomed()
    state.greeting_failed()  # an error of an open session changes nothing
    assert state.is_open
    with pytest.raises(AlreadyGreeted):
        state.received(Hello())


def test_another_protocol_is_refused_with_those_we_speak() -> None:
    with pytest.raises(UnsupportedProtocol) as caught:
        SessionState().received(Hello(protocol=2))
    assert caught.value.data == {"supported": [1]}
