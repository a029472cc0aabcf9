"""What becomes of threads when messages of their room are deleted for their age.

Who followed a thread whose root goes does so no longer. Younger replies stay until it is their turn, in the room where
it shows them too; the thread goes with the last of them.
"""

from __future__ import annotations

from collections.abc import Collection

from chat.models import Message, Thread, ThreadReader, user_stream
from chat.threads.events import ThreadUnfollowed
from realtime import publish_many


def threads_go_with(ids: Collection[int], up_to: int) -> None:
    """Before these messages are deleted, the oldest of their locked room: all of it up to the number `up_to`."""
    readers = ThreadReader.objects.filter(thread_id__in=ids)
    followed = readers.filter(following=True).values_list("user_id", "thread_id")
    publish_many((user_stream(user), ThreadUnfollowed(root)) for user, root in followed)
    readers.delete()
    replied = Message.objects.filter(pk__in=ids, root__isnull=False).values_list("root_id", flat=True)
    roots = {*ids, *replied}
    Thread.objects.filter(pk__in=roots, number__lte=up_to, last_number__lte=up_to).delete()
