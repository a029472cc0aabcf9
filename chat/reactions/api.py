"""Reactions over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.reactions import selectors, services
from chat.reactions.payloads import Reacted, Reactors
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class ReactionIn(Schema):
    emoji: str
    client_id: str


@router.post("/messages/{message_id}/reactions", openapi_extra=answers(Reacted))
def reaction_add(request: HttpRequest, message_id: int, body: ReactionIn) -> Reacted:
    """Puts your reaction on a message."""
    return services.reaction_add(
        user=user_of(request), message=message_id, emoji=body.emoji, client_id=body.client_id
    )


@router.delete("/messages/{message_id}/reactions", openapi_extra=answers(Reacted))
def reaction_remove(request: HttpRequest, message_id: int, emoji: str, client_id: str) -> Reacted:
    """Takes your reaction away."""
    return services.reaction_remove(
        user=user_of(request), message=message_id, emoji=emoji, client_id=client_id
    )


@router.get("/messages/{message_id}/reactions", openapi_extra=answers(Reactors))
def reactors(request: HttpRequest, message_id: int, emoji: str) -> Reactors:
    """Who reacted with an emoji: the first 100 of them."""
    return selectors.reactors_of(user_of(request).pk, message_id, emoji)
