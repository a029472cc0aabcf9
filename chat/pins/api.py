"""Pins over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from accounts.openapi import answers
from accounts.requests import user_of
from chat.http import OnceIn
from chat.payloads import Changed
from chat.pins import selectors, services
from chat.pins.payloads import Pin
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


@router.get("/rooms/{room_id}/pins", openapi_extra=answers(list[Pin]))
def pins(request: HttpRequest, room_id: int) -> list[Pin]:
    """The pinned messages of a room, the one pinned last first."""
    return selectors.pins_of(user_of(request).pk, room_id)


@router.post("/messages/{message_id}/pin", openapi_extra=answers(Changed))
def message_pin(request: HttpRequest, message_id: int, body: OnceIn) -> Changed:
    return services.message_pin(user=user_of(request), message=message_id, client_id=body.client_id)


@router.post("/messages/{message_id}/unpin", openapi_extra=answers(Changed))
def message_unpin(request: HttpRequest, message_id: int, body: OnceIn) -> Changed:
    return services.message_unpin(user=user_of(request), message=message_id, client_id=body.client_id)
