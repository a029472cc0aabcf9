"""The HTTP API of chat: all that the socket's commands do, for Ajax and phones, and a page's first snapshot."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.models import User
from accounts.names import without_invisible
from accounts.openapi import answers
from accounts.payloads import Me
from accounts.requests import user_of
from chat import amending, selectors, sending, services
from chat.acks.api import router as acks_router
from chat.drafts.api import router as drafts_router
from chat.drafts.selectors import drafts_of
from chat.files.api import router as files
from chat.groups.api import router as groups_router
from chat.hooks.api import router as hooks_router
from chat.invitations.api import router as invitations_router
from chat.keywords.api import router as keywords_router
from chat.models import stream_of, user_stream
from chat.moderation.api import router as moderation
from chat.moderation.blocks import blocked_by
from chat.paging import Place
from chat.payloads import (
    Changed,
    Membership,
    Opened,
    Page,
    PublicRoom,
    ReadMark,
    Room,
    RoomMember,
    Sent,
    Version,
)
from chat.pins.api import router as pins_router
from chat.polls.api import router as polls_router
from chat.presence.api import router as presence_router
from chat.presence.selectors import own_status
from chat.previews.api import router as previews
from chat.reactions.api import router as reactions_router
from chat.richtext.api import router as richtext
from chat.rooms.api import router as rooms_router
from chat.saved.api import router as saved_router
from chat.saved.selectors import saved_ids
from chat.scheduled.api import router as scheduled_router
from chat.search.api import router as search_router
from chat.slash.api import router as slash_router
from chat.threads.api import router as threads_router
from chat.threads.selectors import followed_threads
from chat.unread.api import router as unread_router
from notifications.selectors import audience_streams, inbox_snapshot
from realtime import positions
from realtime.http import session_or_token
from realtime.jobs.services import jobs_of

router = Router(tags=["chat"], auth=session_or_token)
router.add_router("", reactions_router)
router.add_router("", pins_router)
router.add_router("", saved_router)
router.add_router("", unread_router)
router.add_router("", drafts_router)
router.add_router("", scheduled_router)
router.add_router("", polls_router)
router.add_router("", acks_router)
router.add_router("", richtext)
router.add_router("", rooms_router)
router.add_router("", invitations_router)
router.add_router("", keywords_router)
router.add_router("", groups_router)
router.add_router("", search_router)
router.add_router("", hooks_router)
router.add_router("", slash_router)
router.add_router("", presence_router)
router.add_router("", files)
router.add_router("", previews)
router.add_router("", moderation)
router.add_router("", threads_router)


class Write(Schema):
    """Every write names itself: sent again with the same client_id, it returns the first result."""

    client_id: str


class NewRoom(Write):
    kind: str
    name: str
    topic: str = ""


class RoomChange(Write):
    name: str | None = None
    topic: str | None = None
    mention_all: str | None = None
    description: str | None = None
    kind: str | None = None


class OfUser(Write):
    user: int


class Kick(OfUser):
    reason: str = ""


class OfUsers(Write):
    users: list[int]


class ReadUpTo(Write):
    number: int
    unread_version: int | None = None


class Text(Write):
    text: str


class NewMessage(Text):
    """`files` are uploads of yours; beside them the text may be empty."""

    files: list[int] = []
    quote: int | None = None
    thread: int | None = None
    also_in_room: bool = False


@router.get("/snapshot")
def snapshot(request: HttpRequest) -> dict[str, Any]:
    """All that a page starts from, with the cursors from which to follow."""
    return snapshot_of(user_of(request))


def snapshot_of(user: User) -> dict[str, Any]:
    """What the user has, and cursors from before each was read: what happens meanwhile comes as events.

    What happens meanwhile comes as events. The user's own cursor is older than the list of rooms, so that joining or
    leaving one is never missed.
    """
    # Rooms are audiences too; they are asked for below, after the user's own cursor.
    audiences = [stream for stream in audience_streams(user) if not stream.startswith("room:")]
    personal = positions([user_stream(user.pk), *audiences])
    room_ids = selectors.room_ids_of(user.pk)
    rooms = positions([stream_of(room_id) for room_id in room_ids])
    return {
        "user": Me.of(user),
        "rooms": selectors.rooms_of(user.pk, room_ids),
        "threads": followed_threads(user.pk),
        "inbox": inbox_snapshot(user),
        "jobs": jobs_of(user),
        "drafts": drafts_of(user.pk),
        "saved": saved_ids(user.pk),
        "status": own_status(user.pk),
        "blocked": blocked_by(user.pk),
        "cursors": personal | rooms,
    }


@router.get("/rooms", openapi_extra=answers(list[Room]))
def rooms(request: HttpRequest, archived: bool = False) -> list[Room]:
    """The rooms you are in; with `archived`, those too where nobody writes any more."""
    found = selectors.rooms_of(user_of(request).pk)
    return [room for room in found if archived or not room.archived]


@router.get("/rooms/public", openapi_extra=answers(list[PublicRoom]))
def public_rooms(request: HttpRequest, q: str = "") -> list[PublicRoom]:
    """Rooms that anybody may join."""
    return selectors.public_rooms_matching(user_of(request), without_invisible(q[:64]))


@router.post("/rooms", openapi_extra=answers(Opened))
def room_create(request: HttpRequest, body: NewRoom) -> Opened:
    return services.room_create(
        user=user_of(request), kind=body.kind, name=body.name, topic=body.topic, client_id=body.client_id
    )


@router.post("/rooms/direct", openapi_extra=answers(Opened))
def direct_open(request: HttpRequest, body: OfUsers) -> Opened:
    """The one conversation of you with these people."""
    return services.direct_open(user=user_of(request), others=body.users, client_id=body.client_id)


@router.patch("/rooms/{room_id}", openapi_extra=answers(Opened))
def room_change(request: HttpRequest, room_id: int, body: RoomChange) -> Opened:
    """Another name, topic or description, open or closed, or another rule for @room and @here; for owners."""
    return services.room_change(
        user=user_of(request),
        room=room_id,
        name=body.name,
        topic=body.topic,
        mention_all=body.mention_all,
        description=body.description,
        kind=body.kind,
        client_id=body.client_id,
    )


@router.get("/rooms/{room_id}/members", openapi_extra=answers(list[RoomMember]))
def members(request: HttpRequest, room_id: int, q: str | None = None) -> list[RoomMember]:
    """Who is in a room, owners first; or with `q`, a few whose user name begins with it, or whose name has it."""
    if q is None:
        return selectors.members_of(user_of(request).pk, room_id)
    return selectors.members_matching(user_of(request).pk, room_id, without_invisible(q[:64]))


@router.post("/rooms/{room_id}/join", openapi_extra=answers(Opened))
def room_join(request: HttpRequest, room_id: int, body: Write) -> Opened:
    return services.room_join(user=user_of(request), room=room_id, client_id=body.client_id)


@router.post("/rooms/{room_id}/leave", openapi_extra=answers(Membership))
def room_leave(request: HttpRequest, room_id: int, body: Write) -> Membership:
    return services.room_leave(user=user_of(request), room=room_id, client_id=body.client_id)


@router.post("/rooms/{room_id}/invite", openapi_extra=answers(Membership))
def room_invite(request: HttpRequest, room_id: int, body: OfUser) -> Membership:
    return services.room_invite(
        user=user_of(request), room=room_id, invited=body.user, client_id=body.client_id
    )


@router.post("/rooms/{room_id}/kick", openapi_extra=answers(Membership))
def room_kick(request: HttpRequest, room_id: int, body: Kick) -> Membership:
    """Puts somebody out of a room, who may come back; for moderators."""
    return services.room_kick(
        user=user_of(request), room=room_id, kicked=body.user, reason=body.reason, client_id=body.client_id
    )


@router.post("/rooms/{room_id}/read", openapi_extra=answers(ReadMark))
def room_read(request: HttpRequest, room_id: int, body: ReadUpTo) -> ReadMark:
    """Marks the room as read up to a message's number."""
    return services.room_read(
        user=user_of(request),
        room=room_id,
        number=body.number,
        client_id=body.client_id,
        unread_version=body.unread_version,
    )


