"""What people do in the world of the leak test. Runs in the backstage process, by the services that users reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import tokens
from accounts.bots import bot_make, bot_name, bot_token
from accounts.models import User
from accounts.services import token_issue, user_ban, user_deactivate, user_lift_ban
from chat import amending, services
from chat.acks.services import ack_ask
from chat.drafts.services import draft_save
from chat.files import storing
from chat.hooks import calling
from chat.hooks.services import hook_create, hook_remove
from chat.keywords.services import keywords_set
from chat.models import AckRequest, Hook, LinkedPage, Message, Preview, Room, RoomBan, Untold
from chat.moderation import services as order
from chat.moderation.jobs import OfRoom
from chat.moderation.times import FOREVER
from chat.pins.services import message_pin
from chat.polls.services import poll_create, poll_vote
from chat.reactions.services import reaction_add
from chat.saved.services import message_save
from chat.sending import Send, message_send_many
from chat.threads.forwarding import message_forward
from chat.threads.services import thread_follow
from notifications import upkeep
from notifications.channels.outbound import Answer
from notifications.models import Reminder
from notifications.reminders.services import reminder_set
from realtime import RealtimeError
from realtime.jobs.running import job_run
from realtime.jobs.services import job_remove, start_job
from realtime.log.models import Event
from tests.support.people import PASSWORD, client_id
from tests.support.uploads import image, upload

ACTS: dict[str, Callable[..., Any]] = {}


def act(does: Callable[..., Any]) -> Callable[..., Any]:
    ACTS[does.__name__] = does
    return does


def do(acts: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
    """What each act returned, in the same order."""
    return [ACTS[name](**fields) for name, fields in acts]


@act
def bot(name: str) -> dict[str, Any]:
    made = bot_make(bot_name(), name)
    return {"id": made.pk, "username": made.username, "token": bot_token(made), "refresh": "", "device": 0}


@act
def log_in(person: int) -> str:
    """A token that lasts as long as the test."""
    with patch.object(tokens, "ACCESS_LIFETIME_S", 24 * 3600):
        return token_issue(_user(person), device_name="test").access


@act
def listens_for(person: int, word: str) -> None:
    keywords_set(user=_user(person), words=[word], client_id=client_id())


@act
def talk(room: int, says: Sequence[dict[str, Any]]) -> list[int]:
    """Each says its author and text, and perhaps what it quotes and whose thread it is in."""
    authors = User.objects.in_bulk([one["author"] for one in says])
    sends = [
        Send(authors[one["author"]], room, one["text"], client_id(), **one.get("links", {})) for one in says
    ]
    return [sent.message for sent in message_send_many(sends)]  # type: ignore[union-attr]


@act
def share(room: int, author: int, text: str) -> dict[str, Any]:
    """A message with an image and the preview of a page: its id, the two addresses, and the file's id."""
    user = _user(author)
    file = upload(user, image(size=(600, 400)))
    send = Send(user, room, text, client_id(), files=[file.id])
    (sent,) = message_send_many([send])
    key, url = storing.new_key(), f"https://example.com/{sent.message}"  # type: ignore[union-attr]
    storing.store(key, ContentFile(image("WEBP")))
    digest = sha256(url.encode()).hexdigest()
    page = LinkedPage.objects.create(url_key=digest, url=url, found=True, title="A page", image=key)
    Preview.objects.create(message_id=sent.message, page=page, position=0)  # type: ignore[union-attr]
    return {
        "message": sent.message,  # type: ignore[union-attr]
        "file": file.id,
        "url": file.url,
        "page": url,
        "preview": f"/previews/{key}.webp",
    }


@act
def ask(room: int, author: int, text: str) -> list[int]:
    """A poll, and a message that wants to be acknowledged."""
    user = _user(author)
    poll = poll_create(
        user=user,
        room=room,
        question=text,
        options=[f"{text} yes", f"{text} no"],
        multiple=False,
        anonymous=False,
        ends_at=None,
        client_id=client_id(),
    )
    poll_vote(user=user, message=poll.message, options=[0], client_id=client_id())
    return [poll.message, ack_ask(user=user, room=room, text=text, client_id=client_id()).message]


@act
def edit(message: int, text: str) -> None:
    """By its author, where they may still."""
    found = Message.objects.select_related("author").get(pk=message)
    with suppress(RealtimeError):
        amending.message_edit(user=found.author, message=message, text=text, client_id=client_id())


@act
def delete(owner: int, message: int, restores: bool) -> None:
    user = _user(owner)
    amending.message_delete(user=user, message=message, client_id=client_id())
    if restores:
        with suppress(RealtimeError):  # somebody else had deleted it
            amending.message_restore(user=user, message=message, client_id=client_id())


