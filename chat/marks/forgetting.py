"""What is left of marks when a message is gone for good: nothing."""

from __future__ import annotations

from collections.abc import Collection

from chat.models import Ack, AckRequest, Message, Pin, Poll, Reaction


def forget_marks(message_ids: Collection[int]) -> None:
    """Deletes the marks of those of these messages that were deleted and can't be brought back any more.

    In the caller's transaction. One query where none of them has marks.
    """
    gone = Message.objects.filter(pk__in=message_ids, deleted_at__isnull=False, revisions=None)
    marked = list(gone.exclude(marks="").values_list("pk", flat=True))
    if marked:
        for model in (Reaction, Pin, Ack, AckRequest, Poll):
            model.objects.filter(message_id__in=marked).delete()  # votes go with their poll
        Message.objects.filter(pk__in=marked).update(marks="")
