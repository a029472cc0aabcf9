"""What a person has saved."""

from __future__ import annotations

from chat.conf import numbers
from chat.errors import BadLimit
from chat.marks.reading import seen_by
from chat.models import Saved
from chat.policies import MAX_ID
from chat.saved.payloads import SavedMessage, SavedPage
from chat.threads.showing import SHOWN_WITH, shown

MAX_PAGE = 100


def saved_ids(user_id: int) -> list[int]:
    """The messages that the user has saved, rising; also those of rooms that they have left. One query."""
    mine = Saved.objects.filter(user_id=user_id).order_by("message_id")
    return list(mine.values_list("message_id", flat=True)[: numbers().max_saved])


def saved_page(user_id: int, *, before: int | None, limit: int) -> SavedPage:
    """What the user has saved and may see now, the last one first. One query, and those of `shown` and
    `seen_by`.

    `before` is the `id` of an item: those that were saved before it. Raises BadLimit.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise BadLimit(f"limit is from 1 to {MAX_PAGE}.", max=MAX_PAGE)
    visible = Saved.objects.filter(user_id=user_id, message__room__members__user_id=user_id)
    if before is not None:
        visible = visible.filter(pk__lt=max(0, min(before, MAX_ID)))
    rows = list(
        visible.select_related(*(f"message__{one}" for one in SHOWN_WITH)).order_by("-pk")[: limit + 1]
    )
    messages = seen_by(user_id, shown([row.message for row in rows[:limit]]))
    items = [
        SavedMessage(row.pk, message, row.saved_at)
        for row, message in zip(rows[:limit], messages, strict=True)
    ]
    return SavedPage(items, has_more=len(rows) > limit)
