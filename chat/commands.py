"""The commands of chat over the socket: arguments in, one service call, its result out."""

from __future__ import annotations

from accounts.models import Availability
from chat import amending, sending, services
from chat.events import Typing
from chat.models import stream_of
from chat.payloads import Changed, Membership, Opened, ReadMark, Sent
from chat.policies import room_for_reading
from realtime import Call, Context, RealtimeError, Struct, batch_command, command, publish_transient


class SendMessage(Struct, frozen=True):
    """`files` are uploads of one's own (`POST /api/files`); beside them the text may be empty."""

    room: int
    text: str
    client_id: str
    files: list[int] = []
    quote: int | None = None  # the id of a message of the room
    thread: int | None = None  # replies in the thread of the message with this id
    also_in_room: bool = False  # has the room's timeline show the reply too


class EditMessage(Struct, frozen=True):
    message: int
    text: str
    client_id: str


class DeleteMessage(Struct, frozen=True):
    message: int
    client_id: str


class RestoreMessage(Struct, frozen=True):
    message: int
    client_id: str


class CreateRoom(Struct, frozen=True):
    kind: str
    name: str
    client_id: str
    topic: str = ""


class ChangeRoom(Struct, frozen=True):
    room: int
    client_id: str
    name: str | None = None
    topic: str | None = None
    mention_all: str | None = None
    description: str | None = None
    kind: str | None = None


class OpenDirect(Struct, frozen=True):
    users: list[int]
    client_id: str


class JoinRoom(Struct, frozen=True):
    room: int
    client_id: str


class LeaveRoom(Struct, frozen=True):
    room: int
    client_id: str


class InviteMember(Struct, frozen=True):
    room: int
    user: int
    client_id: str


class KickMember(Struct, frozen=True):
    room: int
    user: int
    client_id: str
    reason: str = ""


class ReadRoom(Struct, frozen=True):
    room: int
    number: int
    client_id: str
    unread_version: int | None = None  # of the room, as this device knows it; null: whatever it is


class ShowTyping(Struct, frozen=True):
    room: int


@batch_command("chat.message_send")
def message_send(calls: list[Call[SendMessage]]) -> list[Sent | RealtimeError]:
    return sending.message_send_promptly(
        [
            sending.Send(
                call.context.user,
                call.args.room,
                call.args.text,
                call.args.client_id,
                files=call.args.files,
                quote=call.args.quote,
                thread=call.args.thread,
                also_in_room=call.args.also_in_room,
            )
            for call in calls
        ]
    )


@command("chat.message_edit")
def message_edit(context: Context, args: EditMessage) -> Changed:
    return amending.message_edit(
        user=context.user, message=args.message, text=args.text, client_id=args.client_id
    )


@command("chat.message_delete")
def message_delete(context: Context, args: DeleteMessage) -> Changed:
    return amending.message_delete(user=context.user, message=args.message, client_id=args.client_id)


@command("chat.message_restore")
def message_restore(context: Context, args: RestoreMessage) -> Changed:
    return amending.message_restore(user=context.user, message=args.message, client_id=args.client_id)


@command("chat.room_create")
def room_create(context: Context, args: CreateRoom) -> Opened:
    return services.room_create(
        user=context.user, kind=args.kind, name=args.name, topic=args.topic, client_id=args.client_id
    )


@command("chat.room_change")
def room_change(context: Context, args: ChangeRoom) -> Opened:
    return services.room_change(
        user=context.user,
        room=args.room,
        name=args.name,
        topic=args.topic,
        mention_all=args.mention_all,
        description=args.description,
        kind=args.kind,
        client_id=args.client_id,
    )


@command("chat.direct_open")
def direct_open(context: Context, args: OpenDirect) -> Opened:
    return services.direct_open(user=context.user, others=args.users, client_id=args.client_id)


@command("chat.room_join")
def room_join(context: Context, args: JoinRoom) -> Opened:
    return services.room_join(user=context.user, room=args.room, client_id=args.client_id)


@command("chat.room_leave")
def room_leave(context: Context, args: LeaveRoom) -> Membership:
    return services.room_leave(user=context.user, room=args.room, client_id=args.client_id)


@command("chat.room_invite")
def room_invite(context: Context, args: InviteMember) -> Membership:
    return services.room_invite(
        user=context.user, room=args.room, invited=args.user, client_id=args.client_id
    )


@command("chat.room_kick")
def room_kick(context: Context, args: KickMember) -> Membership:
    return services.room_kick(
        user=context.user, room=args.room, kicked=args.user, reason=args.reason, client_id=args.client_id
    )


@command("chat.room_read")
def room_read(context: Context, args: ReadRoom) -> ReadMark:
    return services.room_read(
        user=context.user,
        room=args.room,
        number=args.number,
        client_id=args.client_id,
        unread_version=args.unread_version,
    )


@command("chat.typing")
def typing(context: Context, args: ShowTyping) -> None:
    member = room_for_reading(context.user_id, args.room)
    if member.user.availability == Availability.INVISIBLE:
        return
    publish_transient(stream_of(args.room), Typing(args.room, context.user_id))
