"""What other apps have to say about names that people give themselves, without accounts knowing them."""

from __future__ import annotations

from collections.abc import Callable

_checks: list[Callable[[str], None]] = []


def register_name_check(check: Callable[[str], None]) -> None:
    """Has every new user name and display name pass `check`, which raises `BadName` where it may not be."""
    if check not in _checks:
        _checks.append(check)


def check_name(name: str) -> None:
    """Raises BadName."""
    for check in _checks:
        check(name)
