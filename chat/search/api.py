"""Search over HTTP."""

from __future__ import annotations

import limits
from django.http import HttpRequest
from ninja import Router

from accounts.limits import counter
from accounts.openapi import answers
from accounts.requests import user_of
from chat.search import selectors
from chat.search.errors import TooManySearches
from chat.search.payloads import Operators, SearchPage
from realtime.http import session_or_token

PER_PERSON = limits.parse("300/minute")

router = Router(tags=["chat"], auth=session_or_token)


@router.get("/search", openapi_extra=answers(SearchPage))
def search(
    request: HttpRequest,
    q: str,
    order: str = selectors.NEWEST,
    cursor: str | None = None,
    limit: int = 20,
    time_zone: str = "UTC",
) -> SearchPage:
    """Messages of your rooms: `deploy "release notes" -draft from:ada in:"On call" has:link after:2026-11`."""
    user = user_of(request)
    if not counter().hit(PER_PERSON, "search", str(user.pk)):
        wait_s = counter().wait_s(PER_PERSON, "search", str(user.pk)) or 1.0
        raise TooManySearches(retry_after_ms=int(wait_s * 1000))
    return selectors.search(user.pk, q, order=order, cursor=cursor, limit=limit, time_zone=time_zone)


@router.get("/search/operators", openapi_extra=answers(Operators))
def operators(request: HttpRequest) -> Operators:
    """What `has:` and `is:` know here."""
    return selectors.operators()
