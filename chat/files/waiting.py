"""Files that wait for a message which is to come, in what keeps it: they have its time, not a day of their own.

Where that goes without them, nothing has them any more, and the upkeep deletes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from accounts.models import User
from chat.files.attaching import check_files
from chat.files.errors import FileNotFound
from chat.files.services import unattached_until
from chat.models import Draft, HeldMessage, Scheduled, Upload


def files_wait(user: User, ids: Sequence[int], scheduled: Scheduled) -> None:
    """The user's files wait in this message, in the order given. Raises TooManyFiles, FileNotFound."""
    check_files(ids)
    uploads = _locked(user, ids)
    if len(uploads) < len(ids):
        raise FileNotFound()
    _wait(uploads, ids, scheduled=scheduled)


def files_wait_held(user: User, ids: Sequence[int], held: HeldMessage) -> None:
    """Those that the user could still send wait for a moderator in this message, in the order given."""
    _wait(_locked(user, ids), ids, held=held)


def loose(user: User, ids: Sequence[int]) -> list[int]:
    """Those of the files, in their order, that the user could send. Raises TooManyFiles, FileNotFound."""
    check_files(ids)
    known = set(_loose(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [pk for pk in ids if pk in known]


def files_wait_in_draft(user: User, ids: Sequence[int], draft: Draft) -> None:
    """These loose files wait in the draft, in their order; those that did are on their own again, and have a day."""
    _loose(user).filter(draft=draft).exclude(pk__in=ids).update(draft=None, forget_at=unattached_until())
    draft.uploads.exclude(pk__in=ids).update(draft=None)
    _wait(_locked(user, ids), ids, draft=draft)


def linked_to(draft: Draft) -> list[int]:
    """The ids of the files that were saved with it, in their order, also of those that were sent meanwhile."""
    return (
        list(draft.uploads.order_by("position").values_list("pk", flat=True)) if draft.pk is not None else []
    )


def files_in_draft(draft: Draft) -> list[Upload]:
    """In their order, without those that were sent meanwhile. One query, unless they were read with it."""
    uploads = draft.uploads.all() if draft.pk is not None else []
    waiting = [
        one for one in uploads if one.ready and {one.message_id, one.scheduled_id, one.held_id} == {None}
    ]
    return sorted(waiting, key=lambda one: one.position)


def _loose(user: User) -> QuerySet[Upload]:
    return Upload.objects.filter(uploader=user, ready=True, message=None, scheduled=None, held=None)


def _locked(user: User, ids: Sequence[int]) -> list[Upload]:
    return list(_loose(user).select_for_update().filter(pk__in=ids).order_by("pk")) if ids else []


def _wait(
    uploads: list[Upload],
    ids: Sequence[int],
    *,
    scheduled: Scheduled | None = None,
    held: HeldMessage | None = None,
    draft: Draft | None = None,
) -> None:
    for upload in uploads:
        upload.scheduled, upload.held, upload.draft = scheduled, held, draft
        upload.position, upload.forget_at = ids.index(upload.pk), None
    Upload.objects.bulk_update(uploads, ["scheduled", "held", "draft", "position", "forget_at"])