@router.get("/rooms/{room_id}/messages", openapi_extra=answers(Page))
def messages(
    request: HttpRequest,
    room_id: int,
    before: int | None = None,
    limit: int = 50,
    after: int | None = None,
    around: int | None = None,
) -> Page:
    """A page of what the room's timeline shows: the newest messages, or those before, after or around a number."""
    return selectors.messages_at(user_of(request).pk, room_id, Place(before, after, around), limit)


@router.post("/rooms/{room_id}/messages", openapi_extra=answers(Sent))
def message_send(request: HttpRequest, room_id: int, body: NewMessage) -> Sent:
    return sending.message_send(
        author=user_of(request),
        room=room_id,
        text=body.text,
        client_id=body.client_id,
        files=body.files,
        quote=body.quote,
        thread=body.thread,
        also_in_room=body.also_in_room,
    )


@router.patch("/messages/{message_id}", openapi_extra=answers(Changed))
def message_edit(request: HttpRequest, message_id: int, body: Text) -> Changed:
    return amending.message_edit(
        user=user_of(request), message=message_id, text=body.text, client_id=body.client_id
    )


@router.delete("/messages/{message_id}", openapi_extra=answers(Changed))
def message_delete(request: HttpRequest, message_id: int, client_id: str) -> Changed:
    """Leaves a tombstone in the message's place."""
    return amending.message_delete(user=user_of(request), message=message_id, client_id=client_id)


@router.post("/messages/{message_id}/restore", openapi_extra=answers(Changed))
def message_restore(request: HttpRequest, message_id: int, body: Write) -> Changed:
    """Undoes your deletion of a message, within a few seconds."""
    return amending.message_restore(user=user_of(request), message=message_id, client_id=body.client_id)


@router.get("/messages/{message_id}/history", openapi_extra=answers(list[Version]))
def message_history(request: HttpRequest, message_id: int) -> list[Version]:
    """What a message said before its edits, oldest first."""
    return selectors.message_history(user_of(request).pk, message_id)
