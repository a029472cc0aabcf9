"""Saved messages over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from accounts.openapi import answers
from accounts.requests import user_of
from chat.http import OnceIn
from chat.saved import selectors, services
from chat.saved.payloads import Keeping, SavedPage
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


@router.get("/saved", openapi_extra=answers(SavedPage))
def saved(request: HttpRequest, before: int | None = None, limit: int = 50) -> SavedPage:
    """What you have saved, the last one first; in rooms that you are in."""
    return selectors.saved_page(user_of(request).pk, before=before, limit=limit)


@router.post("/messages/{message_id}/save", openapi_extra=answers(Keeping))
def message_save(request: HttpRequest, message_id: int, body: OnceIn) -> Keeping:
    return services.message_save(user=user_of(request), message=message_id, client_id=body.client_id)


@router.post("/messages/{message_id}/unsave", openapi_extra=answers(Keeping))
def message_unsave(request: HttpRequest, message_id: int, body: OnceIn) -> Keeping:
    return services.message_unsave(user=user_of(request), message=message_id, client_id=body.client_id)
