"""The commands of chat over the socket: arguments in, one service call, its result out."""

from __future__ import annotations

from chat import sending, services
from chat.events import Typing
from chat.models import stream_of
from chat.payloads import Changed, Membership, Opened, ReadMark, Sent
from chat.policies import room_for_reading
from realtime import Call, Context, RealtimeError, Struct, batch_command, command, publish_transient


class SendMessage(Struct, frozen=True):
    room: int
    text: str
    client_id: str


class EditMessage(Struct, frozen=True):
    message: int
    text: str
    client_id: str


class DeleteMessage(Struct, frozen=True):
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


class OpenDirect(Struct, frozen=True):
    user: int
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


class ReadRoom(Struct, frozen=True):
    room: int
    number: int
    client_id: str


class ShowTyping(Struct, frozen=True):
    room: int


@batch_command("chat.message_send")
def message_send(calls: list[Call[SendMessage]]) -> list[Sent | RealtimeError]:
    return sending.message_send_promptly(
        [
            sending.Send(call.context.user, call.args.room, call.args.text, call.args.client_id)
            for call in calls
        ]
    )


@command("chat.message_edit")
def message_edit(context: Context, args: EditMessage) -> Changed:
    return services.message_edit(
        user=context.user, message=args.message, text=args.text, client_id=args.client_id
    )


@command("chat.message_delete")
def message_delete(context: Context, args: DeleteMessage) -> Changed:
    return services.message_delete(user=context.user, message=args.message, client_id=args.client_id)


@command("chat.room_create")
def room_create(context: Context, args: CreateRoom) -> Opened:
    return services.room_create(
        user=context.user, kind=args.kind, name=args.name, topic=args.topic, client_id=args.client_id
    )


@command("chat.room_change")
def room_change(context: Context, args: ChangeRoom) -> Opened:
    return services.room_change(
        user=context.user, room=args.room, name=args.name, topic=args.topic, client_id=args.client_id
    )


@command("chat.direct_open")
def direct_open(context: Context, args: OpenDirect) -> Opened:
    return services.direct_open(user=context.user, other=args.user, client_id=args.client_id)


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
    return services.room_kick(user=context.user, room=args.room, kicked=args.user, client_id=args.client_id)


@command("chat.room_read")
def room_read(context: Context, args: ReadRoom) -> ReadMark:
    return services.room_read(user=context.user, room=args.room, number=args.number, client_id=args.client_id)


@command("chat.typing")
def typing(context: Context, args: ShowTyping) -> None:
    room_for_reading(context.user_id, args.room)
    publish_transient(stream_of(args.room), Typing(args.room, context.user_id))
