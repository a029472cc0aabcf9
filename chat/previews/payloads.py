"""What previews of links look like to a client."""

from __future__ import annotations

import msgspec

from realtime import Struct


class LinkPreview(Struct, frozen=True):
    """What a page says of itself, in plain text. `image` is our own copy, smaller, and for who may see the message."""

    url: str  # as the message has it, with what an address needs: to be opened
    site: str
    title: str
    description: str
    image: str | None = None
    width: int | None = None  # of the image, in pixels
    height: int | None = None


class PreviewsChanged(Struct, frozen=True):
    """The previews of a message as they are now."""

    message: int
    previews: list[LinkPreview]


def previews_loaded(text: str) -> list[LinkPreview]:
    """The previews of a stored message, from their JSON."""
    return msgspec.json.decode(text, type=list[LinkPreview]) if text != "[]" else []


def previews_stored(previews: list[LinkPreview]) -> str:
    """As a message keeps them."""
    return msgspec.json.encode(previews).decode() if previews else "[]"
