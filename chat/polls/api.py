"""Polls over HTTP."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.http import OnceIn
from chat.payloads import Sent
from chat.polls import selectors, services
from chat.polls.payloads import Voted, Voters
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class PollIn(Schema):
    question: str
    options: list[str]
    client_id: str
    multiple: bool = False
    anonymous: bool = False
    ends_at: datetime | None = None


class VoteIn(Schema):
    options: list[int]
    client_id: str


@router.post("/rooms/{room_id}/polls", openapi_extra=answers(Sent))
def poll_create(request: HttpRequest, room_id: int, body: PollIn) -> Sent:
    """Sends a message with 2 to 10 answers to choose from; `ends_at` has its time zone."""
    return services.poll_create(
        user=user_of(request),
        room=room_id,
        question=body.question,
        options=body.options,
        multiple=body.multiple,
        anonymous=body.anonymous,
        ends_at=body.ends_at,
        client_id=body.client_id,
    )


@router.post("/messages/{message_id}/vote", openapi_extra=answers(Voted))
def poll_vote(request: HttpRequest, message_id: int, body: VoteIn) -> Voted:
    """Makes these your answers, by their places from 0; none at all takes your vote back."""
    return services.poll_vote(
        user=user_of(request), message=message_id, options=body.options, client_id=body.client_id
    )


@router.post("/messages/{message_id}/close-poll", openapi_extra=answers(Voted))
def poll_close(request: HttpRequest, message_id: int, body: OnceIn) -> Voted:
    return services.poll_close(user=user_of(request), message=message_id, client_id=body.client_id)


@router.get("/messages/{message_id}/votes", openapi_extra=answers(Voters))
def voters(request: HttpRequest, message_id: int, option: int) -> Voters:
    """Who chose an answer, unless the poll is anonymous: the first 100 of them."""
    return selectors.voters_of(user_of(request).pk, message_id, option)
