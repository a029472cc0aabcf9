"""Keywords over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.keywords import services
from chat.keywords.services import Keywords
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class Words(Schema):
    words: list[str]
    client_id: str


@router.get("/keywords", openapi_extra=answers(Keywords))
def keywords(request: HttpRequest) -> Keywords:
    """Your words that notify you like a mention."""
    return services.keywords_of(user_of(request))


@router.post("/keywords", openapi_extra=answers(Keywords))
def keywords_set(request: HttpRequest, body: Words) -> Keywords:
    """These are your keywords from now on."""
    return services.keywords_set(user=user_of(request), words=body.words, client_id=body.client_id)
