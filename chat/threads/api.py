"""The HTTP API of threads and forwarding."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.paging import Place
from chat.payloads import Sent
from chat.threads import forwarding, selectors, services
from chat.threads.answers import ThreadList, ThreadPage
from chat.threads.payloads import Following, ThreadMark
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class Write(Schema):
    client_id: str


class ReadUpTo(Write):
    number: int


class ToRoom(Write):
    room: int


@router.get("/threads", openapi_extra=answers(ThreadList))
def threads(request: HttpRequest, offset: int = 0, limit: int = 20) -> ThreadList:
    """The threads that you follow, unread ones first; up to 300 in all."""
    return selectors.threads_listed(user_of(request).pk, offset=offset, limit=limit)


@router.get("/threads/{message_id}", openapi_extra=answers(ThreadPage))
def thread(
    request: HttpRequest,
    message_id: int,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> ThreadPage:
    """The thread of a message and a page of its replies: the newest, or before, after or around a number."""
    place = Place(before, after, around)
    return selectors.thread_page(user_of(request).pk, message_id, place, limit)


@router.post("/threads/{message_id}/follow", openapi_extra=answers(Following))
def thread_follow(request: HttpRequest, message_id: int, body: Write) -> Following:
    return services.thread_follow(user=user_of(request), thread=message_id, client_id=body.client_id)


@router.post("/threads/{message_id}/unfollow", openapi_extra=answers(Following))
def thread_unfollow(request: HttpRequest, message_id: int, body: Write) -> Following:
    return services.thread_unfollow(user=user_of(request), thread=message_id, client_id=body.client_id)


@router.post("/threads/{message_id}/read", openapi_extra=answers(ThreadMark))
def thread_read(request: HttpRequest, message_id: int, body: ReadUpTo) -> ThreadMark:
    """Marks the thread as read up to a reply's number."""
    return services.thread_read(
        user=user_of(request), thread=message_id, number=body.number, client_id=body.client_id
    )


@router.post("/messages/{message_id}/forward", openapi_extra=answers(Sent))
def message_forward(request: HttpRequest, message_id: int, body: ToRoom) -> Sent:
    """Says it again in another of your rooms, under its author's name."""
    return forwarding.message_forward(
        user=user_of(request), message=message_id, room=body.room, client_id=body.client_id
    )
