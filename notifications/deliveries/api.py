"""Why one did, or did not, get something, over HTTP: about oneself only."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.openapi import answers
from notifications.conf import numbers
from notifications.deliveries.selectors import DeliveriesPage, deliveries_page
from realtime.http import session_or_token

router = Router(tags=["deliveries"], auth=session_or_token)

MAX_ID = 2**63 - 1


class PageIn(Schema):
    item: str | None = Field(None, max_length=30)
    before: int | None = Field(None, ge=1, le=MAX_ID)
    limit: int = Field(numbers().page_items, ge=1, le=numbers().max_page_items)


@router.get(
    "/deliveries",
    summary="Why you did, or did not, get something",
    openapi_extra=answers(DeliveriesPage),
)
def deliveries(request: HttpRequest, page: Query[PageIn]) -> Any:
    """The newest decisions about you, or about one `item` of your inbox. `before` is the `next` of the page before."""
    return deliveries_page(request.auth, item=page.item, before=page.before, limit=page.limit)  # type: ignore[attr-defined]
