"""Invitations over HTTP. A token travels in a body: addresses end up in logs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.invitations import services
from chat.invitations.payloads import Invitation, InvitationRevoked, InvitedTo, NewInvitation
from chat.payloads import Opened
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class NewLink(Schema):
    client_id: str
    lifetime_s: int | None = None
    max_uses: int | None = None


class Link(Schema):
    token: str


class LinkOnce(Link):
    client_id: str


class Once(Schema):
    client_id: str


@router.get("/rooms/{room_id}/invitations", openapi_extra=answers(list[Invitation]))
def invitations(request: HttpRequest, room_id: int) -> list[Invitation]:
    """The links into a room that work; for its owners."""
    return services.invitations_of(user_of(request), room_id)


@router.post("/rooms/{room_id}/invitations", openapi_extra=answers(NewInvitation))
def invitation_create(request: HttpRequest, room_id: int, body: NewLink) -> NewInvitation:
    """A link into a room, which is told this once; for its owners."""
    return services.invitation_create(
        user=user_of(request),
        room=room_id,
        lifetime_s=body.lifetime_s,
        max_uses=body.max_uses,
        client_id=body.client_id,
    )


@router.post("/invitations/{invitation_id}/revoke", openapi_extra=answers(InvitationRevoked))
def invitation_revoke(request: HttpRequest, invitation_id: int, body: Once) -> InvitationRevoked:
    return services.invitation_revoke(
        user=user_of(request), invitation=invitation_id, client_id=body.client_id
    )


@router.post("/invitations/look", openapi_extra=answers(InvitedTo))
def invitation_look(request: HttpRequest, body: Link) -> InvitedTo:
    """Which room a link leads to."""
    return services.invitation_look(user=user_of(request), token=body.token)


@router.post("/invitations/accept", openapi_extra=answers(Opened))
def invitation_accept(request: HttpRequest, body: LinkOnce) -> Opened:
    return services.invitation_accept(user=user_of(request), token=body.token, client_id=body.client_id)
