"""What the words of a text are, in the form in which they are compared. Pure.

Two words are the same whatever their case and accents: "Straße" is "STRASSE", "café" is "Cafe". Chinese and Japanese
have no blanks between words: there each character is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_WORD_CHARACTERS = 64

_PLAIN = re.compile(r"[A-Za-z0-9]+")
# Kana, and Han with its extensions.
_SINGLE = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_IS_SINGLE = re.compile(f"[{_SINGLE}]")
# Marks that a reader leaves out when typing: accents, Hebrew points, Arabic vowels. Vowel signs of Indic scripts stay.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Letters that no normal form takes apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŧ": "t"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared, and where it stands in the text, in characters."""

    key: str
    start: int
    end: int


def words_in(text: str) -> list[Word]:
    """All of them, in their order."""
    if text.isascii():
        return [
            Word(match[0].lower()[:MAX_WORD_CHARACTERS], *match.span()) for match in _PLAIN.finditer(text)
        ]
    found = ((_key(text[start:end]), start, end) for start, end in _spans(text))
    return [Word(key, start, end) for key, start, end in found if key]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Runs of letters and digits, with the marks among them."""
    begun: tuple[int, int] | None = None
    begun_single = False
    for match in _RUN.finditer(text):
        start, end = match.span()
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1
        single = _IS_SINGLE.match(text, start) is not None
        if begun is not None and begun[1] == start and not (single or begun_single):
            begun = (begun[0], end)
            continue
        if begun is not None:
            yield begun
        begun, begun_single = (start, end), single
    if begun is not None:
        yield begun


@lru_cache(maxsize=4096)
def _key(word: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", folded).translate(_LETTERS))
    kept = "".join(one for one in bare if unicodedata.category(one)[0] in "LNM")
    return kept[:MAX_WORD_CHARACTERS]
