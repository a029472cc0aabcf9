"""The HTTP API of slash commands."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.slash import services
from chat.slash.payloads import SlashCommand, SlashResult

router = Router()


class Written(Schema):
    client_id: str
    text: str


@router.get("/slash-commands", openapi_extra=answers(list[SlashCommand]))
def slash_commands(request: HttpRequest) -> list[SlashCommand]:
    """All commands that can be written with a slash."""
    return services.commands()


@router.post("/rooms/{room_id}/slash", openapi_extra=answers(SlashResult))
def slash_run(request: HttpRequest, room_id: int, body: Written) -> SlashResult:
    return services.slash_run(user=user_of(request), room=room_id, text=body.text, client_id=body.client_id)
