"""Messages that are sent later, over HTTP."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.scheduled import selectors, services
from chat.scheduled.payloads import ScheduledMessage
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class ScheduleIn(Schema):
    text: str
    send_at: datetime
    client_id: str
    files: list[int] = []
    quote: int | None = None
    thread: int | None = None
    also_in_room: bool = False


class ScheduleChange(Schema):
    client_id: str
    text: str | None = None
    send_at: datetime | None = None
    keeps_quote: bool = True


@router.get("/scheduled", openapi_extra=answers(list[ScheduledMessage]))
def scheduled(request: HttpRequest) -> list[ScheduledMessage]:
    """The messages that you send later, the next one first."""
    return selectors.scheduled_of(user_of(request).pk)


@router.post("/rooms/{room_id}/scheduled", openapi_extra=answers(ScheduledMessage))
def schedule(request: HttpRequest, room_id: int, body: ScheduleIn) -> ScheduledMessage:
    """Has a message sent at a time; `send_at` has its time zone."""
    return services.schedule(user=user_of(request), room=room_id, **body.dict())


@router.patch("/scheduled/{scheduled_id}", openapi_extra=answers(ScheduledMessage))
def schedule_change(request: HttpRequest, scheduled_id: int, body: ScheduleChange) -> ScheduledMessage:
    return services.schedule_change(
        user=user_of(request),
        scheduled=scheduled_id,
        text=body.text,
        send_at=body.send_at,
        keeps_quote=body.keeps_quote,
        client_id=body.client_id,
    )


@router.delete("/scheduled/{scheduled_id}")
def schedule_cancel(request: HttpRequest, scheduled_id: int, client_id: str) -> None:
    services.schedule_cancel(user=user_of(request), scheduled=scheduled_id, client_id=client_id)
