"""The golden test of chat: for every event kind, a snapshot and the events after it equal a fresh snapshot.

A new event kind without a case here fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from accounts.erasing import Erased
from accounts.models import User
from accounts.services import user_anonymise
from chat import amending, api, erasures, selectors, sending, services
from chat.api import snapshot_of
from chat.files.payloads import files_loaded
from chat.files.services import file_describe, file_remove
from chat.keywords.services import keywords_set
from chat.models import LinkedPage, Mention, Message, Room
from chat.moderation import blocks, retention
from chat.moderation import services as order
from chat.presence import services as presence
from chat.previews.services import preview_message, preview_remove, room_previews_switch
from chat.rooms import services as room_services
from chat.telling import mention_some
from chat.threads import services as threads
from realtime.log.models import Event
from realtime.registry import registry
from tests.support import chat_state, marks_cases
from tests.support.people import client_id, make_direct, make_group, make_room, make_user
from tests.support.uploads import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chance]

LONG_AGO = timezone.now() - timedelta(days=60)
TRANSIENT = {"chat.typing", "chat.status_changed", "chat.read_by", "chat.delivered"}
KINDS = sorted(name for name in registry.events if name.startswith("chat.") and name not in TRANSIENT)


class World:
    """Ada owns a room with Bo in it; Cy is outside. Ada and Bo also talk directly."""

    def __init__(self) -> None:
        self.ada, self.bo, self.cy = make_user("ada"), make_user("bo"), make_user("cy")
        self.room = make_room(self.ada, self.bo, name="The room")
        self.public = make_room(self.ada, kind="public", name="Anybody")
        self.direct = make_direct(self.ada, self.bo)
        self.first = self.say(self.ada, "first")
        self.last = self.say(self.bo, "last")

    @property
    def people(self) -> list[User]:
        return [self.ada, self.bo, self.cy]

    def say(self, author: User, text: str, *, room: int = 0, **more: Any) -> int:
        sent = sending.message_send(
            author=author, room=room or self.room, text=text, client_id=client_id(), **more
        )
        return sent.message

    def reply(self, author: User, text: str, *, to: int = 0, **more: Any) -> int:
        """In the thread of the last message of Bo, or of that one."""
        return self.say(author, text, thread=to or self.last, **more)

    def share(self, author: User, text: str = "") -> int:
        """A message with two files."""
        files = [upload(author, b"hello", f"{number}.txt").id for number in range(2)]
        sent = sending.message_send(
            author=author, room=self.room, text=text, client_id=client_id(), files=files
        )
        return sent.message


def message_created(world: World) -> None:
    world.say(world.ada, "one")
    world.share(world.bo)
    world.say(world.bo, "two, @ada and @cy")
    world.say(world.ada, "@room: **two** and a half :tada:")
    world.say(world.bo, "three", room=world.direct)
    world.say(world.ada, "three and a half", quote=world.first)


def own_status_changed(world: World) -> None:
    presence.status_set(user=world.ada, emoji="🌴", text="Away", until=None, client_id=client_id())
    presence.availability_set(user=world.bo, availability="invisible", until=None, client_id=client_id())
    presence.receipts_set(user=world.ada, shown=False, client_id=client_id())


def message_edited(world: World) -> None:
    for message, user in ((world.first, world.ada), (world.last, world.bo), (world.last, world.bo)):
        amending.message_edit(user=user, message=message, text=f"other {client_id()}", client_id=client_id())
    named = world.say(world.bo, "@ada")
    for text in ("nobody", "@room", "_@ada_ `@bo`", "**nobody**", "nobody again", "> @ada"):
        amending.message_edit(user=world.bo, message=named, text=text, client_id=client_id())
    world.say(world.bo, "As Ada says", quote=world.first)
    amending.message_edit(user=world.ada, message=world.first, text="x" * 400, client_id=client_id())


def message_deleted(world: World) -> None:
    named = world.say(world.bo, "@ada")
    shared = world.share(world.bo)
    for message, user in (
        (world.first, world.ada),
        (world.last, world.ada),
        (named, world.bo),
        (shared, world.bo),
    ):
        amending.message_delete(user=user, message=message, client_id=client_id())
    quoted = world.say(world.ada, "quote me")
    world.say(world.bo, "I do", quote=quoted)
    amending.message_delete(user=world.ada, message=quoted, client_id=client_id())


def message_restored(world: World) -> None:
    named = world.say(world.bo, "**@ada**")
    world.say(world.bo, "As I said", quote=named)
    for message in (world.first, named, world.share(world.bo)):
        amending.message_delete(user=world.ada, message=message, client_id=client_id())
        amending.message_restore(user=world.ada, message=message, client_id=client_id())


def mentioned(world: World) -> None:
    """What the worker does, for those it has found online."""
    for user in (world.bo, world.cy):
        services.room_join(user=user, room=world.public, client_id=client_id())
    told = world.say(world.ada, "@here, look", room=world.public)
    read = world.say(world.ada, "@here, too", room=world.public)
    services.room_read(user=world.cy, room=world.public, number=2, client_id=client_id())
    for message in (told, read):
        here = {world.bo.pk, world.cy.pk}
        mention_some(Message.objects.get(pk=message), Mention.Kind.HERE, here)
    amending.message_edit(user=world.ada, message=told, text="@here, and see", client_id=client_id())
    replied = world.reply(world.ada, "@here, and this", to=told, room=world.public)
    mention_some(Message.objects.get(pk=replied), Mention.Kind.HERE, {world.bo.pk, world.cy.pk})
    make_group("crew", world.bo)
    grouped = world.say(world.ada, "@crew: on deck", room=world.public)
    mention_some(Message.objects.get(pk=grouped), Mention.Kind.GROUP, {world.bo.pk})
    amending.message_edit(user=world.ada, message=grouped, text="@crew, below", client_id=client_id())


def member_joined(world: World) -> None:
    services.room_join(user=world.cy, room=world.public, client_id=client_id())
    services.room_join(user=world.bo, room=world.public, client_id=client_id())
    world.say(world.cy, "hello", room=world.public)


def member_left(world: World) -> None:
    services.room_invite(user=world.bo, room=world.room, invited=world.cy.pk, client_id=client_id())
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())
    services.room_leave(user=world.cy, room=world.room, client_id=client_id())


def files_changed(world: World) -> None:
    for message in (world.share(world.bo, "look"), world.share(world.bo)):
        files = files_loaded(Message.objects.get(pk=message).files)
        file_describe(user=world.bo, file=files[0].id, alt="a cat", client_id=client_id())
        file_remove(user=world.ada, file=files[1].id, client_id=client_id())


def previews_changed(world: World) -> None:
    message = world.say(world.bo, "https://a.example/ and https://b.example/")
    for url in ("https://a.example/", "https://b.example/"):
        key = hashlib.sha256(url.encode()).hexdigest()
        LinkedPage.objects.create(url_key=key, url=url, found=True, title=url)
    preview_message(message)
    preview_remove(user=world.bo, message=message, url="https://a.example/", client_id=client_id())
    amending.message_edit(user=world.bo, message=message, text="no link", client_id=client_id())
    preview_message(message)


def room_previews_changed(world: World) -> None:
    for on in (False, True, False):
        room_previews_switch(user=world.ada, room=world.room, on=on, client_id=client_id())


def room_changed(world: World) -> None:
    services.room_change(
        user=world.ada,
        room=world.room,
        name="Renamed",
        topic="New",
        mention_all="owners",
        description="What it is for\nand what not",
        client_id=client_id(),
    )
    services.room_change(
        user=world.ada, room=world.room, name=None, topic=None, kind="public", client_id=client_id()
    )
    room_services.room_archive(user=world.ada, room=world.public, archived=True, client_id=client_id())
    for archived in (True, False):
        room_services.room_archive(user=world.ada, room=world.room, archived=archived, client_id=client_id())
    services.room_leave(user=world.ada, room=world.room, client_id=client_id())  # Bo inherits it


def room_added(world: World) -> None:
    made = services.room_create(user=world.bo, kind="private", name="New", topic="", client_id=client_id())
    for invited in (world.ada, world.cy):
        services.room_invite(user=world.bo, room=made.room.id, invited=invited.pk, client_id=client_id())
    make_direct(world.cy, world.ada)
    make_direct(world.cy, world.ada, world.bo)
    services.room_invite(user=world.ada, room=world.room, invited=world.cy.pk, client_id=client_id())
    world.say(world.cy, "I am in")


def room_removed(world: World) -> None:
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())
    services.room_invite(user=world.ada, room=world.room, invited=world.bo.pk, client_id=client_id())
    world.say(world.ada, "again")
    services.room_leave(user=world.ada, room=world.public, client_id=client_id())


def room_read(world: World) -> None:
    services.room_read(user=world.ada, room=world.room, number=1, client_id=client_id())
    world.say(world.bo, "more, @ada")
    world.say(world.bo, "and more, @ada")
    services.room_read(user=world.ada, room=world.room, number=3, client_id=client_id())


def favourites_changed(world: World) -> None:
    for room in (world.public, world.room, world.direct):
        room_services.room_favourite(user=world.ada, room=room, favourite=True, client_id=client_id())
    room_services.favourites_order(user=world.ada, rooms=[world.direct], client_id=client_id())
    room_services.room_favourite(user=world.ada, room=world.room, favourite=False, client_id=client_id())
    services.room_leave(user=world.ada, room=world.public, client_id=client_id())
    services.room_join(user=world.ada, room=world.public, client_id=client_id())


def keywords_changed(world: World) -> None:
    for words in (["deploy", "on fire"], []):
        keywords_set(user=world.ada, words=words, client_id=client_id())


def thread_changed(world: World) -> None:
    hidden = world.reply(world.ada, "a reply")
    world.reply(world.bo, "@ada and a reply")
    world.reply(world.ada, "for all", also_in_room=True)
    world.say(world.bo, "meanwhile")
    world.reply(world.ada, "@room", to=hidden)
    world.reply(
        world.bo, "and in private", to=world.say(world.ada, "hi", room=world.direct), room=world.direct
    )
    for message in (hidden, world.last):
        amending.message_delete(user=world.ada, message=message, client_id=client_id())
        amending.message_restore(user=world.ada, message=message, client_id=client_id())
    amending.message_delete(user=world.ada, message=hidden, client_id=client_id())
    amending.message_edit(
        user=world.bo, message=world.reply(world.bo, "x"), text="@ada", client_id=client_id()
    )
    services.room_read(user=world.bo, room=world.room, number=4, client_id=client_id())


def thread_followed(world: World) -> None:
    services.room_invite(user=world.ada, room=world.room, invited=world.cy.pk, client_id=client_id())
    world.reply(world.ada, "one")
    threads.thread_follow(user=world.cy, thread=world.last, client_id=client_id())
    world.reply(world.bo, "two")
    named = world.reply(world.bo, "three", to=world.first)
    amending.message_edit(user=world.bo, message=named, text="three, @cy", client_id=client_id())
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())


def thread_unfollowed(world: World) -> None:
    world.reply(world.ada, "one")
    threads.thread_unfollow(user=world.bo, thread=world.last, client_id=client_id())
    world.reply(world.ada, "two")
    threads.thread_unfollow(user=world.ada, thread=world.last, client_id=client_id())
    world.reply(world.bo, "three, and back again")


def thread_read(world: World) -> None:
    for text in ("one", "two", "three, @bo"):
        world.reply(world.ada, text)
    threads.thread_read(user=world.bo, thread=world.last, number=4, client_id=client_id())
    world.reply(world.ada, "four")
    threads.thread_read(user=world.bo, thread=world.last, number=9, client_id=client_id())
    services.room_read(user=world.bo, room=world.room, number=6, client_id=client_id())


def role_changed(world: World) -> None:
    for role in ("moderator", "owner", "moderator", "member", "moderator"):
        order.role_change(
            user=world.ada, room=world.room, member=world.bo.pk, role=role, client_id=client_id()
        )
    services.room_leave(user=world.ada, room=world.room, client_id=client_id())  # Bo inherits it
    services.room_invite(user=world.bo, room=world.room, invited=world.ada.pk, client_id=client_id())


def rules_changed(world: World) -> None:
    for posting, slow, days in (("owners", 30, 7), ("moderators", None, None), (None, 0, 0)):
        order.rules_change(
            user=world.ada,
            room=world.room,
            posting=posting,
            slow_mode_s=slow,
            retention_days=days,
            default_retention=False,
            client_id=client_id(),
        )


def messages_trimmed(world: World) -> None:
    """Once all but the last, which is too young, and once everything."""
    world.say(world.bo, "@ada, unread")
    young = world.say(world.bo, "young")
    Message.objects.filter(room=world.room).exclude(pk=young).update(created_at=LONG_AGO)
    order.rules_change(
        user=world.ada,
        room=world.room,
        posting=None,
        slow_mode_s=None,
        retention_days=30,
        default_retention=False,
        client_id=client_id(),
    )
    assert retention.trim_some()
    Message.objects.filter(room=world.room).update(created_at=LONG_AGO)
    Room.objects.filter(pk=world.room).update(trim_at=LONG_AGO)
    assert retention.trim_some()
    world.say(world.ada, "a new beginning")
    world.say(world.bo, "of which one is unread")


def person_changed(world: World) -> None:
    world.say(world.bo, "hello", room=world.direct)
    user_anonymise(User.objects.get(pk=world.bo.pk))
    world.bo.refresh_from_db()
    assert not erasures.name(Erased(world.bo, False))


def muted(world: World) -> None:
    arguments = {"user": world.ada, "room": world.room, "member": world.bo.pk}
    until = timezone.now() + timedelta(hours=1)
    order.member_mute(**arguments, until=until, reason="loud", client_id=client_id())
    order.member_unmute(**arguments, client_id=client_id())
    order.member_mute(**arguments, until=None, reason="", client_id=client_id())


def barred(world: World) -> None:
    for user, other in ((world.ada, world.bo), (world.bo, world.ada)):
        blocks.person_block(user=user, other=other.pk, blocked=True, client_id=client_id())
    blocks.person_block(user=world.ada, other=world.bo.pk, blocked=False, client_id=client_id())


def block_changed(world: World) -> None:
    """What somebody says before, while and after they are blocked."""
    before = world.say(world.bo, "@ada, before")
    services.room_read(user=world.ada, room=world.room, number=2, client_id=client_id())
    world.say(world.bo, "@room, before")
    blocks.person_block(user=world.ada, other=world.bo.pk, blocked=True, client_id=client_id())
    world.say(world.bo, "@ada, meanwhile")
    amending.message_edit(user=world.bo, message=before, text="@ada, edited", client_id=client_id())
    amending.message_delete(user=world.ada, message=before, client_id=client_id())
    blocks.person_block(user=world.ada, other=world.bo.pk, blocked=False, client_id=client_id())
    world.say(world.bo, "@ada, after")


CASES: dict[str, Callable[[World], None]] = {
    "chat.message_created": message_created,
    "chat.message_edited": message_edited,
    "chat.message_deleted": message_deleted,
    "chat.message_restored": message_restored,
    "chat.files_changed": files_changed,
    "chat.previews_changed": previews_changed,
    "chat.room_previews_changed": room_previews_changed,
    "chat.mentioned": mentioned,
    "chat.member_joined": member_joined,
    "chat.member_left": member_left,
    "chat.room_changed": room_changed,
    "chat.room_added": room_added,
    "chat.room_removed": room_removed,
    "chat.room_read": room_read,
    "chat.thread_changed": thread_changed,
    "chat.thread_followed": thread_followed,
    "chat.thread_unfollowed": thread_unfollowed,
    "chat.thread_read": thread_read,
    "chat.favourites_changed": favourites_changed,
    "chat.keywords_changed": keywords_changed,
    "chat.role_changed": role_changed,
    "chat.rules_changed": rules_changed,
    "chat.messages_trimmed": messages_trimmed,
    "chat.person_changed": person_changed,
    "chat.muted": muted,
    "chat.barred": barred,
    "chat.block_changed": block_changed,
    **marks_cases.CASES,
    "chat.own_status_changed": own_status_changed,
}


def snapshot(user: User) -> chat_state.State:
    """What `GET /api/snapshot` answers, as a client decodes it."""
    state: chat_state.State = msgspec.json.decode(msgspec.json.encode(snapshot_of(user)))
    return state


def followed(state: chat_state.State) -> chat_state.State:
    """The state after every event in the log that follows its cursors, streams that appear meanwhile included."""
    while True:
        fresh = [event for event in _log(state["cursors"])]
        if not fresh:
            return state
        state = chat_state.apply(state, fresh[0])


def comparable(state: chat_state.State) -> chat_state.State:
    """Epochs of streams that had no event at the snapshot are unknown to it.

    The order of rooms, threads and drafts is free. Of threads that one does not follow, a snapshot says nothing.
    """
    rooms = sorted(state["rooms"], key=lambda room: room["id"])
    followed = [thread for thread in state["threads"] if "unknown" not in thread]
    drafts = sorted(state["drafts"], key=lambda draft: (draft["room"], draft["thread"] or 0))
    cursors = {stream: cursor["seq"] for stream, cursor in state["cursors"].items()}
    by_root = sorted(followed, key=lambda thread: thread["root"])
    return state | {"rooms": rooms, "threads": by_root, "drafts": drafts, "cursors": cursors}


def _log(cursors: dict[str, Any]) -> list[chat_state.Event]:
    """The next event of each stream after its cursor, the one written first at the front."""
    rows = Event.objects.filter(stream__in=cursors, seq__isnull=False).order_by("id")
    return [
        {
            "stream": row.stream,
            "epoch": cursors[row.stream]["epoch"],
            "seq": row.seq,
            "name": row.name,
            "data": msgspec.json.decode(row.data),
        }
        for row in rows
        if row.seq == cursors[row.stream]["seq"] + 1
    ]


def test_every_event_kind_has_a_case() -> None:
    assert sorted(CASES) == KINDS
    assert sorted(chat_state.REDUCERS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_and_the_events_after_it_equal_a_fresh_snapshot(kind: str) -> None:
    world = World()
    before = {user.pk: snapshot(user) for user in world.people}
    CASES[kind](world)

    assert kind in set(Event.objects.values_list("name", flat=True))
    for user in world.people:
        assert comparable(followed(before[user.pk])) == comparable(snapshot(user))


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_the_snapshot_contains_already_change_nothing(kind: str) -> None:
    world = World()
    cursors = {user.pk: snapshot(user)["cursors"] for user in world.people}
    CASES[kind](world)

    for user in world.people:
        fresh = snapshot(user)
        # As if everything happened between reading the cursors and reading the rooms.
        rooms = {f"room:{room['id']}" for room in fresh["rooms"]}
        old = {
            stream: cursors[user.pk].get(stream, fresh["cursors"][stream])
            for stream in fresh["cursors"]
            if stream in rooms or not stream.startswith("room:")
        }
        assert comparable(followed(fresh | {"cursors": old})) == comparable(fresh)


# Who notices most of each case.
WITNESS = {
    "chat.member_joined": "cy",
    "chat.room_added": "cy",
    "chat.room_read": "ada",
    "chat.thread_followed": "cy",
    "chat.favourites_changed": "ada",
    "chat.keywords_changed": "ada",
    "chat.person_changed": "ada",
    "chat.block_changed": "ada",
    **marks_cases.WITNESS,
}
STEPS = (
    (api, "audience_streams"),
    (api, "positions"),
    (selectors, "room_ids_of"),
    (selectors, "rooms_of"),
    (api, "followed_threads"),
    (api, "inbox_snapshot"),
    (api, "blocked_by"),
    (api, "own_status"),
)


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("kind", KINDS)
def test_what_happens_in_the_middle_of_a_snapshot_is_not_missed(
    kind: str, module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    user = getattr(world, WITNESS.get(kind, "bo"))
    original = getattr(module, step)

    def and_then_it_happens(*args: Any) -> Any:
        value = original(*args)
        monkeypatch.setattr(module, step, original)
        CASES[kind](world)
        return value

    monkeypatch.setattr(module, step, and_then_it_happens)
    torn = snapshot(user)
    assert comparable(followed(torn)) == comparable(snapshot(user))
