"""The HTTP API of webhooks: for the owners of rooms, and the one door for programs elsewhere."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.hooks import selectors, services
from chat.hooks.payloads import Hook, HookRemoved, HookSecrets, Written
from chat.payloads import Sent

router = Router()


class NewHook(Schema):
    client_id: str
    direction: str
    name: str
    url: str = ""
    triggers: str = ""


class Write(Schema):
    client_id: str


@router.get("/rooms/{room_id}/hooks", openapi_extra=answers(list[Hook]))
def hooks(request: HttpRequest, room_id: int) -> list[Hook]:
    """The room's webhooks, for its owners."""
    return selectors.hooks_of(user_of(request).pk, room_id)


@router.post("/rooms/{room_id}/hooks", openapi_extra=answers(Hook))
def hook_create(request: HttpRequest, room_id: int, body: NewHook) -> Hook:
    return services.hook_create(user=user_of(request), room=room_id, **body.dict())


@router.get("/hooks/{hook_id}/secrets", openapi_extra=answers(HookSecrets))
def hook_secrets(request: HttpRequest, hook_id: int) -> HookSecrets:
    """What the program at the other end needs."""
    return selectors.secrets_of(user_of(request).pk, hook_id)


@router.post("/hooks/{hook_id}/renew", openapi_extra=answers(Hook))
def hook_renew(request: HttpRequest, hook_id: int, body: Write) -> Hook:
    """Other secrets; and one that was switched off is tried again."""
    return services.hook_renew(user=user_of(request), hook=hook_id, client_id=body.client_id)


@router.delete("/hooks/{hook_id}", openapi_extra=answers(HookRemoved))
def hook_remove(request: HttpRequest, hook_id: int, client_id: str) -> HookRemoved:
    return services.hook_remove(user=user_of(request), hook=hook_id, client_id=client_id)


@router.post("/hooks/{hook_id}", auth=None, openapi_extra=answers(Sent))
def hook_receive(request: HttpRequest, hook_id: int) -> Sent:
    """A message from a program, `{"text": "…"}`, signed as standardwebhooks.com says, or with the hook's token."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        text = msgspec.json.decode(request.body, type=Written).text
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = ""
    return services.hook_receive(hook_id, headers, request.body, text)
