"""The HTTP API of chat: all that the socket's commands do, for Ajax and phones, and a page's first snapshot."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.models import User
from accounts.names import without_invisible
from accounts.openapi import answers
from accounts.payloads import Me
from chat import selectors, sending, services
from chat.models import stream_of, user_stream
from chat.payloads import Changed, Membership, Opened, Page, PublicRoom, ReadMark, Room, RoomMember, Sent
from notifications.selectors import audience_streams, inbox_snapshot
from realtime import positions
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


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


class OfUser(Write):
    user: int


class ReadUpTo(Write):
    number: int


class Text(Write):
    text: str


@router.get("/snapshot")
def snapshot(request: HttpRequest) -> dict[str, Any]:
    """All that a page starts from, with the cursors from which to follow."""
    return snapshot_of(_user(request))


def snapshot_of(user: User) -> dict[str, Any]:
    """The user's rooms and inbox, and cursors from before each was read: what happens meanwhile comes as events.

    The user's own cursor is older than the list of rooms, so that joining or leaving one is never missed.
    """
    # Rooms are audiences too; they are asked for below, after the user's own cursor.
    audiences = [stream for stream in audience_streams(user) if not stream.startswith("room:")]
    personal = positions([user_stream(user.pk), *audiences])
    room_ids = selectors.room_ids_of(user.pk)
    rooms = positions([stream_of(room_id) for room_id in room_ids])
    return {
        "user": Me.of(user),
        "rooms": selectors.rooms_of(user.pk, room_ids),
        "inbox": inbox_snapshot(user),
        "cursors": personal | rooms,
    }


@router.get("/rooms", openapi_extra=answers(list[Room]))
def rooms(request: HttpRequest) -> list[Room]:
    """The rooms you are in."""
    return selectors.rooms_of(_user(request).pk)


@router.get("/rooms/public", openapi_extra=answers(list[PublicRoom]))
def public_rooms(request: HttpRequest, q: str = "") -> list[PublicRoom]:
    """Rooms that anybody may join."""
    return selectors.public_rooms_matching(_user(request).pk, without_invisible(q[:64]))


@router.post("/rooms", openapi_extra=answers(Opened))
def room_create(request: HttpRequest, body: NewRoom) -> Opened:
    return services.room_create(
        user=_user(request), kind=body.kind, name=body.name, topic=body.topic, client_id=body.client_id
    )


@router.post("/rooms/direct", openapi_extra=answers(Opened))
def direct_open(request: HttpRequest, body: OfUser) -> Opened:
    """The conversation with one other person."""
    return services.direct_open(user=_user(request), other=body.user, client_id=body.client_id)


@router.patch("/rooms/{room_id}", openapi_extra=answers(Opened))
def room_change(request: HttpRequest, room_id: int, body: RoomChange) -> Opened:
    """Another name or topic; for owners."""
    return services.room_change(
        user=_user(request), room=room_id, name=body.name, topic=body.topic, client_id=body.client_id
    )


@router.get("/rooms/{room_id}/members", openapi_extra=answers(list[RoomMember]))
def members(request: HttpRequest, room_id: int) -> list[RoomMember]:
    return selectors.members_of(_user(request).pk, room_id)


@router.post("/rooms/{room_id}/join", openapi_extra=answers(Opened))
def room_join(request: HttpRequest, room_id: int, body: Write) -> Opened:
    return services.room_join(user=_user(request), room=room_id, client_id=body.client_id)


@router.post("/rooms/{room_id}/leave", openapi_extra=answers(Membership))
def room_leave(request: HttpRequest, room_id: int, body: Write) -> Membership:
    return services.room_leave(user=_user(request), room=room_id, client_id=body.client_id)


@router.post("/rooms/{room_id}/invite", openapi_extra=answers(Membership))
def room_invite(request: HttpRequest, room_id: int, body: OfUser) -> Membership:
    return services.room_invite(
        user=_user(request), room=room_id, invited=body.user, client_id=body.client_id
    )


@router.post("/rooms/{room_id}/kick", openapi_extra=answers(Membership))
def room_kick(request: HttpRequest, room_id: int, body: OfUser) -> Membership:
    return services.room_kick(user=_user(request), room=room_id, kicked=body.user, client_id=body.client_id)


@router.post("/rooms/{room_id}/read", openapi_extra=answers(ReadMark))
def room_read(request: HttpRequest, room_id: int, body: ReadUpTo) -> ReadMark:
    """Marks the room as read up to a message's number."""
    return services.room_read(user=_user(request), room=room_id, number=body.number, client_id=body.client_id)


@router.get("/rooms/{room_id}/messages", openapi_extra=answers(Page))
def messages(request: HttpRequest, room_id: int, before: int | None = None, limit: int = 50) -> Page:
    """A page of history: the newest messages, or those before a number."""
    return selectors.messages_before(_user(request).pk, room_id, before=before, limit=limit)


@router.post("/rooms/{room_id}/messages", openapi_extra=answers(Sent))
def message_send(request: HttpRequest, room_id: int, body: Text) -> Sent:
    return sending.message_send(author=_user(request), room=room_id, text=body.text, client_id=body.client_id)


@router.patch("/messages/{message_id}", openapi_extra=answers(Changed))
def message_edit(request: HttpRequest, message_id: int, body: Text) -> Changed:
    return services.message_edit(
        user=_user(request), message=message_id, text=body.text, client_id=body.client_id
    )


@router.delete("/messages/{message_id}", openapi_extra=answers(Changed))
def message_delete(request: HttpRequest, message_id: int, client_id: str) -> Changed:
    """Leaves a tombstone in the message's place."""
    return services.message_delete(user=_user(request), message=message_id, client_id=client_id)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
