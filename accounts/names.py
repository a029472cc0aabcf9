"""The rules for names that people choose. Pure: knows characters, and no model.

Two names that look the same must not belong to two people, and no name may hide or reorder what stands around it.
"""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

MAX_USERNAME_CHARACTERS = 32
MAX_DISPLAY_NAME_CHARACTERS = 64
MAX_MARKS_IN_A_ROW = 8

# Names that speak for the installation, or mean everybody. `skeleton` also catches what merely looks like them.
RESERVED = ("admin", "administrator", "moderator", "root", "support", "system", "carillon", "room", "here")

# Blank although not white space: Hangul fillers, Khmer inherent vowels, braille blank, combining grapheme joiner.
_BLANKS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")

# Letters of other scripts, and digits, that read as Latin letters. Compatibility forms (full width,
# mathematical) and accents are folded by NFKD before.
_LOOKALIKES = str.maketrans(
    {
        "а": "a", "ɑ": "a", "α": "a", "в": "b", "с": "c", "ϲ": "c", "ԁ": "d", "ɗ": "d", "đ": "d", "е": "e", "ε": "e",
        "һ": "h", "н": "h", "і": "i", "ı": "i", "ι": "i", "ӏ": "i", "l": "i", "1": "i", "ɩ": "i", "ǀ": "i",
        "ј": "j", "к": "k", "κ": "k", "м": "m", "ʍ": "m", "ո": "n", "п": "n", "η": "n", "ɴ": "n", "о": "o",
        "ο": "o", "0": "o", "օ": "o", "р": "p", "ρ": "p", "ѕ": "s", "5": "s", "т": "t", "τ": "t", "υ": "u",
        "ս": "u", "ѵ": "v", "ν": "v", "у": "y", "х": "x", "χ": "x", "г": "r", "3": "e", "4": "a", "@": "a",
    }
)  # fmt: skip


def is_invisible(character: str) -> bool:
    """Control, format (bidi and zero width), surrogate, unassigned or blank-looking; ordinary spaces are visible."""
    return character in _BLANKS or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Co"}


def without_invisible(text: str) -> str:
    """`text` in NFC without invisible characters, its white space collapsed."""
    spaced = "".join(" " if one.isspace() else one for one in text)
    kept = "".join(one for one in spaced if not is_invisible(one))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def longest_run_of_marks(text: str) -> int:
    """How many combining marks follow each other at most: 1 or 2 in writing, hundreds in an attack."""
    if text.isascii():
        return 0
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, run)
    return longest


def normal_username(username: str) -> str:
    return unicodedata.normalize("NFC", username)


def username_key(username: str) -> str:
    """Two user names with the same key are the same name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", username).casefold())


def skeleton(name: str) -> str:
    """What a reader in a hurry sees: two names with the same skeleton are easily taken for each other."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(one for one in decomposed if unicodedata.category(one)[0] in "LN")
    return letters.translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w")


_RESERVED_SKELETONS = frozenset(skeleton(name) for name in RESERVED)


def looks_reserved(name: str) -> bool:
    return skeleton(name) in _RESERVED_SKELETONS


def validate_username(username: str) -> None:
    """Raises ValidationError with the rule that `username` breaks. Exact reserved names pass: operators use them."""
    if not 1 <= len(username) <= MAX_USERNAME_CHARACTERS:
        raise ValidationError(
            f"A user name has 1 to {MAX_USERNAME_CHARACTERS} characters, not {len(username)}.",
            code="bad_name",
        )
    if any(not (one in "._-" or unicodedata.category(one)[0] in "LN") for one in normal_username(username)):
        raise ValidationError("A user name has only letters, digits, '.', '_' and '-'.", code="bad_name")
    if username[0] in "._-":
        raise ValidationError("A user name starts with a letter or a digit.", code="bad_name")
    if looks_reserved(username) and username.casefold() not in RESERVED:
        raise ValidationError("This user name looks like a reserved one. Choose another.", code="bad_name")


def display_name_from(text: str, username: str) -> str:
    """The name shown for a person: `text` made harmless, or the user name when nothing is left of it."""
    name = without_invisible(text[: 4 * MAX_DISPLAY_NAME_CHARACTERS])[:MAX_DISPLAY_NAME_CHARACTERS].strip()
    if (
        not name
        or longest_run_of_marks(name) > MAX_MARKS_IN_A_ROW
        or looks_reserved(name) != looks_reserved(username)
    ):
        return username
    return name
