"""Messages that are sent later, over the socket."""

from __future__ import annotations

from datetime import datetime

from chat.scheduled import services
from chat.scheduled.payloads import ScheduledMessage
from realtime import Context, Struct, command


class Schedule(Struct, frozen=True):
    room: int
    text: str
    send_at: datetime
    client_id: str
    files: list[int] = []
    quote: int | None = None
    thread: int | None = None
    also_in_room: bool = False


class ChangeSchedule(Struct, frozen=True):
    scheduled: int
    client_id: str
    text: str | None = None
    send_at: datetime | None = None
    keeps_quote: bool = True


class CancelSchedule(Struct, frozen=True):
    scheduled: int
    client_id: str


@command("chat.schedule")
def schedule(context: Context, args: Schedule) -> ScheduledMessage:
    return services.schedule(
        user=context.user,
        room=args.room,
        text=args.text,
        send_at=args.send_at,
        client_id=args.client_id,
        files=args.files,
        quote=args.quote,
        thread=args.thread,
        also_in_room=args.also_in_room,
    )


@command("chat.schedule_change")
def schedule_change(context: Context, args: ChangeSchedule) -> ScheduledMessage:
    return services.schedule_change(
        user=context.user,
        scheduled=args.scheduled,
        text=args.text,
        send_at=args.send_at,
        keeps_quote=args.keeps_quote,
        client_id=args.client_id,
    )


@command("chat.schedule_cancel")
def schedule_cancel(context: Context, args: CancelSchedule) -> None:
    services.schedule_cancel(user=context.user, scheduled=args.scheduled, client_id=args.client_id)
