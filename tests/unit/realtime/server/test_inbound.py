"""When the socket is paused and when it goes on."""

from collections.abc import Callable

from realtime.server.inbound import HIGH_MESSAGES, LOW_MESSAGES, Inbound
from realtime.testing.waiting import await_until


class Socket:
    def __init__(self) -> None:
        self.paused = False

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


def filled(count: int) -> tuple[Socket, Inbound]:
    socket = Socket()
    inbound = Inbound(pause=socket.pause, resume=socket.resume)
    for number in range(count):
        inbound.put_nowait({"n": number})
    return socket, inbound


def is_going(socket: Socket) -> Callable[[], bool]:
    return lambda: not socket.paused


async def test_the_socket_is_paused_above_the_high_mark_and_goes_on_below_the_low_one() -> None:
    socket, inbound = filled(HIGH_MESSAGES)
    assert not socket.paused
    inbound.put_nowait({"n": HIGH_MESSAGES})
    assert socket.paused
    while inbound.qsize() > LOW_MESSAGES:
        await inbound.get()
    assert inbound.paused
    await inbound.get()
    await await_until(is_going(socket), "the socket goes on")
    assert not inbound.paused


async def test_a_pause_of_the_application_outlasts_an_empty_queue() -> None:
    socket, inbound = filled(HIGH_MESSAGES + 1)
    inbound.hold()
    while not inbound.empty():
        await inbound.get()
    assert socket.paused
    inbound.release()
    assert not socket.paused


async def test_a_close_always_finds_its_place() -> None:
    _, inbound = filled(HIGH_MESSAGES * 10)
    inbound.put_nowait({"type": "websocket.disconnect"})
    assert inbound.qsize() == HIGH_MESSAGES * 10 + 1
