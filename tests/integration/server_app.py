"""A trivial ASGI application on our server in its own process, driven by test_server: `server_app.py PORT`.

Each path is one behaviour. It prints one line of JSON per thing that a test wants to know.
"""

import asyncio
import json
import sys
import time
from typing import Any

from realtime.server.frames import prepare_text_frame

Scope = dict[str, Any]


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


async def application(scope: Scope, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await answer(scope, receive, send)
        return
    await receive()
    if scope["path"] == "/deny":
        await send(
            {"type": "websocket.http.response.start", "status": 403, "headers": [(b"x-why", b"foreign")]}
        )
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"yours"})
        tell(denied=(await receive())["type"])
        return
    if scope["path"] == "/reject":
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/silent":
        return
    if scope["path"] == "/undecided":
        await receive()
        return
    await send({"type": "websocket.accept", "headers": [(b"x-extra", b"yes")]})
    await BEHAVIOURS[scope["path"]](scope, receive, send)


async def answer(scope: Scope, receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        tell(slow="started")
        await asyncio.sleep(1)
    if scope["path"] == "/silent":
        return
    if scope["path"] == "/fail":
        raise RuntimeError("on purpose")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    if scope["path"] == "/endless":
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        finally:
            tell(endless="ended")
    await send({"type": "http.response.body", "body": b"%d bytes" % len(body)})


async def echo(scope: Scope, receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            tell(disconnected=message.get("code"))
            return
        text = message.get("text")
        await send(
            {"type": "websocket.send", "text": f"{len(message['bytes'])} bytes" if text is None else text}
        )


async def prepared(scope: Scope, receive: Any, send: Any) -> None:
    """ "N" is answered with N prepared frames in one write."""
    connection = scope["extensions"]["realtime.connection"]
    while (message := await receive())["type"] == "websocket.receive":
        count = int(message["text"])
        connection.write(b"".join(prepare_text_frame(b"%d" % number) for number in range(count)))


async def flood(scope: Scope, receive: Any, send: Any) -> None:
    """Writes 8 MiB to a client that does not read, then tells what the connection says of itself."""
    connection = scope["extensions"]["realtime.connection"]
    frame = prepare_text_frame(b"x" * 65_530)
    for _ in range(128):
        connection.write(frame)
    waiting = connection.buffered_bytes
    tell(buffered=waiting)
    await receive()
    while connection.buffered_bytes:
        await asyncio.sleep(0.01)
    tell(buffered=0, took_all=connection.taken_bytes == waiting)
    await receive()


async def close_with_reason(scope: Scope, receive: Any, send: Any) -> None:
    code = int((await receive())["text"])
    if code == 4408:
        scope["extensions"]["realtime.connection"].close(4408, "too slow, come back")
    else:
        await send({"type": "websocket.close", "code": code, "reason": "see you"})
    await receive()


async def late(scope: Scope, receive: Any, send: Any) -> None:
    """Writes before and after it closes."""
    connection = scope["extensions"]["realtime.connection"]
    await receive()
    connection.write(prepare_text_frame(b"in time"))
    connection.close(4408, "")
    connection.write(prepare_text_frame(b"too late"))
    await receive()


async def abort(scope: Scope, receive: Any, send: Any) -> None:
    await receive()
    scope["extensions"]["realtime.connection"].abort()
    tell(disconnected=(await receive()).get("code"))


async def sleepy(scope: Scope, receive: Any, send: Any) -> None:
    """Takes nothing until a second connection comes."""
    SLEEPY.append(asyncio.Event())
    if len(SLEEPY) == 2:
        SLEEPY[0].set()
    await SLEEPY[0].wait()
    count = 0
    while (message := await receive())["type"] == "websocket.receive":
        assert int(message["text"]) == count
        count += 1
        if count == 20_000:
            tell(taken=count)


async def fail(scope: Scope, receive: Any, send: Any) -> None:
    raise RuntimeError("on purpose")


async def clock(scope: Scope, receive: Any, send: Any) -> None:
    """The machine's clock jumps a day ahead and an hour back, long enough for every periodic check to see it."""
    real = time.time
    for jump_s in (86_400, -3_600):
        time.time = lambda jump_s=jump_s: real() + jump_s
        await asyncio.sleep(2.5)
    time.time = real
    await send({"type": "websocket.send", "text": "still here"})
    await receive()


async def silence(scope: Scope, receive: Any, send: Any) -> None:
    """Long without a word from the client, at the server's turn to look: does it ask? With `attend`, it need not."""
    connection = scope["extensions"]["realtime.connection"]
    protocol, server = connection._protocol, connection._protocol.server
    attended = scope["query_string"] == b"attended"
    if attended:
        connection.attend()
    protocol.last_ping = 0.0
    server._checks = -1
    server.timeout_checker()
    tell(attended=attended, asked=protocol.last_ping > 0)
    await receive()
    tell(left=protocol not in server.attended)


async def leave(scope: Scope, receive: Any, send: Any) -> None:
    await receive()


SLEEPY: list[asyncio.Event] = []
BEHAVIOURS = {
    "/echo": echo,
    "/prepared": prepared,
    "/flood": flood,
    "/close": close_with_reason,
    "/late": late,
    "/abort": abort,
    "/sleepy": sleepy,
    "/fail": fail,
    "/leave": leave,
    "/clock": clock,
    "/silence": silence,
}


def main(port: int) -> None:
    from realtime.server import state
    from realtime.server.server import Server

    async def hook() -> None:
        tell(hook=state.draining)

    state.on_drain(hook)
    server = Server(
        application,
        endpoints=[f"tcp:port={port}:interface=127.0.0.1:backlog=4096"],
        drain_deadline_s=5,
        on_listening=lambda address: tell(listening=address),
    )
    server.run()
    if server.listen_failure:
        sys.exit(server.listen_failure)


if __name__ == "__main__":
    main(int(sys.argv[1]))
