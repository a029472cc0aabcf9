"""The shipped filter: words that an administrator lists. Read into memory, and again after `words_cached_s`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError

from chat.conf import numbers
from chat.models import ListedWord
from chat.moderation.filters import ALLOW, Hold, Refuse, Replace, Verdict, Written

_Action = ListedWord.Action


@dataclass(frozen=True, slots=True)
class _List:
    """One pattern for each action; None where no word has it."""

    patterns: dict[str, re.Pattern[str]]
    until_s: float  # of the monotonic clock


_list = _List({}, 0.0)


def listed_words(written: Written) -> Verdict:
    """Whole words, in any case."""
    patterns = _current().patterns
    if not patterns:
        return ALLOW
    refusing = patterns.get(_Action.REFUSE)
    if refusing is not None and (found := refusing.search(written.text)):
        return Refuse(f"“{found[0]}” is not allowed here. Say it in other words.")
    holding = patterns.get(_Action.HOLD)
    if holding is not None and (found := holding.search(written.text)):
        return Hold(f"It says “{found[0]}”.")
    replacing = patterns.get(_Action.REPLACE)
    if replacing is not None and replacing.search(written.text):
        return Replace(replacing.sub(lambda match: "*" * len(match[0]), written.text))
    return ALLOW


def forget_words() -> None:
    """Has this process read the list anew; others follow within `words_cached_s`."""
    global _list
    _list = _List({}, 0.0)


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of these words as a whole; a "*" at the end stands for any letters."""
    parts = [_part(word) for word in words if word.strip(" *")]
    if not parts:
        return None
    # The longest first: of two words that begin alike, all of the longer one is meant.
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?!\w)", re.IGNORECASE)


def _part(word: str) -> str:
    begins = word.rstrip("*").strip()
    escaped = r"\s+".join(re.escape(one) for one in begins.split())
    return escaped + (r"\w*" if word.rstrip().endswith("*") else "")


def _current() -> _List:
    global _list
    now_s = time.monotonic()
    if now_s >= _list.until_s:
        _list = _List(_read(), now_s + numbers().words_cached_s)
    return _list


def _read() -> dict[str, re.Pattern[str]]:
    """The list as it is stored; where the database does not answer, the one from before serves on."""
    try:
        stored = list(ListedWord.objects.values_list("action", "word")[: numbers().max_words])
    except DatabaseError:
        return _list.patterns
    by_action: dict[str, list[str]] = {}
    for action, word in stored:
        by_action.setdefault(action, []).append(word)
    found = {action: pattern_of(words) for action, words in by_action.items()}
    return {action: pattern for action, pattern in found.items() if pattern is not None}
