"""Tokens -> HTML, and the allow-list that every message passes before it is kept. Pure.

Nothing that a person writes becomes HTML unescaped; that the list is passed all the same is the second lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

import nh3
from markdown_it.token import Token

from chat.richtext.highlighting import CLASSES as CODE_CLASSES
from chat.richtext.highlighting import highlighted, label_of
from notifications.markdown import SCHEMES

OWN_EMOJI = re.compile(r"/api/emoji/[0-9a-f]{64}\.webp")

TAGS = frozenset(
    {
        "p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr", "span", "img", "div",
        "table", "thead", "tbody", "tr", "th", "td",
    }
)  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "pre": {"data-language"},
    "span": {"data-mention", "data-user"},
}
CLASSES = {
    "code": {"math", "display"},
    "div": {"wide"},
    "img": {"emoji"},
    "p": {"heading", "large", "medium", "small"},
    "span": {"mention", "spoiler", *CODE_CLASSES},
    "td": {"center", "right"},
    "th": {"center", "right"},
}
REL = "noopener noreferrer nofollow ugc"

_MAX_LANGUAGE_CHARS = 24
_FIXED = {
    **{f"{kind}_open": f"<{tag}>" for kind, tag in (("em", "em"), ("strong", "strong"), ("s", "s"))},
    **{f"{kind}_close": f"</{tag}>" for kind, tag in (("em", "em"), ("strong", "strong"), ("s", "s"))},
    **{f"{tag}_open": f"<{tag}>" for tag in ("blockquote", "thead", "tbody", "tr")},
    **{f"{tag}_close": f"</{tag}>" for tag in ("blockquote", "thead", "tbody", "tr", "th", "td")},
    "paragraph_open": "<p>",
    "paragraph_close": "</p>",
    "heading_close": "</p>",
    "bullet_list_open": "<ul>",
    "bullet_list_close": "</ul>",
    "ordered_list_close": "</ol>",
    "list_item_open": "<li>",
    "list_item_close": "</li>",
    "table_open": '<div class="wide"><table>',
    "table_close": "</table></div>",
    "spoiler_open": '<span class="spoiler">',
    "spoiler_close": "</span>",
    "link_close": "</a>",
    "softbreak": "<br>",
    "hardbreak": "<br>",
    "hr": "<hr>",
}
# A heading is a line that stands out: within a page, a message has no headings of the page's own.
_HEADINGS = {"h1": "large", "h2": "medium"}


def html_of(tokens: Sequence[Token], *, colours: bool = True) -> str:
    """Safe HTML, without line breaks of its own. Without `colours` code is shown as it is, in less HTML."""
    return sanitised("".join(_blocks(tokens, highlighted if colours else _plain_code)))


def sanitised(html: str) -> str:
    """What the allow-list lets through. Of what it let through it changes nothing more."""
    return _CLEANER.clean(html)


def is_kept(address: str) -> bool:
    """Whether the allow-list lets a link lead there."""
    return "href=" in sanitised(f'<a href="{escape(address)}"></a>')


def is_only_text(tokens: Sequence[Token]) -> bool:
    """Whether the tokens say no more than their text does."""
    return all(
        token.type in {"paragraph_open", "paragraph_close"}
        or (token.type == "inline" and _is_as_written(token))
        for token in tokens
    )


def _is_as_written(token: Token) -> bool:
    shown = []
    for child in token.children or ():
        if child.type not in {"text", "softbreak", "name"}:
            return False
        shown.append("\n" if child.type == "softbreak" else child.content)
    return "".join(shown) == token.content


def _blocks(tokens: Sequence[Token], code: Callable[[str, str], str]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from _inline(token.children or [])
        elif token.type == "fence":
            yield _fence(token, code)
        elif not token.hidden:  # the paragraphs of a list without empty lines
            yield _FIXED.get(token.type) or _OWN[token.type](token)


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    for number, token in enumerate(tokens):
        if token.type == "text":
            yield escape(token.content, quote=False)
        elif token.type == "link_open":
            yield _link(token, tokens[number + 1])
        else:
            yield _FIXED.get(token.type) or _OWN[token.type](token)


def _link(token: Token, following: Token) -> str:
    """One that says something else than its address shows that to whoever points at it; an empty one says it."""
    address = str(token.attrGet("href"))
    said = escape(address, quote=False) if following.type == "link_close" else ""
    title = "" if token.info == "auto" else f' title="{escape(address)}"'
    return f'<a href="{escape(address)}"{title}>{said}'


def _fence(token: Token, code: Callable[[str, str], str]) -> str:
    language = (token.info.split() or [""])[0][:_MAX_LANGUAGE_CHARS]
    label = f' data-language="{escape(label_of(language))}"' if language else ""
    return f"<pre{label}><code>{code(token.content.removesuffix(chr(10)), language)}</code></pre>"


def _plain_code(code: str, language: str) -> str:
    return escape(code, quote=False)


def _cell(token: Token) -> str:
    """Their place is a class: the page's content policy knows no styles in HTML."""
    side = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side in CLASSES["td"] else f"<{token.tag}>"


def _ordered_list(token: Token) -> str:
    start = token.attrGet("start")
    return "<ol>" if start is None else f'<ol start="{start}">'


def _name(token: Token) -> str:
    return f'<span class="mention" data-mention="{token.meta["name"]}">{token.content}</span>'


def _own_emoji(token: Token) -> str:
    return f'<img class="emoji" alt="{escape(token.content)}" src="{escape(token.meta["picture"])}">'


def _formula_block(token: Token) -> str:
    return f'<p><code class="math display">{escape(token.content, quote=False)}</code></p>'


def _formula(token: Token) -> str:
    kind = "math display" if token.content.startswith("$$") else "math"
    return f'<code class="{kind}">{escape(token.content, quote=False)}</code>'


_OWN: dict[str, Callable[[Token], str]] = {
    "heading_open": lambda token: f'<p class="heading {_HEADINGS.get(token.tag, "small")}">',
    "ordered_list_open": _ordered_list,
    "th_open": _cell,
    "td_open": _cell,
    "code_inline": lambda token: f"<code>{escape(token.content, quote=False)}</code>",
    "formula": _formula,
    "formula_block": _formula_block,
    "emoji": lambda token: escape(token.content, quote=False),
    "own_emoji": _own_emoji,
    "name": _name,
}


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """Addresses that lead elsewhere are links only; a picture is one of this installation."""
    if attribute == "src":
        return value if OWN_EMOJI.fullmatch(value) else None
    if attribute == "href":
        return value if ":" in value else None  # the schemes are looked at beside this
    return value


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    attribute_filter=_allowed,
    allowed_classes=CLASSES,
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes=set(SCHEMES),
    link_rel=REL,
)
