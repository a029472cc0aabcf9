"""Everybody who may ask, and what each may expect: the words of `tests/integration/test_chat_authorisation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from chat import amending, sending, services
from chat.hooks.services import hook_create
from chat.invitations.services import invitation_create
from chat.models import HeldMessage, LinkedPage, Preview, Revision, Room
from chat.moderation import reports
from chat.moderation import services as order
from realtime.jobs.services import start_job
from tests.support.people import client_id, make_direct, make_group, make_room, make_user
from tests.support.uploads import upload

URL = "https://example.com/a"

# Role -> whose it is in the World. `stranger` has nothing to do with the room, `ex_member` left it, `banned` was banned
# from it, `staff` may moderate everywhere and is in no room.
ROLES = {
    "stranger": "outsider",
    "ex_member": "gone",
    "banned": "banned",
    "guest": "visitor",
    "muted": "silent",
    "member": "member",
    "moderator": "moderator",
    "owner": "owner",
    "staff": "staff",
}

Outcome = Mapping[str, Any]


def outcome(stranger: Any, member: Any, owner: Any, **others: Any) -> Outcome:
    """What each role gets. Whoever is in the room gets what a member gets, whoever is not what a stranger gets, unless
    `others` says something else.
    """
    usual = {
        "stranger": stranger,
        "ex_member": stranger,
        "banned": stranger,
        "guest": member,
        "muted": member,
        "member": member,
        "moderator": member,
        "owner": owner,
        "staff": stranger,
    }
    assert others.keys() <= usual.keys()
    return usual | others


class World:
    """The owner has a private room with everybody who is in it, a public one, and a direct conversation."""

    def __init__(self) -> None:
        self.owner, self.member, self.outsider = make_user("olga"), make_user("mia"), make_user("otto")
        self.moderator, self.silent, self.gone = make_user("max"), make_user("silas"), make_user("greta")
        self.visitor, self.banned = make_user("vera", is_guest=True), make_user("bert")
        self.staff = make_user("stan", is_staff=True)
        self.staff.user_permissions.add(Permission.objects.get(codename="moderate"))
        self.target = make_user("tim")  # another member, to whom things are done
        self.guest = make_user("gus")  # somebody to invite
        inside = (self.member, self.target, self.moderator, self.silent, self.visitor, self.gone, self.banned)
        self.room = make_room(self.owner, *inside)
        self.public = make_room(self.owner, self.member, kind="public")
        self.direct = make_direct(self.owner, self.member)
        self.message = self.say(self.member, "hi")
        self.reported = self.say(self.target, "buy this")
        self.deleted = self.say(self.member, "gone")
        amending.message_delete(user=self.member, message=self.deleted, client_id=client_id())
        Revision.objects.update(forget_at=timezone.now() + timedelta(days=1))  # however long the tests take
        self.hook = hook_create(
            user=self.owner, room=self.room, direction="incoming", name="Hook", client_id=client_id()
        ).id
        self._share()
        self._keep_order()
        self.job = start_job("accounts.export", self.owner, key="k").pk

    def say(self, author: User, text: str) -> int:
        return sending.message_send(author=author, room=self.room, text=text, client_id=client_id()).message

    def user(self, role: str) -> User:
        user: User = getattr(self, ROLES[role])
        user.refresh_from_db()
        return user

    def _share(self) -> None:
        self.group = make_group("crew", self.member)
        self.link = invitation_create(
            user=self.owner, room=self.room, lifetime_s=None, max_uses=None, client_id=client_id()
        )
        self.file, self.unsent = (upload(self.member, b"hello", name) for name in ("a.txt", "b.txt"))
        self.linking = sending.message_send(
            author=self.member, room=self.room, text=URL, client_id=client_id(), files=[self.file.id]
        ).message
        page = LinkedPage.objects.create(
            url_key=sha256(URL.encode()).hexdigest(), url=URL, found=True, title="A"
        )
        Preview.objects.create(message_id=self.linking, page=page, position=0)

    def _keep_order(self) -> None:
        self.report = reports.report(
            user=self.member,
            message=self.reported,
            person=None,
            why="spam",
            text="",
            client_id=client_id(),
        ).report
        self.held = HeldMessage.objects.create(
            room=Room.objects.get(pk=self.room), author=self.target, text="hm", client_id="held"
        ).pk
        order.role_change(
            user=self.owner, room=self.room, member=self.moderator.pk, role="moderator", client_id=client_id()
        )
        self.until = timezone.now() + timedelta(days=1)
        order.member_mute(
            user=self.owner,
            room=self.room,
            member=self.silent.pk,
            until=self.until,
            reason="loud",
            client_id=client_id(),
        )
        order.member_ban(
            user=self.owner,
            room=self.room,
            banned=self.banned.pk,
            until=None,
            reason="rude",
            client_id=client_id(),
        )
        services.room_leave(user=self.gone, room=self.room, client_id=client_id())
