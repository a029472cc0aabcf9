"""Acknowledgements over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.acks import selectors, services
from chat.acks.payloads import AckList, Acknowledged
from chat.http import OnceIn
from chat.payloads import Sent
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class AskIn(Schema):
    text: str
    client_id: str


@router.post("/rooms/{room_id}/ack-requests", openapi_extra=answers(Sent))
def ack_ask(request: HttpRequest, room_id: int, body: AskIn) -> Sent:
    """Sends a message that asks everybody in the room to acknowledge it."""
    return services.ack_ask(user=user_of(request), room=room_id, text=body.text, client_id=body.client_id)


@router.post("/messages/{message_id}/ack", openapi_extra=answers(Acknowledged))
def ack_give(request: HttpRequest, message_id: int, body: OnceIn) -> Acknowledged:
    return services.ack_give(user=user_of(request), message=message_id, client_id=body.client_id)


@router.get("/messages/{message_id}/acks", openapi_extra=answers(AckList))
def acks(request: HttpRequest, message_id: int) -> AckList:
    """Who has acknowledged a message; for its author, in rooms of up to 200 members, also who has not."""
    return selectors.acks_of(user_of(request).pk, message_id)
