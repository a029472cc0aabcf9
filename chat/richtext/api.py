"""The installation's own emoji over HTTP: their list, and their pictures."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from accounts.openapi import answers
from chat.models import OwnEmoji as OwnEmojiRow
from chat.richtext import own_emoji
from chat.richtext.payloads import OwnEmoji
from realtime.http import session_or_token, unchanging_picture

_KEY = re.compile(r"[0-9a-f]{64}")

router = Router(tags=["chat"], auth=session_or_token)


@router.get("/emoji", openapi_extra=answers(list[OwnEmoji]))
def emoji(request: HttpRequest) -> list[OwnEmoji]:
    """The emoji that this installation added, by name; characters need no list."""
    return [OwnEmoji(name, url) for name, url in sorted(own_emoji.known().items())]


@router.get("/emoji/{key}.webp", auth=None, include_in_schema=False)
def emoji_picture(request: HttpRequest, key: str) -> HttpResponse:
    """For whoever has the address, since it stands in messages: it names the bytes, and cannot be guessed."""
    found = OwnEmojiRow.objects.filter(key=key).first() if _KEY.fullmatch(key) else None
    if found is None:
        raise Http404
    return unchanging_picture(bytes(found.content))
