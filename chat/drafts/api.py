"""Drafts over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.drafts import selectors, services
from chat.drafts.payloads import Draft
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class DraftIn(Schema):
    text: str
    client_id: str
    thread: int | None = None
    files: list[int] = []


@router.get("/drafts", openapi_extra=answers(list[Draft]))
def drafts(request: HttpRequest) -> list[Draft]:
    """What you began to write."""
    return selectors.drafts_of(user_of(request).pk)


@router.put("/rooms/{room_id}/draft", openapi_extra=answers(Draft))
def draft_save(request: HttpRequest, room_id: int, body: DraftIn) -> Draft:
    """Keeps what you began to write in a room, or a thread of it; an empty text without files is the end of it."""
    return services.draft_save(
        user=user_of(request),
        room=room_id,
        thread=body.thread,
        text=body.text,
        files=body.files,
        client_id=body.client_id,
    )
