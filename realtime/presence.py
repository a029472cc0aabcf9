"""Who is online on a stream: each process is the authority for its own sockets, and the others hold what it said.

A user is online on a stream while any of their sockets, on any process, follows it. Changes are gathered for a
moment and sent as numbered differences on the stream's own layer group; a process that missed one asks for the
state. Nothing is stored, so an emptied Redis loses nothing, and a crashed process is noticed by its closed
Redis connection at once, or when its lease ends. Never on the path of an event.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct

from realtime import conf
from realtime.fan_out import Prepared
from realtime.hub import Hub
from realtime.layer import LayerUnavailable
from realtime.log.batch import frame_of
from realtime.protocol.codec import decode_args, encode
from realtime.protocol.streams import group_of, split_stream
from realtime.registry import UnknownStream, event, registry

logger = logging.getLogger(__name__)

_PROCESSES = "presence"
_SWEEP_S = 1.0


@event("presence.changed")
class PresenceChanged(Struct, frozen=True):
    """Transient. User ids that came online on the stream, or went offline, since the last one."""

    online: list[int]
    offline: list[int]


class Watch(Struct, frozen=True):
    """Arguments of `presence.watch` and `presence.unwatch`: a stream that this socket follows."""

    stream: str


class Online(Struct, frozen=True):
    """Result of `presence.watch`: the user ids online now; `presence.changed` follows."""

    online: list[int]


class NotSubscribed(UnknownStream):
    code = "not_subscribed"
    message = "Subscribe to the stream first; its presence is for those who follow it."


class Watcher(Protocol):
    """A session, as far as presence knows it."""

    @property
    def subscriptions(self) -> Any: ...

    @property
    def connection(self) -> Any: ...

    @property
    def soft_buffer_bytes(self) -> int: ...


@dataclass(slots=True)
class _Room:
    """One stream's presence: our own users, what others said of theirs, and who watches."""

    local: Counter[int] = field(default_factory=Counter)
    announced: set[int] = field(default_factory=set)
    version: int = 0
    remote: dict[str, tuple[int, set[int]]] = field(default_factory=dict)
    watchers: dict[Watcher, None] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)

    def online(self) -> set[int]:
        return set(self.local).union(*(users for _, users in self.remote.values()))

    @property
    def empty(self) -> bool:
        return not (self.local or self.announced or self.watchers)


