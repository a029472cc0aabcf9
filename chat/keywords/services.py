"""A person's own list of words."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from accounts.names import without_invisible
from chat.conf import numbers
from chat.keywords.errors import BadKeyword, TooManyKeywords
from chat.keywords.events import KeywordsChanged
from chat.models import Keyword, user_stream
from chat.models.keywords import MAX_KEYWORD_CHARACTERS
from chat.search.words import words_in
from realtime import Struct, once, publish


class Keywords(Struct, frozen=True):
    """As they were written, in that order."""

    words: list[str]


def keywords_of(user: User) -> Keywords:
    return Keywords(list(Keyword.objects.filter(user=user).order_by("pk").values_list("text", flat=True)))


def keywords_set(*, user: User, words: Sequence[str], client_id: str) -> Keywords:
    """These are the user's keywords from now on; two that are compared as the same are one.

    Raises BadKeyword, TooManyKeywords.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.keywords_set",
        result=Keywords,
        run=lambda: _set(user, words),
    )


def _set(user: User, words: Sequence[str]) -> Keywords:
    if len(words) > numbers().max_keywords:
        raise TooManyKeywords(max=numbers().max_keywords)
    by_key: dict[str, Keyword] = {}
    for word in words:
        keyword = _keyword(user, word)
        by_key.setdefault(keyword.key, keyword)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Keyword.objects.filter(user=user).delete()
    Keyword.objects.bulk_create(by_key.values())
    kept = Keywords([keyword.text for keyword in by_key.values()])
    publish(user_stream(user.pk), KeywordsChanged(kept.words))
    return kept


def _keyword(user: User, raw: str) -> Keyword:
    if len(raw) > 4 * MAX_KEYWORD_CHARACTERS:
        raise BadKeyword()
    text = without_invisible(raw)
    keys = [word.key for word in words_in(text)]
    if not keys or len(text) > MAX_KEYWORD_CHARACTERS:
        raise BadKeyword(f"{text[:MAX_KEYWORD_CHARACTERS]!r} is no keyword: {BadKeyword.message}")
    return Keyword(user=user, text=text, key=" ".join(keys), first=keys[0])
