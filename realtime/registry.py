"""What features tell the engine: their events, commands and stream kinds. The engine knows no feature's name.

Each app fills these in its own `events.py`, `commands.py`, `streams.py` and `live.py`, found at start-up.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from realtime.errors import NotFound, RealtimeError

A = TypeVar("A")
E = TypeVar("E", bound=type[Any])
F = TypeVar("F", bound=Callable[..., Any])

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


class UnknownCommand(NotFound):
    code = "unknown_command"
    message = "There is no such command."


class UnknownStream(NotFound):
    message = "There is no such stream, or you may not read it."


@dataclass(frozen=True, slots=True)
class Context:
    """Who sends a command, and over what. `user` is the account as of the last authentication."""

    user_id: int
    user: Any
    session: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """One waiting call of a batch command."""

    context: Context
    args: A


@dataclass(frozen=True, slots=True)
class Command:
    """A registered command. `batched` handlers take all waiting calls at once and answer in the same order."""

    name: str
    args: type[Any]
    result: Any
    handler: Callable[..., Any]
    batched: bool


@dataclass(frozen=True, slots=True)
class StreamKind:
    """How streams `kind:<key>` are authorised: `readable(user, keys)` is the subset of keys that user may read."""

    name: str
    readable: Callable[[Any, Collection[str]], set[str]]
    presence: bool


@dataclass
class Registry:
    events: dict[str, type[Any]] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    kinds: dict[str, StreamKind] = field(default_factory=dict)

    def command(self, name: str) -> Command:
        """The command of that name. Raises UnknownCommand."""
        try:
            return self.commands[name]
        except KeyError:
            raise UnknownCommand(f"There is no command {name[:60]!r}.") from None

    def kind(self, name: str) -> StreamKind:
        """The stream kind of that name. Raises UnknownStream."""
        try:
            return self.kinds[name]
        except KeyError:
            raise UnknownStream() from None


registry = Registry()


def event(name: str) -> Callable[[E], E]:
    """Registers an event class under its name on the wire. The class is a frozen msgspec Struct."""
    _check_name(name)

    def register(cls: E) -> E:
        if registry.events.setdefault(name, cls) is not cls:
            raise ValueError(f"The event {name!r} is registered twice: rename one of them.")
        cls.event_name = name
        return cls

    return register


def command(name: str) -> Callable[[F], F]:
    """Registers `handler(context: Context, args: SomeStruct) -> Struct | None`, run in a database thread."""
    return _command(name, batched=False)


def batch_command(name: str) -> Callable[[F], F]:
    """Registers `handler(calls: list[Call[SomeStruct]]) -> list[Struct | RealtimeError]`: the hot path.

    It gets all calls that waited while its last run went on, so that one transaction serves them all. It should not
    wait for rows that others hold, because everybody would: such a call it answers with `Busy`, and gets it again.
    """
    return _command(name, batched=True)


def stream_kind(name: str, *, presence: bool = False) -> Callable[[F], F]:
    """Registers `readable(user, keys) -> set of keys`: at most one query, whatever the number of keys.

    With `presence` the engine tells watchers who is subscribed.
    """

    def register(readable: F) -> F:
        known = registry.kinds.setdefault(name, StreamKind(name, readable, presence))
        if known.readable is not readable:
            raise ValueError(f"The stream kind {name!r} is registered twice: rename one of them.")
        return readable

    return register


def readable_streams(user: Any, streams: Collection[str]) -> set[str]:
    """The streams among `streams` that user may read. One call, so at most one query, per kind."""
    by_kind: dict[str, dict[str, str]] = {}
    for stream in streams:
        kind, _, key = stream.partition(":")
        by_kind.setdefault(kind, {})[key] = stream
    allowed: set[str] = set()
    for kind, keys in by_kind.items():
        known = registry.kinds.get(kind)
        if known is not None:
            readable = known.readable(user, keys.keys())
            allowed.update(stream for key, stream in keys.items() if key in readable)
    return allowed


def _command(name: str, *, batched: bool) -> Callable[[F], F]:
    _check_name(name)

    def register(handler: F) -> F:
        args, result = _signature(handler, batched=batched)
        known = registry.commands.setdefault(name, Command(name, args, result, handler, batched))
        if known.handler is not handler:
            raise ValueError(f"The command {name!r} is registered twice: rename one of them.")
        return handler

    return register


def _signature(handler: Callable[..., Any], *, batched: bool) -> tuple[type[Any], Any]:
    """The types of a handler's arguments and result, from its annotations."""
    hints: Mapping[str, Any] = get_type_hints(handler)
    parameters = list(inspect.signature(handler).parameters)
    result = hints.get("return")
    if batched:
        (call,) = hints[parameters[0]].__args__
        (args,) = call.__args__
        return args, _first_struct(getattr(result, "__args__", [result])[0])
    return hints[parameters[1]], result


def _first_struct(hint: Any) -> Any:
    options: Sequence[Any] = getattr(hint, "__args__", [hint])
    return next(one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct))


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a name of the form app.thing_done, in lower case.")


__all__ = [
    "Call",
    "Command",
    "Context",
    "RealtimeError",
    "StreamKind",
    "batch_command",
    "command",
    "event",
    "readable_streams",
    "registry",
    "stream_kind",
]
