"""Previews over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.previews import services
from chat.previews.events import RoomPreviewsChanged
from chat.previews.payloads import PreviewsChanged
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class OfUrl(Schema):
    url: str
    client_id: str


class Switch(Schema):
    on: bool
    client_id: str


@router.post("/messages/{message_id}/previews/remove", openapi_extra=answers(PreviewsChanged))
def preview_remove(request: HttpRequest, message_id: int, body: OfUrl) -> PreviewsChanged:
    """Takes the preview of one address away from your message."""
    return services.preview_remove(
        user=user_of(request), message=message_id, url=body.url, client_id=body.client_id
    )


@router.post("/rooms/{room_id}/previews", openapi_extra=answers(RoomPreviewsChanged))
def room_previews_switch(request: HttpRequest, room_id: int, body: Switch) -> RoomPreviewsChanged:
    """Whether links in the room are looked at and shown; for owners."""
    return services.room_previews_switch(
        user=user_of(request), room=room_id, on=body.on, client_id=body.client_id
    )
