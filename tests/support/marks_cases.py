"""What happens in the golden test of chat for each event of marks, drafts, saved and scheduled messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from accounts.models import User
from chat import amending, services
from chat.acks.services import ack_ask, ack_give
from chat.drafts.services import draft_save
from chat.pins.services import message_pin, message_unpin
from chat.polls.services import poll_close, poll_create, poll_vote
from chat.reactions.services import reaction_add, reaction_remove
from chat.saved.services import message_save, message_unsave
from chat.scheduled.services import schedule, schedule_cancel, schedule_change
from chat.unread import services as unread
from tests.support.people import client_id
from tests.support.uploads import upload

World = Any  # tests.integration.test_chat_golden.World


def reactions_changed(world: World) -> None:
    for user, emoji in ((world.ada, "👍"), (world.bo, "👍"), (world.bo, "🎉"), (world.ada, "❤")):
        reaction_add(user=user, message=world.last, emoji=emoji, client_id=client_id())
    reaction_add(user=world.bo, message=world.first, emoji="👍", client_id=client_id())
    for user, emoji in ((world.ada, "👍"), (world.bo, "🎉")):
        reaction_remove(user=user, message=world.last, emoji=emoji, client_id=client_id())


def message_pinned(world: World) -> None:
    for message in (world.first, world.last):
        message_pin(user=world.bo, message=message, client_id=client_id())
    amending.message_edit(user=world.bo, message=world.last, text="pinned, edited", client_id=client_id())
    amending.message_delete(user=world.ada, message=world.last, client_id=client_id())


def message_unpinned(world: World) -> None:
    message_pinned(world)
    amending.message_restore(user=world.ada, message=world.last, client_id=client_id())
    for message in (world.first, world.last):
        message_unpin(user=world.ada, message=message, client_id=client_id())


def ack_changed(world: World) -> None:
    asked = ack_ask(user=world.ada, room=world.room, text="Read this", client_id=client_id()).message
    ack_give(user=world.bo, message=asked, client_id=client_id())


def _asked(world: World, **more: Any) -> int:
    options = {"multiple": True, "anonymous": True, "ends_at": None, "options": ["Tea", "Coffee", "Water"]}
    return poll_create(
        user=world.ada, room=world.room, question="What?", client_id=client_id(), **{**options, **more}
    ).message


def poll_voted(world: World) -> None:
    poll = _asked(world)
    for user, options in ((world.ada, {0, 2}), (world.bo, {2}), (world.ada, {1}), (world.ada, set())):
        poll_vote(user=user, message=poll, options=options, client_id=client_id())
    poll_vote(user=world.ada, message=poll, options={1, 2}, client_id=client_id())


def poll_changed(world: World) -> None:
    poll = _asked(world, anonymous=False, multiple=False)
    for user, options in ((world.ada, {0}), (world.bo, {2}), (world.ada, {2})):
        poll_vote(user=user, message=poll, options=options, client_id=client_id())
    poll_close(user=world.ada, message=poll, client_id=client_id())


def saved_changed(world: World) -> None:
    for message in (world.last, world.first):
        message_save(user=world.bo, message=message, client_id=client_id())
    message_unsave(user=world.bo, message=world.last, client_id=client_id())
    message_save(user=world.ada, message=world.last, client_id=client_id())


def draft_changed(world: World) -> None:
    def write(user: User, text: str, *, room: int, thread: int | None = None) -> None:
        draft_save(user=user, room=room, thread=thread, text=text, client_id=client_id())

    for text in ("I", "I think", "", "No: "):
        write(world.ada, text, room=world.room)
    files = [upload(world.ada, b"hello", "a.txt").id]
    draft_save(user=world.ada, room=world.direct, thread=None, text="", files=files, client_id=client_id())
    write(world.ada, "in a thread", room=world.room, thread=world.first)
    for room in (world.direct, world.room):
        write(world.bo, "mine", room=room)
    write(world.bo, "", room=world.direct)
    # Goes with the membership.
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())
    services.room_invite(user=world.ada, room=world.room, invited=world.bo.pk, client_id=client_id())


def room_unread(world: World) -> None:
    def back(user: User, number: int) -> None:
        unread.room_unread(user=user, room=world.room, number=number, client_id=client_id())

    world.say(world.bo, "@ada, look")
    services.room_read(user=world.ada, room=world.room, number=3, client_id=client_id())
    back(world.ada, 1)
    services.room_read(user=world.ada, room=world.room, number=2, client_id=client_id())
    world.say(world.ada, "mine")  # reads up to itself
    back(world.ada, 3)
    back(world.ada, 2)
    back(world.bo, 3)
    world.say(world.bo, "and @ada again")
    back(world.ada, 5)  # unread already


def _scheduled(world: World, text: str, hours: int, **more: Any) -> int:
    at = timezone.now() + timedelta(hours=hours)
    return schedule(user=world.ada, room=world.room, text=text, send_at=at, client_id=client_id(), **more).id


def schedule_changed(world: World) -> None:
    later, sooner = _scheduled(world, "later", 5), _scheduled(world, "sooner", 2)
    file = upload(world.ada, b"hello", "a.txt")
    _scheduled(world, "with all", 3, thread=world.first, quote=world.last, also_in_room=True, files=[file.id])
    at = timezone.now() + timedelta(hours=1)
    schedule_change(user=world.ada, scheduled=later, text="first", send_at=at, client_id=client_id())
    schedule_change(user=world.ada, scheduled=sooner, text="then", send_at=None, client_id=client_id())


def schedule_ended(world: World) -> None:
    _scheduled(world, "kept", 1)
    schedule_cancel(user=world.ada, scheduled=_scheduled(world, "not", 2), client_id=client_id())


CASES: dict[str, Callable[[World], None]] = {
    "chat.reactions_changed": reactions_changed,
    "chat.message_pinned": message_pinned,
    "chat.message_unpinned": message_unpinned,
    "chat.ack_changed": ack_changed,
    "chat.poll_changed": poll_changed,
    "chat.poll_voted": poll_voted,
    "chat.saved_changed": saved_changed,
    "chat.draft_changed": draft_changed,
    "chat.room_unread": room_unread,
    "chat.schedule_changed": schedule_changed,
    "chat.schedule_ended": schedule_ended,
}


def anything(random: Random, user: User, room: int, message: int) -> None:
    """One of the things that people do with messages and rooms beside writing; it may be refused."""
    write, emoji, number = (
        {"user": user, "client_id": client_id()},
        random.choice("👍🎉"),
        random.randrange(1, 30),
    )
    random.choice(
        [
            lambda: reaction_add(message=message, emoji=emoji, **write),
            lambda: reaction_add(message=message, emoji=emoji, **write),
            lambda: reaction_remove(message=message, emoji=emoji, **write),
            lambda: message_pin(message=message, **write),
            lambda: message_unpin(message=message, **write),
            lambda: message_save(message=message, **write),
            lambda: unread.room_unread(room=room, number=number, **write),
            lambda: unread.room_unread(room=room, number=number, **write),
            lambda: draft_save(room=room, thread=None, text=random.choice(["a", "b", ""]), **write),
        ]
    )()


# Who notices most of each case, where that is not Bo.
WITNESS = dict.fromkeys(
    (
        "chat.poll_voted",
        "chat.draft_changed",
        "chat.room_unread",
        "chat.schedule_changed",
        "chat.schedule_ended",
    ),
    "ada",
)
