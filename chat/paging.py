"""Pages of messages in the order of their numbers: the newest, or those before, after or around a number."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from chat.errors import BadLimit, BadNumber
from chat.models import Message
from chat.policies import MAX_ID
from chat.threads.errors import BadPlace

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies. Without a number, at the newest end."""

    before: int | None = None
    after: int | None = None
    around: int | None = None

    def check(self, limit: int) -> None:
        """Raises BadLimit, BadNumber, BadPlace."""
        if not 1 <= limit <= MAX_PAGE:
            raise BadLimit(max=MAX_PAGE)
        given = [number for number in (self.before, self.after, self.around) if number is not None]
        if any(not 0 <= number <= MAX_ID for number in given):
            raise BadNumber()
        if len(given) > 1:
            raise BadPlace()


@dataclass(frozen=True, slots=True)
class Found:
    """Oldest first. `has_newer` is only known of pages after or around a number."""

    rows: list[Message]
    has_older: bool
    has_newer: bool


def page_of(messages: QuerySet[Message], place: Place, limit: int) -> Found:
    """One query; around a number two, half of the page on each side, the number itself on the older."""
    if place.after is not None:
        newer, has_newer = _ascending(messages.filter(number__gt=place.after), limit)
        return Found(newer, has_older=True, has_newer=has_newer)
    if place.around is not None:
        older, has_older = _descending(messages.filter(number__lte=place.around), limit - limit // 2)
        newer, has_newer = _ascending(messages.filter(number__gt=place.around), limit // 2)
        return Found(older[::-1] + newer, has_older, has_newer)
    if place.before is not None:
        messages = messages.filter(number__lt=place.before)
    older, has_older = _descending(messages, limit)
    return Found(older[::-1], has_older, has_newer=False)


def _ascending(messages: QuerySet[Message], limit: int) -> tuple[list[Message], bool]:
    found = list(messages.order_by("number")[: limit + 1])
    return found[:limit], len(found) > limit


def _descending(messages: QuerySet[Message], limit: int) -> tuple[list[Message], bool]:
    found = list(messages.order_by("-number")[: limit + 1])
    return found[:limit], len(found) > limit