class Presence:
    """The presence of all streams in this process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rooms: dict[str, _Room] = {}
        self._changed: set[str] = set()
        self._heard: dict[str, float] = {}
        self._flush_waits = False
        self.calls: dict[str, Callable[[Watch, Any], Online | None]] = {
            "presence.watch": self._watch,
            "presence.unwatch": self._unwatch_call,
        }
        for kind in ("diff", "state", "request", "alive"):
            hub.handle(f"presence.{kind}", getattr(self, f"_on_{kind}"))

    async def run(self) -> None:
        """Tells the other processes that this one lives, and clears those that no longer do. Owned by Sessions."""
        await self._hub.layer.group_add(_PROCESSES, self._hub.channel)
        self._hub.layer.on_reconnect(self._say_everything)
        lease_s: float = conf.get("PRESENCE_LEASE_S")
        next_beat = 0.0
        while True:
            now = time.monotonic()
            if now >= next_beat:
                self._publish(_PROCESSES, {"type": "presence.alive"})
                next_beat = now + lease_s / 3
            await self._clear_dead(lease_s)
            await asyncio.sleep(_SWEEP_S)

    # ---- sockets come and go

    def entered(self, stream: str, user_id: int) -> None:
        """A socket of the user follows the stream."""
        if _has_presence(stream):
            self._room(stream).local[user_id] += 1
            self._touch(stream)

    def left(self, stream: str, user_id: int) -> None:
        """A socket of the user follows the stream no more."""
        room = self._rooms.get(stream)
        if room is not None and room.local[user_id] > 0:
            room.local[user_id] -= 1
            if room.local[user_id] == 0:
                del room.local[user_id]
            self._touch(stream)

    def call(self, name: str, raw: bytes, watcher: Watcher) -> Online | None:
        """Carries out `presence.watch` or `presence.unwatch`. Raises RealtimeError."""
        return self.calls[name](decode_args(raw, Watch), watcher)

    def unwatch(self, stream: str, watcher: Watcher) -> None:
        room = self._rooms.get(stream)
        if room is not None:
            room.watchers.pop(watcher, None)
            self._forget_if_empty(stream, room)

    def _watch(self, args: Watch, watcher: Watcher) -> Online:
        if args.stream not in watcher.subscriptions or not _has_presence(args.stream):
            raise NotSubscribed()
        room = self._room(args.stream)
        if not room.watchers:
            room.shown = room.online()
            self._publish(group_of(args.stream), {"type": "presence.request", "stream": args.stream})
        room.watchers[watcher] = None
        return Online(sorted(room.shown))

    def _unwatch_call(self, args: Watch, watcher: Watcher) -> None:
        self.unwatch(args.stream, watcher)

    # ---- out

    def _touch(self, stream: str) -> None:
        self._changed.add(stream)
        if not self._flush_waits:
            self._flush_waits = True
            self._hub.loop.call_later(conf.get("PRESENCE_COALESCE_MS") / 1000, self._flush)

    def _flush(self) -> None:
        """Sends what changed since the last flush: to other processes, and to this one's watchers."""
        self._flush_waits = False
        changed, self._changed = self._changed, set()
        for stream in changed:
            room = self._rooms.get(stream)
            if room is not None:
                self._announce(stream, room)
                self._show(stream, room)
                self._forget_if_empty(stream, room)

    def _announce(self, stream: str, room: _Room) -> None:
        now = set(room.local)
        online, offline = now - room.announced, room.announced - now
        if not online and not offline:
            return
        room.announced = now
        room.version += 1
        if self._heard:
            self._publish(
                group_of(stream),
                {
                    "type": "presence.diff",
                    "stream": stream,
                    "version": room.version,
                    "online": sorted(online),
                    "offline": sorted(offline),
                },
            )

    def _show(self, stream: str, room: _Room) -> None:
        if not room.watchers:
            return
        now = room.online()
        change = PresenceChanged(sorted(now - room.shown), sorted(room.shown - now))
        room.shown = now
        if not change.online and not change.offline:
            return
        frame = frame_of(
            stream=stream, seq=None, name="presence.changed", at=datetime.now(UTC), data=encode(change)
        )
        prepared = Prepared([frame])
        for watcher in list(room.watchers):
            if watcher.connection.buffered_bytes <= watcher.soft_buffer_bytes:
                watcher.connection.send(prepared)

    def _say_everything(self) -> None:
        """After a lost connection: whatever was said meanwhile may be missing, here and there."""
        for stream, room in self._rooms.items():
            self._send_state(stream, room)
            self._publish(group_of(stream), {"type": "presence.request", "stream": stream})

    def _send_state(self, stream: str, room: _Room) -> None:
        self._publish(
            group_of(stream),
            {
                "type": "presence.state",
                "stream": stream,
                "version": room.version,
                "users": sorted(room.announced),
            },
        )

    def _publish(self, group: str, message: dict[str, Any]) -> None:
        self._hub.layer.publish_nowait(group, {**message, "process": self._hub.channel})

    # ---- in: from other processes

    def _on_alive(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is not None and self._hear(process):
            self._publish(_PROCESSES, {"type": "presence.alive"})

    def _on_request(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        room = self._rooms.get(message["stream"])
        if process is not None:
            self._hear(process)
            if room is not None and room.announced:
                self._send_state(message["stream"], room)

    def _on_state(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is not None:
            self._hear(process)
            room = self._room(message["stream"])
            room.remote[process] = (int(message["version"]), set(map(int, message["users"])))
            self._touch(message["stream"])

    def _on_diff(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is None:
            return
        self._hear(process)
        stream = message["stream"]
        room = self._room(stream)
        version, users = room.remote.get(process, (0, set()))
        if int(message["version"]) != version + 1:
            self._publish(group_of(stream), {"type": "presence.request", "stream": stream})
            return
        users = (users | set(map(int, message["online"]))) - set(map(int, message["offline"]))
        room.remote[process] = (version + 1, users)
        self._touch(stream)

    def _sender(self, message: dict[str, Any]) -> str | None:
        """The process that sent it; None for our own words coming back."""
        process = message["process"]
        if not isinstance(process, str):
            raise TypeError("not a process")
        return None if process == self._hub.channel else process

    def _hear(self, process: str) -> bool:
        """Notes a sign of life. True the first time: then all we know of our own is news to it."""
        known = process in self._heard
        self._heard[process] = time.monotonic()
        if not known:
            for stream, room in self._rooms.items():
                if room.announced:
                    self._send_state(stream, room)
        return not known

    async def _clear_dead(self, lease_s: float) -> None:
        if not self._heard or not self._hub.layer.connected:
            return
        try:
            alive = await self._hub.layer.alive(list(self._heard))
        except LayerUnavailable:
            return
        oldest = time.monotonic() - lease_s
        for process, heard in list(self._heard.items()):
            if process not in alive or heard < oldest:
                logger.info("The process %s is gone; its users are offline.", process[-8:])
                del self._heard[process]
                self._clear(process)

    def _clear(self, process: str) -> None:
        for stream, room in self._rooms.items():
            if room.remote.pop(process, None) is not None:
                self._touch(stream)

    # ---- rooms

    def _room(self, stream: str) -> _Room:
        return self._rooms.setdefault(stream, _Room())

    def _forget_if_empty(self, stream: str, room: _Room) -> None:
        if room.empty and stream not in self._changed:
            self._rooms.pop(stream, None)


def _has_presence(stream: str) -> bool:
    kind = registry.kinds.get(split_stream(stream)[0])
    return kind is not None and kind.presence
