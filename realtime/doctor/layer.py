"""The channel layer: what one process publishes, another one receives."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from realtime.doctor.registry import Finding, Site, examine, fine, wrong

TIMEOUT_S = 5.0


@examine("layer")
def layer(site: Site) -> Iterator[Finding]:
    try:
        took_ms = async_to_sync(_round_trip_ms)()
    except Exception as error:  # whatever the layer in use raises
        yield wrong(
            f"A message does not come back through the channel layer ({error or type(error).__name__}).",
            "Until Redis is back, events arrive late, from the database.",
        )
        return
    yield fine(f"A message to a group came back in {took_ms:.0f} ms.")


async def _round_trip_ms() -> float:
    layer = get_channel_layer()
    group = f"doctor-{uuid.uuid4().hex}"
    async with asyncio.timeout(TIMEOUT_S):
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        began = time.perf_counter()
        await layer.group_send(group, {"type": "doctor"})
        await layer.receive(channel)
        took_s = time.perf_counter() - began
        await layer.group_discard(group, channel)
    return took_s * 1000
