"""The life of a session as the protocol sees it: pure, so that it is tested without network or clock."""

from __future__ import annotations

from enum import Enum

from realtime.errors import AuthRequired, Conflict
from realtime.protocol.frames import PROTOCOL_VERSION, ClientFrame, ClientPing, Hello, Pong


class State(Enum):
    """`NEW` until hello arrives, `GREETING` while it is answered, `OPEN` after welcome, `CLOSING` after bye."""

    NEW = "new"
    GREETING = "greeting"
    OPEN = "open"
    CLOSING = "closing"


class AlreadyGreeted(Conflict):
    code = "already_greeted"
    message = "hello was sent already on this socket."


class UnsupportedProtocol(Conflict):
    code = "unsupported_protocol"
    message = f"This server speaks protocol {PROTOCOL_VERSION}."
    close_code = 4500


class SessionState:
    """Which frames are legal now."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.NEW

    def received(self, frame: ClientFrame) -> None:
        """Moves on with an inbound frame. Raises AuthRequired, AlreadyGreeted or UnsupportedProtocol."""
        if isinstance(frame, Hello):
            if self.state is not State.NEW:
                raise AlreadyGreeted()
            if frame.protocol != PROTOCOL_VERSION:
                raise UnsupportedProtocol(supported=[PROTOCOL_VERSION])
            self.state = State.GREETING
        elif self.state is not State.OPEN and not isinstance(frame, (Pong, ClientPing)):
            raise AuthRequired("Send hello first and wait for welcome.")

    def welcomed(self) -> None:
        self.state = State.OPEN

    def greeting_failed(self) -> None:
        """A hello that was refused may be sent again, corrected."""
        if self.state is State.GREETING:
            self.state = State.NEW

    def closing(self) -> None:
        self.state = State.CLOSING

    @property
    def is_greeting(self) -> bool:
        return self.state is State.GREETING

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN

    @property
    def is_closing(self) -> bool:
        return self.state is State.CLOSING
