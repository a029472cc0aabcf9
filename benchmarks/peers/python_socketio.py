"""A chat on python-socketio with its Redis manager, as its documentation shows rooms and several servers."""

import os

import socketio

server = socketio.AsyncServer(
    async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"])
)
application = socketio.ASGIApp(server)


@server.event
async def join(sid: str, room: str) -> None:
    await server.save_session(sid, {"room": room})
    await server.enter_room(sid, room)
    await server.emit("joined", to=sid)


@server.event
async def chat(sid: str, text: str) -> None:
    session = await server.get_session(sid)
    await server.emit("chat", text, room=session["room"])
