"""What erasing an account does, beside anonymising it: parts that apps declare in their `erasures.py`.

    @erased("inbox")
    def inbox(person: Erased) -> bool:
        …                                          # one bounded chunk, in the transaction of a job's step
        return more                                # whether it is to be called again

A part finds what is left by itself, so that calling it again after an interruption does no harm. Parts run in the order
of their names, after the account's own row was made anonymous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose account it is, and whether what they wrote to others goes with it."""

    user: User
    with_messages: bool


F = TypeVar("F", bound=Callable[[Erased], bool])

_parts: dict[str, Callable[[Erased], bool]] = {}


def erased(name: str) -> Callable[[F], F]:
    """Registers one part."""

    def register(part: F) -> F:
        if _parts.setdefault(name, part) is not part:
            raise ValueError(f"The part {name!r} is registered twice: rename one of them.")
        return part

    return register


def parts() -> list[tuple[str, Callable[[Erased], bool]]]:
    """All of them, by name."""
    return sorted(_parts.items())
