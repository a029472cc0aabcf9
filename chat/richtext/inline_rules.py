"""The rules that a chat adds to Markdown within a line: spoilers, formulas, emoji, names, pictures as links."""

from __future__ import annotations

import re
from collections.abc import Collection

from markdown_it.rules_inline import StateInline, link

from chat.mentions.names import NAME
from chat.richtext.shortcodes import SHORTCODE, Emoji, emoji_of

_FORMULAS = (
    re.compile(r"\$\$(?=[^$]*[^$\s])[^$]+\$\$(?!\$)"),
    # Not "$5 and $10", not "$HOME:$PATH".
    re.compile(r"(?<![\w$])\$(?![\s$])[^$\n]*(?<![\s\\])\$(?![\w$])"),
)
_SPOILER = "||"
_SCHEME = re.compile(r"(?<![a-z0-9.+-])https?$", re.IGNORECASE)


def spoiler(state: StateInline, silent: bool) -> bool:
    """`||text||`, which may have marks of its own in it."""
    if not state.src.startswith(_SPOILER, state.pos):
        return False
    start, limit = state.pos + len(_SPOILER), state.posMax
    end = state.src.find(_SPOILER, start, limit)
    if end < 0 or not state.src[start:end].strip():
        return False
    if not silent:
        state.push("spoiler_open", "span", 1)
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.push("spoiler_close", "span", -1)
    state.pos, state.posMax = end + len(_SPOILER), limit
    return True


def formula(state: StateInline, silent: bool) -> bool:
    """`$x^2$` and `$$x^2$$`: kept as they were written, so that nothing in them is taken for a mark."""
    if state.src[state.pos] != "$":
        return False
    found = next(filter(None, (one.match(state.src, state.pos, state.posMax) for one in _FORMULAS)), None)
    if found is None:
        return False
    if not silent:
        state.push("formula", "code", 0).content = found[0]
    state.pos = found.end()
    return True


def shortcode(state: StateInline, silent: bool) -> bool:
    """`:tada:`; one that nobody knows stays text."""
    if state.src[state.pos] != ":":
        return False
    found = SHORTCODE.match(state.src, state.pos, state.posMax)
    known = emoji_of(found[1]) if found else None
    if found is None or known is None:
        return False
    if not silent:
        _push_emoji(state, known)
    state.pos = found.end()
    return True


def _push_emoji(state: StateInline, emoji: Emoji) -> None:
    token = state.push("own_emoji" if emoji.picture else "emoji", "img", 0)
    token.content = emoji.shown
    token.meta = {"picture": emoji.picture}


def name(state: StateInline, silent: bool) -> bool:
    """A name that may mention somebody, of those in `env["names"]`; what it means is filled in later."""
    if state.src[state.pos] != "@":
        return False
    found = NAME.match(state.src, state.pos, state.posMax)
    names: Collection[str] = state.env.get("names", ())
    if found is None or found[1] not in names:
        return False
    written = found[0].rstrip("._-")  # the end of a sentence or of a mark; rarely of the name
    if not silent:
        token = state.push("name", "span", 0)
        token.content, token.meta = written, {"name": found[1]}
    state.pos += len(written)
    return True


def address(state: StateInline, silent: bool) -> bool:
    """`https://…`, as markdown-it's own rule, which would look beyond the end of a spoiler."""
    if state.linkLevel > 0 or not state.src.startswith("://", state.pos, state.posMax):
        return False
    scheme = _SCHEME.search(state.pending)
    if scheme is None:
        return False
    start = state.pos - len(scheme[0])
    linkify = state.md.linkify
    found = linkify.match_at_start(state.src[start : state.posMax]) if linkify else None
    if found is None:
        return False
    written = found.url.rstrip("*_~")  # marks that close behind it
    href = state.md.normalizeLink(written)
    if not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[0])]
        opening = state.push("link_open", "a", 1)
        opening.attrs, opening.info = {"href": href}, "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(written)
        state.push("link_close", "a", -1)
    state.pos = start + len(written)
    return True


def picture_as_link(state: StateInline, silent: bool) -> bool:
    """`![a](address)`: a picture from elsewhere would tell its server who reads the message, and when."""
    if not state.src.startswith("![", state.pos, state.posMax):
        return False
    start = state.pos
    state.pos += 1
    if link(state, silent):
        return True
    state.pos = start
    return False
