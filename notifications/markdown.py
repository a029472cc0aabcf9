"""Markdown -> the HTML that pages and e-mails show, and the plain text of toasts. Pure; the one renderer for both.

What may come out is the list of TAGS below and links to http, https, mailto and pages of this site; whatever else
somebody writes is shown as they wrote it. Messages of the chat, in which people write otherwise, have a renderer of
their own, `chat.richtext`, which takes from here what the two have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = frozenset(
    {
        "p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr",
        "h1", "h2", "h3", "h4", "h5", "h6",
    }
)  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "mailto"})

# Pictures are fields of their own: one written into the text would tell a stranger's server who reads it.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough").disable("image")
_BREAKS = {"softbreak": "\n", "hardbreak": "\n", "hr": "—\n\n", "list_item_open": "• "}
_ENDS = {
    "paragraph_close": "\n\n",
    "heading_close": "\n\n",
    "bullet_list_close": "\n",
    "ordered_list_close": "\n",
    "th_close": " ",
    "td_close": " ",
    "tr_close": "\n",
}


def to_html(text: str) -> str:
    """Safe HTML; "" for nothing."""
    return nh3.clean(
        _MARKDOWN.render(text),
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    ).strip()


def to_plain(text: str) -> str:
    """The words without their marks. A link that says something else than its address names that too."""
    return plain_from(_MARKDOWN.parse(text))


def plain_from(tokens: Iterable[Token]) -> str:
    """The same of tokens; of a kind that is not known here, their content."""
    plain = "".join(_plain(tokens)).strip()
    while "\n\n\n" in plain:
        plain = plain.replace("\n\n\n", "\n\n")
    return plain


def _plain(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield from _words(token.children or [])
        elif token.content:  # code and the like
            yield f"{token.content.rstrip()}\n\n"
        elif token.type == "paragraph_close" and token.hidden:
            yield "\n"
        else:
            yield _BREAKS.get(token.type) or _ENDS.get(token.type, "")


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    address, said = "", ""
    for token in tokens:
        word = _BREAKS.get(token.type, "") or token.content
        if token.type == "link_open":
            address, said = str(token.attrGet("href") or ""), ""
        elif token.type == "link_close":
            if address not in {"", said, f"mailto:{said}"}:
                word = f" ({address})"
            address = ""
        said += word
        yield word
