"""The inbox over HTTP, and beside it preferences, deliveries and reminders."""

import re
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from notifications.conf import numbers
from notifications.deliveries.api import router as deliveries
from notifications.models import Mark, Picture
from notifications.preferences.api import router as preferences
from notifications.reminders.api import router as reminders
from notifications.selectors import Box, inbox_page
from notifications.services import notification_mark, notification_read_all, notification_snooze
from realtime.http import session_or_token, unchanging_picture

_PICTURE_KEY = re.compile(r"[0-9a-f]{64}")

router = Router(tags=["inbox"], auth=session_or_token)
router.add_router("", preferences)
router.add_router("", deliveries)
router.add_router("", reminders)


class ReadIn(Schema):
    items: list[str]
    client_id: str


class ReadAllIn(Schema):
    client_id: str


class MarkIn(Schema):
    items: list[str]
    mark: Mark
    client_id: str


class SnoozeIn(Schema):
    items: list[str]
    until: datetime
    client_id: str


class PageIn(Schema):
    box: Box = Box.INBOX
    before: str | None = Field(None, max_length=60)
    limit: int = Field(numbers().page_items, ge=1, le=numbers().max_page_items)


@router.get("/inbox", summary="A page of the inbox, newest first")
def inbox(request: HttpRequest, page: Query[PageIn]) -> Any:
    """`before` is the `next` of the page before; without it the newest items come. `box` shows what was put away."""
    return inbox_page(request.auth, before=page.before, limit=page.limit, box=page.box)  # type: ignore[attr-defined]


@router.post("/inbox/read", summary="Mark items as read on all devices")
def inbox_read(request: HttpRequest, body: ReadIn) -> Any:
    return notification_mark(request.auth, body.items, Mark.READ, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/inbox/read_all", summary="Mark the whole inbox as read on all devices")
def inbox_read_all(request: HttpRequest, body: ReadAllIn) -> Any:
    return notification_read_all(request.auth, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/inbox/mark", summary="Mark items as seen, read, unread, clicked, archived or restored")
def inbox_mark(request: HttpRequest, body: MarkIn) -> Any:
    return notification_mark(request.auth, body.items, body.mark, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/inbox/snooze", summary="Take items out of the inbox until a time")
def inbox_snooze(request: HttpRequest, body: SnoozeIn) -> Any:
    return notification_snooze(request.auth, body.items, body.until, client_id=body.client_id)  # type: ignore[attr-defined]


@router.get("/pictures/{key}.webp", auth=None, include_in_schema=False)
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """For whoever has the address, e-mail programs among them: it names the bytes, and cannot be guessed."""
    found = Picture.objects.filter(pk=key).first() if _PICTURE_KEY.fullmatch(key) else None
    if found is None:
        raise Http404
    return unchanging_picture(bytes(found.content))
