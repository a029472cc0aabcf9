"""`:tada:` -> the character, or the installation's own emoji of that name."""

from __future__ import annotations

import re
from typing import NamedTuple

from chat.richtext import own_emoji
from chat.richtext.characters import characters

SHORTCODE = re.compile(r"(?<!\w):([a-z0-9_+-]{1,64}):(?!\w)")


class Emoji(NamedTuple):
    """What stands in a text for an emoji; `picture` is the address of an own one, "" for a character."""

    shown: str
    picture: str = ""


def emoji_of(name: str) -> Emoji | None:
    """The emoji that a name between colons means. A query now and then, where it is no character's."""
    character = characters().get(name)
    if character is not None:
        return Emoji(character)
    picture = own_emoji.known().get(name)
    return Emoji(f":{name}:", picture) if picture else None
