"""A client's connection ends right after its send, before any answer: the message is stored once or not at all."""

import asyncio
import json
import random
import socket
import struct
import time

import pytest
from websockets.frames import Frame, Opcode

from realtime.testing.client import Client
from realtime.testing.history import Sent
from realtime.testing.topology import WEBS

pytestmark = pytest.mark.faults

DROPS = 200
DROPPERS = 5


async def test_two_hundred_clients_dropped_after_their_send_are_stored_at_most_once(town, new_scene) -> None:
    async with new_scene() as scene:
        (room,) = scene.streams
        await scene.enter(person=town.members[-1])
        people = [await scene.enter(person=person) for person in town.members[:DROPPERS]]
        await asyncio.gather(*(_drop_many(town, scene, person, room) for person in people))
        stored = {row[0] for row in town.rows("SELECT client_id FROM chat_message")}
        acks = [
            await _until_acked(person, room, client_id)
            for person in people
            for client_id in _client_ids(person, room)
        ]
        at_once = {ack.client_id for ack in acks} & stored
        print(f"{len(at_once)} of {DROPS} were stored at once")
        assert DROPS / 4 < len(at_once) < DROPS
        assert {ack.client_id for ack in acks if ack.duplicate} >= at_once
        await scene.settle()
        scene.verdict()


async def _drop_many(town, scene, person, room: str) -> None:
    rng = random.Random(scene.rng.random())
    token = next(one.token for one in town.members if one.name == person.name)
    for client_id in _client_ids(person, room):
        client = Client(town.topology.socket_url(rng.choice(WEBS)), token=token)
        await client.connect()
        scene.history.add(Sent(person.name, room, client_id, time.monotonic()))
        arguments = {"room": int(room.removeprefix("room:")), "text": "and gone", "client_id": client_id}
        call = {"type": "call", "id": 9, "name": "chat.message_send", "args": arguments}
        send, end = rng.choice(WAYS)
        await send(client, json.dumps(call))
        await asyncio.sleep(rng.choice([0, rng.uniform(0, 0.05)]))
        await end(client)


async def _send_all(client: Client, text: str) -> None:
    await client.send_text(text)


async def _send_half(client: Client, text: str) -> None:
    """The network dies in the middle of the frame."""
    frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=True)
    client._socket.transport.write(frame[: len(frame) // 2])


def _client_ids(person, room: str) -> list[str]:
    return [f"{person.name}-{room}-dropped-{number}" for number in range(DROPS // DROPPERS)]


async def _until_acked(person, room: str, client_id: str):
    while (ack := await person.try_send(room, "and gone", client_id)) is None:
        pass
    return ack


async def _close(client: Client) -> None:
    await client.close()


async def _cut(client: Client) -> None:
    await client.drop()


async def _reset(client: Client) -> None:
    """TCP RST: whatever is on the way is thrown away."""
    raw = client._socket.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await client.drop()


WAYS = [(_send_all, _close), (_send_all, _cut), (_send_all, _reset), (_send_half, _cut), (_send_half, _reset)]
