"""Checks of who may see a room, each of which can be taken away: what the leak test must notice.

A switch names the check, what stands in its place, and the doors of `tests/support/leak_doors.py` that are open then.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from tests.faults.sabotage import without

_rewritten: dict[Any, str] = {}  # several checks may be of one function


class Swap(NamedTuple):
    """A module's name for a check, and what it means instead."""

    module: str
    name: str
    instead: Callable[..., Any]

    def take_away(self) -> None:
        setattr(import_module(self.module), self.name, self.instead)


class Rewrite(NamedTuple):
    """A function of a module, with other words in it; also where it is registered, or known by other modules."""

    module: str
    name: str
    words: str
    instead: str = ""

    def take_away(self) -> None:
        module = import_module(self.module)
        function = inspect.unwrap(getattr(module, self.name))
        source = _rewritten.get(function) or "def " + inspect.getsource(function).partition("def ")[2]
        assert self.words in source, f"{self.module}.{self.name} no longer says {self.words!r}"
        _rewritten[function] = source.replace(self.words, self.instead)
        scope = dict(vars(module))
        exec(_rewritten[function], scope)
        function.__code__ = scope[self.name].__code__


def owner_of(user_id: int, room_id: int) -> Any:
    from chat.models import Member

    return Member.objects.select_related("room").get(room_id=room_id, role=Member.Role.OWNER)


def any_message(user_id: int, message_id: int) -> Any:
    from chat.models import Message

    return Message.objects.select_related("author", "room", "thread").get(pk=message_id)


def any_message_and_owner(user_id: int, message_id: int) -> tuple[Any, Any]:
    message = any_message(user_id, message_id)
    return message, owner_of(user_id, message.room_id)


def _read(module: str) -> Swap:
    return Swap(module, "message_for_reading", any_message)


def _written(module: str) -> Swap:
    return Swap(module, "message_for_writing", any_message_and_owner)


def _room(module: str, name: str = "room_for_reading") -> Swap:
    return Swap(module, name, owner_of)


class Switch(NamedTuple):
    checks: tuple[Swap | Rewrite, ...]
    doors: tuple[str, ...]


SWITCHES: dict[str, Switch] = {
    "history": Switch((_room("chat.selectors"),), ("history", "around", "members")),
    "versions": Switch((_read("chat.selectors"),), ("versions",)),
    "amending": Switch((_written("chat.amending"),), ("editing", "deleting", "restoring")),
    "membership_of_author": Switch(
        (Rewrite("chat.sending", "_store", "send.membership not in members", "False"),), ("writing",)
    ),
    "links": Switch(
        (Rewrite("chat.sending", "_store", "not answers.targets.of(send)", "False"),), ("quoting", "replying")
    ),
    "uploader": Switch(
        (Rewrite("chat.sending", "_store", "attaching.take(send.author.id, send.files)", "[]"),),
        ("attaching",),
    ),
    "forwarding": Switch((_read("chat.threads.forwarding"),), ("forwarding",)),
    "threads": Switch(
        (_read("chat.threads.policies"), _room("chat.threads.policies", "room_for_writing")),
        ("thread", "following", "thread_read"),
    ),
    "files": Switch(
        (_read("chat.files.policies"), _written("chat.files.policies")), ("file", "thumbnail", "describing")
    ),
    "preview_image": Switch(
        (Swap("chat.files.views", "preview_image_is_for", lambda user_id, key: True),), ("preview_image",)
    ),
    "preview": Switch((_written("chat.previews.services"),), ("preview",)),
    "pins": Switch((_room("chat.pins.selectors"),), ("pins",)),
    "pinning": Switch(
        (_read("chat.pins.policies"), _room("chat.pins.policies", "room_for_writing")), ("pinning",)
    ),
    "marking": Switch((_written("chat.marks.policies"),), ("reacting", "voting", "acknowledging")),
    "saving": Switch((_read("chat.saved.services"),), ("saving",)),
    "saved": Switch(
        (Rewrite("chat.saved.selectors", "saved_page", ", message__room__members__user_id=user_id"),),
        ("saved",),
    ),
    "reactions": Switch((_read("chat.reactions.selectors"),), ("reactions",)),
    "votes": Switch((_read("chat.polls.selectors"),), ("votes",)),
    "acks": Switch((_read("chat.acks.selectors"),), ("acks",)),
    "presence": Switch(
        (_read("chat.presence.selectors"), _room("chat.presence.selectors")),
        ("readers", "receipts", "statuses"),
    ),
    "reading": Switch((_room("chat.services"),), ("reading",)),
    "unread": Switch((_room("chat.unread.services", "room_for_writing"),), ("unread",)),
    "drafts": Switch((_room("chat.drafts.services"),), ("draft",)),
    "scheduling": Switch((_room("chat.scheduled.services"),), ("scheduling",)),
    "slash": Switch((_room("chat.slash.services"),), ("slash",)),
    "inviting": Switch(
        (
            Rewrite(
                "chat.services", "_invite", "room_for_writing(user.pk, room_id).room", "room_locked(room_id)"
            ),
        ),
        ("inviting",),
    ),
    "joining": Switch(
        (Rewrite("chat.services", "_join", "room.kind != Room.Kind.PUBLIC or "),), ("joining",)
    ),
    "reporting": Switch((_read("chat.moderation.reports"),), ("reporting",)),
    "reminders": Switch(
        (Rewrite("chat.subjects", "messages", ", room__members__user=user"),),
        ("reminding", "reminders"),
    ),
    "authority": Switch(
        (_room("chat.moderation.policies"),), ("room_export", "begun_export", "audit", "bans")
    ),
    "hooks": Switch((_room("chat.hooks.selectors", "room_for_governing"),), ("hooks",)),
    "invitations": Switch((_room("chat.invitations.services", "room_for_governing"),), ("invitations",)),
    "search": Switch(
        (Rewrite("chat.search.selectors", "_places_of", "filter(user_id=user_id)", "filter(role='owner')"),),
        ("search", "search_by_relevance"),
    ),
    "followed": Switch(
        (
            Rewrite(
                "chat.threads.selectors",
                "_followed",
                "mine.filter(thread__room__members__user_id=user_id)",
                "mine",
            ),
            Swap("chat.services", "forget_reader", lambda user_id, room_id: None),
        ),
        ("threads",),
    ),
    "own_export": Switch(
        (Rewrite("chat.exports", "messages", "filter(author=user)", "all()"),), ("own_export",)
    ),
    "told_of_edits": Switch(
        (Rewrite("notifications.notify", "_reword_chunk", ", recipient__in=to"),), ("inbox",)
    ),
    "streams": Switch(
        (Swap("chat.streams", "_memberships", lambda user_id, ids: [(one,) for one in ids]),),
        ("replay", "hello", "sse"),
    ),
    "typing": Switch((_room("chat.commands"),), ("command",)),
    "account": Switch(
        (
            Rewrite("accounts.authentication", "_identity", "not device.user.is_active", "False"),
            Rewrite("accounts.authentication", "_identity", "device.revoked_at is not None or "),
            Swap("accounts.authentication", "refuse_banned", lambda user: None),
        ),
        ("switched off",),
    ),
    "hook": Switch((Swap("chat.hooks.calling", "_is_inside", lambda hook: True),), ("hook",)),
}


def _take_away(switch: Switch) -> None:
    for check in switch.checks:
        check.take_away()


def switch_of(name: str) -> str:
    """As FAULTS_WITHOUT calls it."""
    return f"check:{name}"


for _name, _switch in SWITCHES.items():
    without(switch_of(_name))(partial(_take_away, _switch))
