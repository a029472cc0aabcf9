"""What a person began to write."""

from __future__ import annotations

from chat.conf import numbers
from chat.drafts.payloads import Draft as DraftPayload
from chat.models import Draft


def drafts_of(user_id: int) -> list[DraftPayload]:
    """The user's drafts in the rooms that they are in. Two queries."""
    drafts = Draft.objects.filter(member__user_id=user_id).select_related("member")
    drafts = drafts.prefetch_related("uploads").order_by("pk")
    return [DraftPayload.of(draft.member.room_id, draft) for draft in drafts[: numbers().max_drafts]]
