"""The HTTP API of statuses and receipts."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.presence import selectors, services
from chat.presence.payloads import OwnStatus, Readers, Receipt, Status

router = Router()


class AvailabilityChoice(Schema):
    client_id: str
    availability: str
    until: datetime | None = None


class StatusText(Schema):
    client_id: str
    emoji: str
    text: str
    until: datetime | None = None


class ReceiptsChoice(Schema):
    client_id: str
    shown: bool


@router.get("/status", openapi_extra=answers(OwnStatus))
def own_status(request: HttpRequest) -> OwnStatus:
    return selectors.own_status(user_of(request).pk)


@router.put("/status", openapi_extra=answers(OwnStatus))
def status_set(request: HttpRequest, body: StatusText) -> OwnStatus:
    return services.status_set(user=user_of(request), **body.dict())


@router.put("/status/availability", openapi_extra=answers(OwnStatus))
def availability_set(request: HttpRequest, body: AvailabilityChoice) -> OwnStatus:
    return services.availability_set(user=user_of(request), **body.dict())


@router.put("/status/receipts", openapi_extra=answers(OwnStatus))
def receipts_set(request: HttpRequest, body: ReceiptsChoice) -> OwnStatus:
    return services.receipts_set(user=user_of(request), **body.dict())


@router.get("/statuses", openapi_extra=answers(list[Status]))
def statuses(request: HttpRequest, room: int | None = None) -> list[Status]:
    """Of a room's members, or else of everybody one talks with directly."""
    user_id = user_of(request).pk
    return selectors.statuses_of_direct(user_id) if room is None else selectors.statuses_in(user_id, room)


@router.get("/rooms/{room_id}/receipts", openapi_extra=answers(list[Receipt]))
def receipts(request: HttpRequest, room_id: int) -> list[Receipt]:
    """How far each member has read."""
    return selectors.receipts_of(user_of(request).pk, room_id)


@router.get("/messages/{message_id}/readers", openapi_extra=answers(Readers))
def readers(request: HttpRequest, message_id: int) -> Readers:
    """Who has read a message."""
    return selectors.readers_of(user_of(request).pk, message_id)
