"""Reminders over HTTP."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from notifications.reminders.services import reminder_cancel, reminder_set, reminders_of
from realtime.http import session_or_token

router = Router(tags=["reminders"], auth=session_or_token)


class ReminderIn(Schema):
    about: str
    at: datetime
    client_id: str
    note: str = ""


class OnceIn(Schema):
    client_id: str


@router.get("/reminders", summary="Your reminders, the next one first")
def reminders(request: HttpRequest) -> Any:
    return reminders_of(request.auth)  # type: ignore[attr-defined]


@router.post("/reminders", summary="Be reminded of a message or a line of the inbox")
def remind(request: HttpRequest, body: ReminderIn) -> Any:
    """`about` is `message:12`, or `notification:` and the id of a line; `at` has its time zone."""
    return reminder_set(request.auth, about=body.about, at=body.at, note=body.note, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/reminders/{reminder_id}/cancel", summary="Take a reminder back")
def cancel(request: HttpRequest, reminder_id: int, body: OnceIn) -> Any:
    return reminder_cancel(request.auth, reminder_id, client_id=body.client_id)  # type: ignore[attr-defined]
