"""Who is there on a stream: each process is the authority for its own sockets, and the others hold what it said.

A user is there while any of their sockets, on any process, follows the stream: idle when nobody touches any of their
devices, busy ("dnd") or invisible when they chose to be. Changes are gathered for a moment and sent as numbered
differences on the stream's own layer group; a process that missed one asks for the state. Nothing is stored, so an
emptied Redis loses nothing, and a crashed process is noticed by its closed Redis connection at once, or when its
lease ends. Never on the path of an event.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from realtime import conf
from realtime.fan_out import Prepared
from realtime.hub import Hub
from realtime.layer import LayerUnavailable
from realtime.log.batch import frame_of
from realtime.presence.availability import PROCESSES, Availability, availability_of
from realtime.presence.messages import Mode, NotSubscribed, Online, Update, Watch
from realtime.presence.stream import StreamPresence
from realtime.protocol.codec import decode_args, encode
from realtime.protocol.streams import group_of, split_stream
from realtime.registry import registry

logger = logging.getLogger(__name__)

_SWEEP_S = 1.0


class Watcher(Protocol):
    """A session, as far as presence knows it."""

    idle: bool

    @property
    def user_id(self) -> int: ...

    @property
    def subscriptions(self) -> Any: ...

    @property
    def connection(self) -> Any: ...

    @property
    def soft_buffer_bytes(self) -> int: ...


class Presence:
    """The presence of all streams in this process. `of_user`: the user's sessions here."""

    def __init__(self, hub: Hub, of_user: Callable[[int], Iterable[Watcher]]) -> None:
        self._hub = hub
        self._of_user = of_user
        self._availability: dict[int, Availability] = {}  # of our users, where they chose one
        self._streams: dict[str, StreamPresence] = {}
        self._changed: set[str] = set()
        self._counted: dict[str, float] = {}  # when the number of a crowd was last told
        self._heard: dict[str, float] = {}
        self._timers: set[str] = set()  # streams that are looked at again soon
        self._flush_waits = False
        self.calls: dict[str, Callable[[bytes, Watcher], Online | None]] = {
            "presence.watch": lambda raw, watcher: self._watch(decode_args(raw, Watch), watcher),
            "presence.unwatch": lambda raw, watcher: self.unwatch(decode_args(raw, Watch).stream, watcher),
            "presence.update": lambda raw, watcher: self._update(decode_args(raw, Update), watcher),
        }
        for kind in ("diff", "state", "request", "alive", "ask", "availability"):
            hub.handle(f"presence.{kind}", getattr(self, f"_on_{kind}"))

    async def run(self) -> None:
        """Tells the other processes that this one lives, and clears those that no longer do. Owned by Sessions."""
        await self._hub.layer.group_add(PROCESSES, self._hub.channel)
        self._hub.layer.on_reconnect(self._say_everything)
        lease_s: float = conf.get("PRESENCE_LEASE_S")
        next_beat = 0.0
        while True:
            now = time.monotonic()
            if now >= next_beat:
                self._publish(PROCESSES, {"type": "presence.alive"})
                next_beat = now + lease_s / 3
            await self._clear_dead(lease_s)
            await asyncio.sleep(_SWEEP_S)

    # ---- sockets come and go

    def introduced(self, user: Any) -> None:
        """A socket has become the user's, whose row was just read."""
        self._choose(user.pk, availability_of(user))

    def gone(self, user_id: int) -> None:
        """The user has no socket here any more."""
        self._availability.pop(user_id, None)

    def entered(self, stream: str, user_id: int) -> None:
        """A socket of the user follows the stream."""
        if _has_presence(stream):
            self._stream(stream).enter(user_id, self._mode(user_id))
            self._touch(stream)

    def left(self, stream: str, user_id: int) -> None:
        """A socket of the user follows the stream no more."""
        known = self._streams.get(stream)
        if known is not None and user_id in known.sockets:
            known.leave(user_id)
            self._touch(stream)

    def call(self, name: str, raw: bytes, watcher: Watcher) -> Online | None:
        """Carries out what `calls` has. Raises RealtimeError."""
        return self.calls[name](raw, watcher)

    def unwatch(self, stream: str, watcher: Watcher) -> None:
        known = self._streams.get(stream)
        if known is not None and watcher in known.watchers:
            del known.watchers[watcher]
            if not known.watchers:
                known.end()
            self._forget_if_empty(stream, known)

    def _watch(self, args: Watch, watcher: Watcher) -> Online:
        if args.stream not in watcher.subscriptions or not _has_presence(args.stream):
            raise NotSubscribed()
        stream = self._stream(args.stream)
        if not stream.watchers:
            stream.begin(conf.get("PRESENCE_NAMES"))
            self._publish(group_of(args.stream), {"type": "presence.request", "stream": args.stream})
        stream.watchers[watcher] = None
        return stream.now()

    def _update(self, args: Update, watcher: Watcher) -> None:
        if watcher.idle != args.idle:
            watcher.idle = args.idle
            self.see_again(watcher.user_id)

    # ---- how a user is seen

    def _mode(self, user_id: int) -> Mode | None:
        availability = self._availability.get(user_id, "auto")
        if availability == "invisible":
            return None
        if availability == "dnd":
            return "dnd"
        return "idle" if all(one.idle for one in self._of_user(user_id)) else "online"

    def _choose(self, user_id: int, availability: Availability) -> None:
        if availability == self._availability.get(user_id, "auto"):
            return
        if availability == "auto":
            del self._availability[user_id]
        else:
            self._availability[user_id] = availability
        self.see_again(user_id)

    def see_again(self, user_id: int) -> None:
        """Their mode may be another one now: show it on every stream that they follow here."""
        mode = self._mode(user_id)
        for name in {name for one in self._of_user(user_id) for name in one.subscriptions.names()}:
            stream = self._streams.get(name)
            if stream is not None and user_id in stream.sockets:
                stream.set_mode(user_id, mode)
                self._touch(name)

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
        for name in changed:
            stream = self._streams.get(name)
            if stream is not None:
                self._announce(name, stream)
                self._show(name, stream)
                self._forget_if_empty(name, stream)

    def _announce(self, name: str, stream: StreamPresence) -> None:
        said = stream.announcement()
        if said is not None and self._heard:
            self._publish(
                group_of(name),
                {
                    "type": "presence.diff",
                    "stream": name,
                    "version": said.version,
                    "here": list(said.here.items()),
                    "gone": said.gone,
                },
            )

    def _show(self, name: str, stream: StreamPresence) -> None:
        if not stream.watchers:
            stream.unshown.clear()
            return
        now = time.monotonic()
        if not stream.listed and now < self._counted.get(name, 0.0):
            self._look_again(name, self._counted[name] - now)
            return
        linger_s: float = conf.get("PRESENCE_LINGER_S")
        change = stream.change(now, linger_s=linger_s, limit=conf.get("PRESENCE_NAMES"))
        if stream.leaving:
            self._look_again(name, min(stream.leaving.values()) - now)
        if change is None:
            return
        if not change.listed:
            self._counted[name] = now + conf.get("PRESENCE_COUNT_INTERVAL_S")
        frame = frame_of(
            stream=name, seq=None, name="presence.changed", at=datetime.now(UTC), data=encode(change)
        )
        prepared = Prepared([frame])
        for watcher in list(stream.watchers):
            if watcher.connection.buffered_bytes <= watcher.soft_buffer_bytes:
                watcher.connection.send(prepared)

    def _look_again(self, name: str, after_s: float) -> None:
        """One timer for a stream, however often it is asked for."""
        if name not in self._timers:
            self._timers.add(name)
            self._hub.loop.call_later(max(after_s, 0.0), self._timer_ends, name)

    def _timer_ends(self, name: str) -> None:
        self._timers.discard(name)
        if name in self._streams:
            self._touch(name)

    def _say_everything(self) -> None:
        """After a lost connection: whatever was said meanwhile may be missing, here and there."""
        for name, stream in self._streams.items():
            self._send_state(name, stream)
            self._publish(group_of(name), {"type": "presence.request", "stream": name})

    def _send_state(self, name: str, stream: StreamPresence) -> None:
        self._publish(
            group_of(name),
            {
                "type": "presence.state",
                "stream": name,
                "version": stream.version,
                "users": list(stream.announced.items()),
            },
        )

    def _publish(self, group: str, message: dict[str, Any]) -> None:
        self._hub.layer.publish_nowait(group, {**message, "process": self._hub.channel})

    # ---- in: from other processes

    def _on_alive(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is not None and self._hear(process):
            self._publish(PROCESSES, {"type": "presence.alive"})

    def _on_request(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        stream = self._streams.get(message["stream"])
        if process is not None:
            self._hear(process)
            if stream is not None and stream.announced:
                self._send_state(message["stream"], stream)

    def _on_state(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is not None:
            self._hear(process)
            self._stream(message["stream"]).hear_state(
                process, int(message["version"]), _modes(message["users"])
            )
            self._touch(message["stream"])

    def _on_diff(self, message: dict[str, Any]) -> None:
        process = self._sender(message)
        if process is None:
            return
        self._hear(process)
        name = message["stream"]
        gone = [int(user_id) for user_id in message["gone"]]
        if self._stream(name).hear_difference(
            process, int(message["version"]), _modes(message["here"]), gone
        ):
            self._touch(name)
        else:
            self._publish(group_of(name), {"type": "presence.request", "stream": name})

    def _on_ask(self, message: dict[str, Any]) -> None:
        """A thread somewhere wants to know, once: each process answers for its own users."""
        stream = self._streams.get(message["stream"])
        users = sorted(stream.here) if stream is not None else []
        self._hub.layer.publish_nowait(message["answer_to"], {"type": "presence.answer", "users": users})

    def _on_availability(self, message: dict[str, Any]) -> None:
        """A user chose how to be seen, by way of any process."""
        user_id = int(message["user"])
        if any(True for _ in self._of_user(user_id)):
            self._choose(user_id, cast(Availability, message["availability"]))

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
            for name, stream in self._streams.items():
                if stream.announced:
                    self._send_state(name, stream)
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
                for name, stream in self._streams.items():
                    if stream.forget(process):
                        self._touch(name)

    # ---- streams

    def _stream(self, name: str) -> StreamPresence:
        return self._streams.setdefault(name, StreamPresence())

    def _forget_if_empty(self, name: str, stream: StreamPresence) -> None:
        if stream.empty and name not in self._changed:
            self._streams.pop(name, None)
            self._counted.pop(name, None)


def _modes(pairs: Iterable[tuple[Any, Any]]) -> dict[int, Mode]:
    return {int(user_id): mode for user_id, mode in pairs}


def _has_presence(stream: str) -> bool:
    kind = registry.kinds.get(split_stream(stream)[0])
    return kind is not None and kind.presence
