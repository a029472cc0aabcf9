"""What people can be reminded of: kinds of things that apps register in their `subjects.py`.

    @subject_kind("message")
    def messages(user, keys) -> dict[str, Subject]: ...

A reminder names its subject as `kind:key`, such as `message:12`, and keeps nothing of what it says: that is asked when
it is shown and when it fires, with the rights that the person has then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from notifications.errors import BadSubject

_NAME = re.compile(r"[a-z][a-z_]{0,18}:[A-Za-z0-9]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Subject:
    """What the person may see of it now: a line of words, and where it is."""

    title: str
    link: str


Find = Callable[[Any, Collection[str]], Mapping[str, Subject]]
F = TypeVar("F", bound=Find)

_kinds: dict[str, Find] = {}


def subject_kind(name: str) -> Callable[[F], F]:
    """Registers `find(user, keys)`: by key, those that are there and that this user may see. A fixed number of
    queries.
    """

    def register(find: F) -> F:
        if _kinds.setdefault(name, find) is not find:
            raise ValueError(f"The subject kind {name!r} is registered twice: rename one of them.")
        return find

    return register


def check_subject(name: str) -> str:
    """`name`, if it is of a form and a kind that exist. Raises BadSubject."""
    if not _NAME.match(name) or name.partition(":")[0] not in _kinds:
        raise BadSubject
    return name


def visible_subjects(user: Any, names: Collection[str]) -> dict[str, Subject]:
    """By name, those of them that this user may see now. A fixed number of queries per kind."""
    keys_of: dict[str, list[str]] = {}
    for name in names:
        kind, _, key = name.partition(":")
        keys_of.setdefault(kind, []).append(key)
    return {
        f"{kind}:{key}": subject
        for kind, keys in keys_of.items()
        if kind in _kinds
        for key, subject in _kinds[kind](user, keys).items()
    }
