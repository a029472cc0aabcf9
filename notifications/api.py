"""The inbox over HTTP."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from notifications.conf import numbers
from notifications.selectors import inbox_page
from notifications.services import notification_read, notification_read_all
from realtime.http import session_or_token

router = Router(tags=["inbox"], auth=session_or_token)


class ReadIn(Schema):
    items: list[str]
    client_id: str


class ReadAllIn(Schema):
    client_id: str


class PageIn(Schema):
    before: str | None = Field(None, max_length=60)
    limit: int = Field(numbers().page_items, ge=1, le=numbers().max_page_items)


@router.get("/inbox", summary="A page of the inbox, newest first")
def inbox(request: HttpRequest, page: Query[PageIn]) -> Any:
    """`before` is the `next` of the page before; without it the newest items come."""
    return inbox_page(request.auth, before=page.before, limit=page.limit)  # type: ignore[attr-defined]


@router.post("/inbox/read", summary="Mark items as read on all devices")
def inbox_read(request: HttpRequest, body: ReadIn) -> Any:
    return notification_read(request.auth, body.items, client_id=body.client_id)  # type: ignore[attr-defined]


@router.post("/inbox/read_all", summary="Mark the whole inbox as read on all devices")
def inbox_read_all(request: HttpRequest, body: ReadAllIn) -> Any:
    return notification_read_all(request.auth, client_id=body.client_id)  # type: ignore[attr-defined]
