"""The installation's own emoji: what they are called, and how one is added."""

from __future__ import annotations

import hashlib
import re
import time
from typing import IO

from chat.conf import numbers
from chat.models.emoji import OwnEmoji
from chat.richtext.characters import characters
from chat.richtext.errors import BadEmojiName, BadEmojiPicture, EmojiNameTaken, TooManyEmoji
from notifications.errors import BadPicture
from notifications.pictures import remade

_NAME = re.compile(r"[a-z0-9][a-z0-9_+-]{1,31}")

# Asked for with each shortcode that no character has: kept for a moment, (until when, addresses by name).
_kept: tuple[float, dict[str, str]] = (0.0, {})


def known() -> dict[str, str]:
    """The addresses of the pictures by name, as of the last few seconds. One query, or none."""
    global _kept
    until, pictures = _kept
    now = time.monotonic()
    if now >= until:
        pictures = {emoji.name: emoji.path for emoji in OwnEmoji.objects.only("name", "key")}
        _kept = (now + numbers().own_emoji_kept_s, pictures)
    return pictures


def forget() -> None:
    """Has this process ask anew; others do so by themselves."""
    global _kept
    _kept = (0.0, {})


def emoji_made(*, name: str, file: IO[bytes]) -> OwnEmoji:
    """A picture under a name, scaled down to what is shown; not saved yet.

    Raises BadEmojiName, EmojiNameTaken, BadEmojiPicture, TooManyEmoji.
    """
    limits = numbers()
    _check_name(name)
    if OwnEmoji.objects.count() >= limits.max_own_emoji:
        raise TooManyEmoji(max=limits.max_own_emoji)
    content = file.read(limits.max_emoji_bytes + 1)
    if len(content) > limits.max_emoji_bytes:
        raise BadEmojiPicture(
            f"An emoji has at most {limits.max_emoji_bytes:,} bytes; make it smaller first."
        )
    try:
        made, _ = remade(content, edge_px=limits.emoji_edge_px, max_pixels=limits.max_emoji_pixels)
    except BadPicture as error:
        raise BadEmojiPicture(error.sentence) from error
    return OwnEmoji(name=name, key=hashlib.sha256(made).hexdigest(), content=made)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadEmojiName()
    if name in characters():
        raise EmojiNameTaken(f"There is a character that is called :{name}: already.")
    if OwnEmoji.objects.filter(name=name).exists():
        raise EmojiNameTaken()
