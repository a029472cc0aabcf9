"""What a person's devices are told of drafts."""

from __future__ import annotations

from chat.drafts.payloads import Draft
from realtime import Struct, event


@event("chat.draft_changed")
class DraftChanged(Struct, frozen=True):
    """On user:<id>. The draft of this room, or thread, is this now."""

    draft: Draft
