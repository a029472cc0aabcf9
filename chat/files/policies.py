"""Who may have a file: whoever may see its message now; before it is in one, whoever uploaded it, and whoever may judge
the message that it waits in.
"""

from __future__ import annotations

from chat.errors import MessageNotFound
from chat.files.errors import FileNotFound
from chat.models import Member, Message, Upload
from chat.moderation.policies import held_for
from chat.policies import MAX_ID, message_for_reading, message_for_writing


def upload_for_reading(user_id: int, key: str) -> Upload:
    """Raises FileNotFound: for what is not there, is not yours to see, or is deleted."""
    upload = Upload.objects.filter(key=key, ready=True).first()
    if upload is None:
        raise FileNotFound()
    if upload.message_id is None:
        if upload.uploader_id != user_id and not held_for(user_id).filter(pk=upload.held_id).exists():
            raise FileNotFound()
        return upload
    try:
        message = message_for_reading(user_id, upload.message_id)
    except MessageNotFound:
        raise FileNotFound() from None
    if message.deleted_at is not None:
        raise FileNotFound()
    return upload


def upload_for_changing(user_id: int, file_id: int) -> tuple[Upload, Message | None, Member | None]:
    """A file, locked, with its message and the user's membership where it is in one. Raises FileNotFound.

    The message is locked first, as by everything that changes both.
    """
    found = Upload.objects.filter(pk=file_id, ready=True).first() if 0 < file_id <= MAX_ID else None
    if found is None:
        raise FileNotFound()
    message, member = None, None
    if found.message_id is not None:
        try:
            message, member = message_for_writing(user_id, found.message_id)
        except MessageNotFound:
            raise FileNotFound() from None
    elif found.uploader_id != user_id:
        raise FileNotFound()
    upload = Upload.objects.select_for_update().filter(pk=found.pk, message=found.message_id).first()
    if upload is None:  # sent or deleted just now
        raise FileNotFound()
    return upload, message, member
