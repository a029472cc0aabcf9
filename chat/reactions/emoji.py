"""What may be reacted with: one emoji of Unicode, or one of the installation's own by its name.

The ranges are those of Extended_Pictographic in Unicode's emoji-data.txt (16.0), which has room for emojis to come.
"""

from __future__ import annotations

import re

from chat.models.reactions import MAX_EMOJI_CHARACTERS
from chat.reactions.errors import BadEmoji
from chat.richtext import own_emoji

_PICTURE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685"
    "\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e"
    "\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c"
    "\u2b50\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e\U0001f17f\U0001f18e"
    "\U0001f191-\U0001f19a\U0001f1ad-\U0001f1e5\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a"
    "\U0001f23c-\U0001f23f\U0001f249-\U0001f3fa\U0001f400-\U0001f53d\U0001f546-\U0001f64f"
    "\U0001f680-\U0001f6ff\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff\U0001f80c-\U0001f80f"
    "\U0001f848-\U0001f84f\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff"
    "\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001faff\U0001fc00-\U0001fffd"
)
_STYLE, _JOINER = "\ufe0f", "\u200d"
_ONE = f"[{_PICTURE}](?:[\U0001f3fb-\U0001f3ff]|{_STYLE})?(?:[\U000e0020-\U000e007e]{{1,8}}\U000e007f)?"
_EMOJI = re.compile(
    f"{_ONE}(?:{_JOINER}{_ONE}){{0,8}}"
    "|[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    f"|[0-9#*]{_STYLE}?\u20e3"  # a key
)
# Of the first plane, where most would otherwise be shown as plain characters.
_PLAIN = re.compile("([\u00a9-\u200c\u200e-\u3299])(?![\U0001f3fb-\U0001f3ff\u20e3])")
_CUSTOM = re.compile(r":[a-z0-9_+-]{1,32}:")


def emoji_from(raw: str) -> str:
    """One emoji, spelled as `spelled` does, or the `:name:` of one of the installation's own. Raises BadEmoji."""
    emoji = spelled(raw)
    if emoji[0] == ":" and emoji[1:-1] not in own_emoji.known():
        raise BadEmoji()
    return emoji


def spelled(raw: str) -> str:
    """An emoji in its one spelling: with the mark that asks for a picture or without, it is the same.

    Raises BadEmoji for what is neither one emoji nor looks like `:name:`.
    """
    if len(raw) > MAX_EMOJI_CHARACTERS:
        raise BadEmoji()
    if _CUSTOM.fullmatch(raw):
        return raw
    if not _EMOJI.fullmatch(raw):
        raise BadEmoji()
    bare = raw.replace(_STYLE, "")
    if bare[-1] == "\u20e3":
        return f"{bare[0]}{_STYLE}\u20e3"
    return _PLAIN.sub(rf"\1{_STYLE}", bare)
