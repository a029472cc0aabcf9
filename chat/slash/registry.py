"""What apps declare: a name, how it is used, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from accounts.models import User

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")


@dataclass(frozen=True, slots=True)
class SlashCall:
    """Who uses it, in which room (they are a member), and what follows the name, trimmed. `client_id` names the use."""

    user: User
    room: int
    rest: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """An answer for who used it alone."""

    text: str


# What is said in the room in the user's name, an answer for them alone, or nothing.
Handler = Callable[[SlashCall], str | Whisper | None]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class SlashCommand:
    name: str
    usage: str  # what follows the name: "[topic]"
    description: str
    handler: Handler


_commands: dict[str, SlashCommand] = {}


def slash_command(name: str, *, usage: str = "", description: str) -> Callable[[H], H]:
    """Registers `handler(call) -> str | Whisper | None`. It runs in the transaction that notes its use, so once.

    Raises what it likes of RealtimeError: the user is shown the sentence.
    """
    if not _NAME.match(name):
        raise ValueError(
            f"{name!r}: a command's name is of small letters, digits, _ and -, and begins with a letter."
        )

    def register(handler: H) -> H:
        if name in _commands and _commands[name].handler is not handler:
            raise ValueError(f"The command /{name} is registered twice: rename one of them.")
        _commands[name] = SlashCommand(name, usage, description, handler)
        return handler

    return register


def all_commands() -> list[SlashCommand]:
    return sorted(_commands.values(), key=lambda one: one.name)


def known_command(name: str) -> SlashCommand | None:
    return _commands.get(name)
