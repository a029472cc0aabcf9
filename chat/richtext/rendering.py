"""Text and mentions -> the HTML that is kept with a message; and the plain words that notifications show.

A message is rendered in two steps, because whom its names mean is known only when its room is locked: `drafted` does
the work, before; `Draft.finished` fills in the names. Neither raises: a text that breaks a bound, or the renderer, is
shown as it was written, which "" stands for.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from markdown_it.token import Token

from chat.conf import numbers
from chat.mentions.names import NAME, Named
from chat.richtext.markup import html_of, is_only_text
from chat.richtext.parsing import TooCostly, parsed
from notifications.markdown import plain_from

if TYPE_CHECKING:
    from chat.models import Message, Revision

logger = logging.getLogger(__name__)

# What stands for the words of a spoiler, whatever their number.
COVER = "▒▒▒"

# Nearly all that people write has none of these, and is done with.
_SIGNS = re.compile(r"[*`~_\]\\$@:#>|\n+-]|\A\s*\d")
_MARKS = re.compile(
    r"""
      `  |  \*\S  |  ~~  |  (?<!\w)_\S  |  \]\(  |  \\[!-/:-@\[-`{-~\n]  |  \$\S  |  \|\|  |  https?:  |  @
    | :[a-z0-9_+-]+:
    | ^[ \t]* (?: \#{1,6}[ \t] | > | [-+*][ \t] | \d{1,9}[.)][ \t] | [-|:][-|:\ \t]+$ )
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_NAME_PLACE = re.compile(r'<span class="mention" data-mention="([^"]*)">([^<]*)</span>')


class Meaning(Protocol):
    """A mention, as `chat.payloads.Mention`: its place in UTF-16 code units, and whom it reaches."""

    start: int
    length: int
    kind: str
    user: int | None
    refused: str


@dataclass(frozen=True, slots=True)
class Draft:
    """HTML with places for names; "" where the text says it all."""

    html: str = ""
    is_only_names: bool = False

    def finished(self, text: str, mentions: Sequence[Meaning]) -> str:
        """The HTML with the names that reach somebody; the others are words like any."""
        if not self.html or 'data-mention="' not in self.html:
            return self.html
        meanings = _meanings(text, mentions)
        if self.is_only_names and not meanings:
            return ""
        return _NAME_PLACE.sub(lambda place: _filled(place, meanings), self.html)


NOTHING_TO_RENDER = Draft()


def drafted(text: str, names: Sequence[Named]) -> Draft:
    """The text rendered, but for what its names mean."""
    if not has_marks(text):
        return NOTHING_TO_RENDER
    return _drafted(text, {found[1] for one in names if (found := NAME.match(text, one.start))})


def rendered(text: str, mentions: Sequence[Meaning]) -> str:
    """The HTML of a text whose mentions are known; "" where the text says it all."""
    if not has_marks(text):
        return ""
    return _drafted(text, _meanings(text, mentions).keys()).finished(text, mentions)


def html_of_row(row: Message | Revision, mentions: Sequence[Meaning]) -> str:
    """The HTML that is kept with a message; made now where it was stored before there was any."""
    return rendered(row.text, mentions) if row.html is None else row.html


def plain(text: str) -> str:
    """The words without their marks, in one line, and without what is behind spoilers: for notifications and lists."""
    if has_marks(text):
        try:
            text = plain_from(_covered(parsed(text)))
        except (TooCostly, RecursionError):
            text = re.sub(r"\|\|.+?\|\|", COVER, text, flags=re.DOTALL)
    return " ".join(text.split())


def has_marks(text: str) -> bool:
    """Whether there may be something to render. About a microsecond for what has nothing."""
    return _SIGNS.search(text) is not None and _MARKS.search(text) is not None


def _drafted(text: str, names: Collection[str]) -> Draft:
    try:
        tokens = parsed(text, names)
        if is_only_text(tokens):
            return Draft(_bounded(tokens), is_only_names=True) if names else NOTHING_TO_RENDER
        return Draft(_bounded(tokens))
    except (TooCostly, RecursionError):
        return NOTHING_TO_RENDER
    except Exception:
        # The message matters more than its looks; the text is somebody's own and stays out of the log.
        logger.exception("A text of %s characters could not be rendered.", len(text))
        return NOTHING_TO_RENDER


def _bounded(tokens: Sequence[Token]) -> str:
    """HTML within its bound: without the colours of code, if they are too much. Raises TooCostly."""
    most = numbers().max_html_chars
    html = html_of(tokens)
    if len(html) > most:
        html = html_of(tokens, colours=False)
    if len(html) > most:
        raise TooCostly("HTML")
    return html


def _meanings(text: str, mentions: Sequence[Meaning]) -> dict[str, Meaning]:
    """By the name as it was written, whom it means: the same in each place."""
    found: dict[str, Meaning] = {}
    for mention in mentions:
        name = NAME.match(text, _place(text, mention.start))
        if name is not None and not mention.refused:
            found[name[1]] = mention
    return found


def _place(text: str, units: int) -> int:
    """The place in Python's characters of one in UTF-16 code units."""
    return (
        units if text.isascii() else len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
    )


def _filled(place: re.Match[str], meanings: Mapping[str, Meaning]) -> str:
    name, written = place.groups()
    mention = meanings.get(name)
    if mention is None:
        return written
    end = _place(f"@{name}", mention.length)
    user = f' data-user="{mention.user}"' if mention.user is not None else ""
    return f'<span class="mention" data-mention="{mention.kind}"{user}>{written[:end]}</span>{written[end:]}'


def _covered(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens with a cover in place of each spoiler."""
    for token in tokens:
        if token.children:
            token.children = _without_spoilers(token.children)
    return tokens


def _without_spoilers(tokens: Sequence[Token]) -> list[Token]:
    shown: list[Token] = []
    inside = 0
    for token in tokens:
        if token.type == "spoiler_open":
            inside += 1
            if inside == 1:
                shown.append(Token("text", "", 0, content=COVER))
        elif token.type == "spoiler_close":
            inside -= 1
        elif not inside:
            shown.append(token)
    return shown
