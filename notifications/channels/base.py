"""What a channel is, and the channels that installed apps have registered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from notifications.deliveries.rules import IN_APP
from realtime import Struct


class Message(Struct, frozen=True, kw_only=True):
    """What one person is told over one channel, in their language.

    `id` is the same at each attempt, so that a receiver can tell a repetition; `thread` names what belongs together
    ("" for nothing); `link` is absolute, or "".
    """

    id: str
    type: str
    category: str
    level: str
    critical: bool
    title: str
    text: str
    link: str
    language: str
    thread: str
    expires_at: datetime | None
    unread: int


class Address(Struct, frozen=True):
    """Where a channel reaches a person: `key` is the same as long as the address is (a row's id, an e-mail)."""

    key: str
    value: str


class Sent(Struct, frozen=True):
    """It was taken over; `reference` is what the other side calls it, "" where it gives no name."""

    reference: str = ""


class Retry(Struct, frozen=True):
    """Not now. `after_s` is what the other side asked for; None leaves it to the back-off."""

    reason: str
    after_s: float | None = None


class Gone(Struct, frozen=True):
    """The address exists no more; the channel has forgotten it."""

    reason: str


class Refused(Struct, frozen=True):
    """Not taken, and trying again is no use."""

    reason: str


Outcome = Sent | Retry | Gone | Refused


class Channel(Protocol):
    """One way to reach people outside the app. Nothing it does may run inside a transaction that holds locks.

    One that may not be set up here also has `is_set_up() -> bool`.
    """

    name: str
    label: str
    digests: bool

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        """Where each of them is reached; who has no address is left out. A fixed number of queries."""
        ...

    def send(self, address: Address, message: Message) -> Outcome:
        """One attempt, with a timeout. Raises nothing: what goes wrong is an Outcome."""
        ...


C = TypeVar("C", bound=type[Channel])

_channels: dict[str, Channel] = {}


def channel(name: str, *, label: str, digests: bool = False) -> Callable[[C], C]:
    """Registers a class as the channel of that name. Raises ValueError where the name is taken.

    `digests` says that people may have it hourly or daily: then something sends what `due_digests` finds.
    """

    def register(cls: C) -> C:
        made = cls()
        made.name, made.label, made.digests = name, label, digests
        if name == IN_APP or type(_channels.setdefault(name, made)) is not cls:
            raise ValueError(f"The channel {name!r} is registered twice: rename one of them.")
        return cls

    return register


def known_channel(name: str) -> Channel | None:
    """The channel of that name, or None when no installed app offers it."""
    return _channels.get(name)


def is_set_up(channel: Channel) -> bool:
    """Whether it can reach anybody here. At most one query."""
    asked = getattr(channel, "is_set_up", None)
    return asked is None or bool(asked())


def all_channels() -> list[Channel]:
    return sorted(_channels.values(), key=lambda one: one.name)
