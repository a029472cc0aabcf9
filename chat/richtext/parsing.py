"""Markdown -> tokens, as people in a chat expect it; pure but for the installation's own emoji.

Line breaks count. A quote or a list ends with its line: what follows without a mark is an answer to it. Indented text
is no code, `&amp;` and HTML are what they look like, references (`[a]: address`) and underlined headings are text, a
picture is a link. What would take too long or nest too deeply is refused; the bounds are steps, not seconds, so that
every machine makes the same of a text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from chat.richtext import inline_rules
from chat.richtext.markup import is_kept

MAX_STEPS = 20_000
MAX_BLOCKS_DEEP = 12
MAX_MARKS_DEEP = 16
MAX_CELLS = 600

_OFF = ("code", "reference", "html_block", "lheading", "entity", "html_inline", "image")
_ADDRESS = re.compile(r"https?://[^\s/?#]|mailto:[^\s?]", re.IGNORECASE)
_DELIMITERS = re.compile(r"[|: \t-]*-[|: \t-]*")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,}|\$\$)")
_QUOTED = re.compile(r"[ \t]*>")
_LISTED = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]")


class TooCostly(Exception):
    """The text is no text: it was made to be expensive."""


def parsed(text: str, names: Collection[str] = ()) -> Sequence[Token]:
    """The tokens of a text; of `names` (without "@") each place becomes a token. Raises TooCostly."""
    tokens = _MARKDOWN.parse(with_ends(text), {"names": names, "steps": 0})
    for token in tokens:
        if token.children and _depth(token.children) > MAX_MARKS_DEEP:
            raise TooCostly("marks within marks")
    return tokens


def with_ends(text: str) -> str:
    """The text with an empty line behind each quote and list that a line without their mark would otherwise join."""
    if "\n" not in text:
        return text
    lines: list[str] = []
    fence, inside = "", ""
    for line in text.split("\n"):
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif opened := _opened(line, inside):
            fence, inside = opened, ""
        else:
            kind = _kind(line, inside)
            if kind == "text" and inside:
                lines.append("")
            inside = {"text": "", "empty": inside if inside == "list" else ""}.get(kind, kind)
        lines.append(line)
    return "\n".join(lines)


def _opened(line: str, inside: str) -> str:
    """The mark of the block that the line opens, of code or of a formula; "" for none, or one that closes at once."""
    found = _FENCE.match(line)
    if found is None or (inside == "list" and line[0] in " \t"):
        return ""
    return "" if found[1][0] in "`$" and found[1][0] in line[found.end() :] else found[1]


def _closes(line: str, fence: str) -> bool:
    if fence == "$$":
        return line.rstrip().endswith(fence)
    return line.strip().startswith(fence) and not line.strip().strip(fence[0])


def _kind(line: str, inside: str) -> str:
    """What a line is: "empty", "quote", "list" or "text". An indented line belongs to its list."""
    if not line.strip():
        return "empty"
    if _QUOTED.match(line):
        return "quote"
    if _LISTED.match(line) or (inside == "list" and line[0] in " \t"):
        return "list"
    return "text"


def _depth(tokens: Sequence[Token]) -> int:
    deepest = depth = 0
    for token in tokens:
        depth += token.nesting
        deepest = max(deepest, depth)
    return deepest


def _is_address(url: str) -> bool:
    """Whether a link may lead there; a browser and the allow-list have to understand it alike."""
    return _ADDRESS.match(url) is not None and is_kept(url)


def _count(env: Any) -> None:
    env["steps"] += 1
    if env["steps"] > MAX_STEPS:
        raise TooCostly("steps")


def _count_inline(state: StateInline, silent: bool) -> bool:
    _count(state.env)
    return False


def _count_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    _count(state.env)
    if state.level > MAX_BLOCKS_DEEP:
        raise TooCostly("blocks within blocks")
    return False


def _small_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless it is one of thousands of cells, which a few characters can ask for."""
    if start + 1 >= end or not _DELIMITERS.fullmatch(_line(state, start + 1)):
        return False
    columns = _line(state, start).count("|") + 1
    for number in range(start, end):
        _count(state.env)
        if state.isEmpty(number):
            break
        if columns * (number - start) > MAX_CELLS:
            return False
    return table(state, start, end, silent)


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` to one that ends with it: nothing between is taken for a list or a quote."""
    first = _line(state, start)
    if not first.startswith("$$") or "$$" in first[2:]:
        return False
    for number in range(start + 1, end):
        line = _line(state, number)
        if state.sCount[number] < state.blkIndent or not line:
            return False
        if line.endswith("$$"):
            if not silent:
                token = state.push("formula_block", "code", 0)
                token.content = "\n".join(_line(state, one) for one in range(start, number + 1))
                state.line = number + 1
            return True
    return False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _linkify() -> LinkifyIt:
    """Addresses that say what they are, and e-mail addresses: "example.py" is a file as often as a site."""
    linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})
    linkify.add("ftp:", None)
    linkify.add("//", None)
    return linkify


def _made() -> MarkdownIt:
    # Beyond maxNesting the parser leaves things out in silence; the bounds above come first.
    options = {"html": False, "linkify": True, "breaks": True, "maxNesting": 40}
    markdown = MarkdownIt("default", options).disable(["smartquotes", "replacements", *_OFF])
    markdown.linkify = _linkify()
    markdown.validateLink = _is_address
    inline, block = markdown.inline, markdown.block
    inline.add_terminator_char("|")
    inline.ruler.before("text", "count", _count_inline)
    inline.ruler.at("linkify", inline_rules.address)
    inline.ruler.before("linkify", "shortcode", inline_rules.shortcode)
    for rule in (inline_rules.name, inline_rules.formula, inline_rules.spoiler):
        inline.ruler.before("emphasis", rule.__name__, rule)
    inline.ruler.before("link", "picture_as_link", inline_rules.picture_as_link)
    block.ruler.at("table", _small_table, {"alt": ["paragraph", "reference"]})
    block.ruler.before("table", "count", _count_block)
    alternatives = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    block.ruler.before("blockquote", "formula_block", _formula_block, alternatives)
    return markdown


_MARKDOWN = _made()