@act
def keep(person: int, room: int, message: int) -> None:
    """A member does with a message all that one may want to come back to."""
    user = _user(person)
    with suppress(RealtimeError):  # deleted, or there are enough of them
        reaction_add(user=user, message=message, emoji="👍", client_id=client_id())
        message_save(user=user, message=message, client_id=client_id())
        at = timezone.now() + timedelta(days=1)
        reminder_set(user, about=f"message:{message}", at=at, note="", client_id=client_id())
        thread_follow(user=user, thread=message, client_id=client_id())
        draft_save(user=user, room=room, thread=None, text="to be said", client_id=client_id())
        message_pin(user=user, message=message, client_id=client_id())


@act
def forward(person: int, message: int, room: int) -> int | None:
    """Into another room of the person's; None where the message is deleted."""
    with suppress(RealtimeError):
        return message_forward(user=_user(person), message=message, room=room, client_id=client_id()).message
    return None


@act
def rename(owner: int, room: int, text: str) -> None:
    services.room_change(user=_user(owner), room=room, name=None, topic=text, client_id=client_id())


@act
def goes(owner: int, room: int, person: int, how: str) -> None:
    if how == "kick":
        services.room_kick(user=_user(owner), room=room, kicked=person, client_id=client_id())
    elif how == "ban":
        order.member_ban(
            user=_user(owner), room=room, banned=person, until=None, reason="", client_id=client_id()
        )
    else:
        services.room_leave(user=_user(person), room=room, client_id=client_id())


@act
def comes(owner: int, room: int, person: int) -> None:
    user = _user(owner)
    if RoomBan.objects.filter(room=room, user=person).exists():
        order.ban_lift(user=user, room=room, banned=person, client_id=client_id())
    services.room_invite(user=user, room=room, invited=person, client_id=client_id())


@act
def switch_off(person: int, how: str) -> None:
    user = _user(person)
    if how == "ban":
        user_ban(user, until=FOREVER, reason="")
    else:
        user_deactivate(user, password=PASSWORD, address="")


@act
def switch_on(person: int) -> str:
    """The token of a new log-in: the old ones have ended."""
    user_lift_ban(_user(person))
    User.objects.filter(pk=person).update(is_active=True)
    return log_in(person)


@act
def tick() -> None:
    """Whatever waits for a moment is done now: people are told, reminded and notified, and words are indexed."""
    now = timezone.now()
    for waiting in (Untold.objects.all(), Reminder.objects.all()):
        waiting.filter(due_at__gt=now).update(due_at=now)
    newest = AckRequest.objects.filter(remind_at__gt=now).order_by("-pk").values_list("pk", flat=True)[:1]
    AckRequest.objects.filter(pk__in=list(newest)).update(remind_at=now)
    while upkeep.anything_due():
        upkeep.keep_up()


@act
def export(kind: str, person: int, room: int) -> int:
    """An export that was begun and has run to its end, however that is; the job's id."""
    args = OfRoom(room) if kind == "chat.export_room" else None
    job = start_job(kind, _user(person), args, key=client_id())
    while job_run(job.pk):
        pass
    return job.pk


@act
def forget_job(person: int, job: int) -> None:
    job_remove(_user(person), job, client_id=client_id())


@act
def hook(owner: int, room: int) -> int:
    """An outgoing webhook; its id."""
    made = hook_create(
        user=_user(owner),
        room=room,
        direction="outgoing",
        name="Hook",
        url="https://93.184.216.34/hook",
        client_id=client_id(),
    )
    return made.id


@act
def kick_hook(owner: int, hook: int) -> None:
    """Out of the room with its bot, like with anybody."""
    row = Hook.objects.get(pk=hook)
    services.room_kick(user=_user(owner), room=row.room_id, kicked=row.bot_id, client_id=client_id())


@act
def remove_hook(owner: int, hook: int) -> None:
    hook_remove(user=_user(owner), hook=hook, client_id=client_id())


@act
def call_hook(hook: int) -> list[str]:
    """What it was sent."""
    sent: list[str] = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
        sent.append(body.decode())
        return Answer(200, {}, b"")

    real, calling.post = calling.post, post  # type: ignore[assignment]
    try:
        calling.call_hook(hook)
    finally:
        calling.post = real
    return sent


@act
def count(rooms: Sequence[int]) -> int:
    """How many numbered events there are in these rooms."""
    streams = [room.stream for room in Room.objects.filter(pk__in=rooms)]
    return Event.objects.filter(stream__in=streams, seq__isnull=False).count()


def _user(pk: int) -> User:
    return User.objects.get(pk=pk)
