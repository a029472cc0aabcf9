"""Files that wait for a message which is to come, in what keeps it: they have its time, not a day of their own.

Where that goes without them, nothing has them any more, and the upkeep deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from chat.files.attaching import check_files
from chat.files.errors import FileNotFound
from chat.models import Scheduled, Upload


def files_wait(user: User, ids: Sequence[int], scheduled: Scheduled) -> None:
    """The user's files wait in this message, in the order given. Raises TooManyFiles, FileNotFound."""
    check_files(ids)
    locked = Upload.objects.select_for_update().filter(pk__in=ids, uploader=user, ready=True, message=None)
    uploads = {one.pk: one for one in locked.filter(scheduled=None).order_by("pk")}
    if len(uploads) < len(ids):
        raise FileNotFound()
    for position, pk in enumerate(ids):
        upload = uploads[pk]
        upload.scheduled, upload.position, upload.forget_at = scheduled, position, None
    Upload.objects.bulk_update(uploads.values(), ["scheduled", "position", "forget_at"])
