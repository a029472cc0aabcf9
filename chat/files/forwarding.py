"""The files of a message that is said again elsewhere: rows and addresses of their own, over the same bytes.

So who sees the new message has the file by its own address, and nobody by the other's; and each goes with its message,
the bytes with the last of them.
"""

from __future__ import annotations

from accounts.models import User
from chat.files import storing
from chat.files.payloads import files_loaded
from chat.files.services import refuse_beyond_quota, unattached_until
from chat.models import Message, Upload
from chat.policies import room_for_writing

_SAME = ("stored", "name", "kind", "type", "bytes", "width", "height", "small", "large", "alt", "ready")


def files_again(user: User, source: Message, room_id: int) -> list[int]:
    """Uploads of the user's for a message of that room, with what the source has, in its order.

    They count like any of the user's; bytes that the user has already, not twice. Raises RoomNotFound, QuotaExceeded.
    """
    wanted = [file.id for file in files_loaded(source.files)]
    if not wanted:
        return []
    # In the order of all who lock them: a person, a room, then files, of which none goes while it is looked at.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    room_for_writing(user.pk, room_id)
    there = Upload.objects.select_for_update().filter(message=source, ready=True, forget_at=None)
    found = {one.pk: one for one in there.filter(pk__in=wanted).order_by("pk")}
    again = Upload.objects.bulk_create(_again(user, found[pk]) for pk in wanted if pk in found)
    refuse_beyond_quota(user)
    return [one.pk for one in again]


def _again(user: User, upload: Upload) -> Upload:
    key = storing.new_key()
    same = {name: getattr(upload, name) for name in _SAME}
    return Upload(key=key, uploader=user, client_id=f"-{key}", forget_at=unattached_until(), **same)
