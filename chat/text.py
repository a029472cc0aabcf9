"""The rules for what people write: message texts, room names, topics. Pure."""

from __future__ import annotations

import unicodedata

from accounts.names import MAX_MARKS_IN_A_ROW, is_invisible, longest_run_of_marks, without_invisible
from chat.errors import BadCharacters, BadName, BadReason, EmptyBody, TooComplex, TooLong

MAX_TEXT_CHARACTERS = 4000
MAX_NAME_CHARACTERS = 64
MAX_TOPIC_CHARACTERS = 250
MAX_DESCRIPTION_CHARACTERS = 2000
MAX_REASON_CHARACTERS = 300

_NOT_IN_NAMES = frozenset("<>/\\")


def message_text(raw: str, *, may_be_empty: bool = False) -> str:
    """`raw` in NFC, trimmed. Raises EmptyBody, TooLong, BadCharacters, TooComplex.

    Beside files a text may be empty, or nothing that can be seen, which is the same. The cheap checks come first:
    normalising a hundred thousand stacked marks takes quadratic time.
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if 0 < len(text) <= MAX_TEXT_CHARACTERS and text.isascii() and text.isprintable():
        return text
    if len(text) > 3 * MAX_TEXT_CHARACTERS and text.isascii():
        raise _too_long(len(text))
    if longest_run_of_marks(text) > MAX_MARKS_IN_A_ROW:
        raise TooComplex(max=MAX_MARKS_IN_A_ROW)
    if any(one not in "\n\t" and unicodedata.category(one) in {"Cc", "Cs"} for one in text):
        raise BadCharacters()
    text = unicodedata.normalize("NFC", text)
    if len(text) > MAX_TEXT_CHARACTERS:
        raise _too_long(len(text))
    if all(one.isspace() or is_invisible(one) for one in text):
        if may_be_empty:
            return ""
        raise EmptyBody()
    return text


def room_name(raw: str) -> str:
    """`raw` in NFC with single spaces. Raises BadName with the rule that it breaks."""
    if len(raw) > 4 * MAX_NAME_CHARACTERS:
        raise BadName(f"A room's name has at most {MAX_NAME_CHARACTERS} characters.", max=MAX_NAME_CHARACTERS)
    if longest_run_of_marks(raw) > MAX_MARKS_IN_A_ROW:
        raise BadName("A room's name must not pile up marks on one letter.")
    if any(is_invisible(one) for one in raw.strip()):
        raise BadName("A room's name must not contain line breaks, control or invisible characters.")
    if _NOT_IN_NAMES & set(raw):
        raise BadName("A room's name must not contain < > / or \\.")
    name = without_invisible(raw)
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise BadName(
            f"A room's name has 1 to {MAX_NAME_CHARACTERS} characters, not {len(name)}.",
            max=MAX_NAME_CHARACTERS,
        )
    return name


def room_topic(raw: str) -> str:
    """`raw` without what cannot be seen. Raises BadName when it is too long."""
    if len(raw) > MAX_TOPIC_CHARACTERS or longest_run_of_marks(raw) > MAX_MARKS_IN_A_ROW:
        raise BadName(
            f"A topic has at most {MAX_TOPIC_CHARACTERS} plain characters.", max=MAX_TOPIC_CHARACTERS
        )
    return without_invisible(raw)


def room_description(raw: str) -> str:
    """`raw` in NFC, trimmed, with its lines. Raises BadName when it is too long or has what no text may have."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_DESCRIPTION_CHARACTERS or longest_run_of_marks(text) > MAX_MARKS_IN_A_ROW:
        raise BadName(
            f"A description has at most {MAX_DESCRIPTION_CHARACTERS} plain characters.",
            max=MAX_DESCRIPTION_CHARACTERS,
        )
    return "\n".join(without_invisible(line) for line in text.split("\n"))


def reason(raw: str) -> str:
    """Why somebody did something, on one line without what cannot be seen; may be empty. Raises BadReason."""
    if len(raw) > MAX_REASON_CHARACTERS or longest_run_of_marks(raw) > MAX_MARKS_IN_A_ROW:
        raise BadReason(max=MAX_REASON_CHARACTERS)
    return without_invisible(raw)


def name_key(name: str) -> str:
    """Two public rooms with the same key have the same name."""
    return unicodedata.normalize("NFC", name.casefold())


def _too_long(length: int) -> TooLong:
    return TooLong(
        f"A message has at most {MAX_TEXT_CHARACTERS} characters, this has {length}.",
        max=MAX_TEXT_CHARACTERS,
        got=length,
    )
