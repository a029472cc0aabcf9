"""Marking unread over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.payloads import ReadMark
from chat.unread import services
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class UnreadFrom(Schema):
    number: int
    client_id: str


@router.post("/rooms/{room_id}/unread", openapi_extra=answers(ReadMark))
def room_unread(request: HttpRequest, room_id: int, body: UnreadFrom) -> ReadMark:
    """Makes the message with this number, and all after it, unread again."""
    return services.room_unread(
        user=user_of(request), room=room_id, number=body.number, client_id=body.client_id
    )
