"""Everything that changes files: uploads, descriptions, and what makes them go.

Nothing slow happens in a transaction. An upload first takes its place with a row, then its bytes are stored, then the
row says so; whatever dies in between leaves a row that falls due, and `forget_some` clears up. Bytes are deleted
before their row, for the same reason.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.base import File as StoredFile
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from accounts.names import MAX_MARKS_IN_A_ROW, longest_run_of_marks, without_invisible
from chat.conf import numbers
from chat.errors import MessageDeleted, NotAuthor
from chat.files import images, storing
from chat.files.archives import check_archive
from chat.files.errors import (
    BadDescription,
    FileRefused,
    FileTooLarge,
    FileWaits,
    LastFile,
    QuotaExceeded,
    ScannerAway,
    UploadGoesOn,
)
from chat.files.events import FilesChanged
from chat.files.names import file_name
from chat.files.payloads import File, FileLimits, FileRemoved, files_loaded, files_stored
from chat.files.policies import upload_for_changing
from chat.files.sniffing import HEAD_BYTES, Found, is_zip, sniffed
from chat.models import Message, Upload, stream_of
from chat.models.files import MAX_ALT_CHARACTERS, ORPHAN
from chat.moderation.ranks import moderates
from chat.search import index
from chat.threads.errors import ForwardedIsFixed
from realtime import check_client_id, once, publish

logger = logging.getLogger(__name__)

# A message that is deleted keeps its files a little longer than it can be brought back.
_GRACE_S = 5.0


# Uploads ----------------------------------------------------------------------------------------------


def upload_create(*, user: User, content: UploadedFile, client_id: str, alt: str = "") -> File:
    """Stores a file for a message that is to come. Again with the same client_id returns the first result.

    Raises UnsupportedFile, FileTooLarge, ImageTooLarge, QuotaExceeded, BadDescription, FileRefused, BadClientId,
    and what may be tried again: ScannerAway, UploadGoesOn, ImagesWaiting.
    """
    check_client_id(client_id)
    known = Upload.objects.filter(uploader=user, client_id=client_id, ready=True).first()
    if known is not None:
        return File.of(known)
    key = storing.new_key()
    upload = Upload(
        key=key,
        stored=key,
        uploader=user,
        client_id=client_id,
        name=file_name(content.name or ""),
        alt=_description(alt),
        bytes=content.size or 0,
    )
    found = _examined(content, upload)
    upload.kind, upload.type = found.kind, found.type
    first = _reserved(user, upload)
    if first is not None:
        return File.of(first)
    try:
        _store(upload, content)
        upload.ready = True
        upload.save(update_fields=["type", "bytes", "width", "height", "small", "large", "ready"])
    except BaseException:
        _forget_bytes(upload)
        raise
    return File.of(upload)


def limits_of(user: User) -> FileLimits:
    """One query."""
    limits = numbers()
    return FileLimits(limits.max_files, limits.max_file_bytes, _used_bytes(user), limits.max_user_bytes)


def _examined(content: UploadedFile, upload: Upload) -> Found:
    if upload.bytes > numbers().max_file_bytes:
        raise FileTooLarge(
            f"A file has at most {numbers().max_file_bytes:,} bytes, this has {upload.bytes:,}.",
            max=numbers().max_file_bytes,
            got=upload.bytes,
        )
    content.seek(0)
    head = content.read(HEAD_BYTES)
    found = sniffed(head, upload.name)
    if is_zip(head):
        check_archive(content, upload.bytes)  # type: ignore[arg-type]
    _scan(content, upload.name)
    return found


def _scan(content: UploadedFile, name: str) -> None:
    """FILE_SCANNER names a function of the open file and its name, which returns "" or why the file is refused.

    Where it fails, the file is not let in.
    """
    path: str = settings.FILE_SCANNER
    if not path:
        return
    module, _, function = path.rpartition(".")
    content.seek(0)
    try:
        reason = getattr(import_module(module), function)(content, name)
    except Exception:
        logger.exception("%s could not examine a file.", path)
        raise ScannerAway(retry_after_ms=5000) from None
    if reason:
        raise FileRefused(f"The file was refused: {reason}.")


@transaction.atomic
def _reserved(user: User, upload: Upload) -> Upload | None:
    """Takes the file's place and its share of the quota, or returns what was stored under its client_id meanwhile.

    Behind the lock on the person there is one upload at a time, so that two together do not exceed the quota.
    """
    User.objects.select_for_update().get(pk=user.pk)
    first = Upload.objects.filter(uploader=user, client_id=upload.client_id).first()
    if first is not None and first.ready:
        return first
    if first is not None:
        if first.created_at > timezone.now() - timedelta(seconds=numbers().upload_lease_s):
            raise UploadGoesOn(retry_after_ms=2000)
        # Whoever stored it has died. Its bytes go with its row; the name is free.
        first.client_id, first.forget_at = f"-{first.key}", timezone.now()
        first.save(update_fields=["client_id", "forget_at"])
    refuse_beyond_quota(user, upload.bytes)
    upload.forget_at = unattached_until()
    upload.save(force_insert=True)
    return None


def refuse_beyond_quota(user: User, more: int = 0) -> None:
    """For a locked user: raises QuotaExceeded where their files, with so many bytes more, are too much."""
    used, most = _used_bytes(user), numbers().max_user_bytes
    if used + more > most:
        raise QuotaExceeded(
            f"Your files take up {used:,} of {most:,} bytes: there is no room for this. Delete some first.",
            used=used,
            max=most,
        )


def unattached_until() -> datetime:
    """When a file goes that no message has by then."""
    return timezone.now() + timedelta(seconds=numbers().unattached_s)


def _used_bytes(user: User) -> int:
    """What is stored once counts once."""
    mine = Upload.objects.filter(uploader=user).values("stored", "bytes").distinct()
    return mine.aggregate(used=Sum("bytes"))["used"] or 0


def _store(upload: Upload, content: UploadedFile) -> None:
    if upload.kind != Upload.Kind.IMAGE:
        storing.store(upload.stored, content)
        return
    limits = numbers()
    sizes = {"small": limits.small_image_px, "large": limits.large_image_px}
    with (
        NamedTemporaryFile(prefix="upload-") as copy,
        images.remade(_path_of(content, copy), sizes=sizes) as image,
    ):
        original = image.directory / storing.ORIGINAL
        upload.type, upload.bytes = image.type, original.stat().st_size
        upload.width, upload.height = image.width, image.height
        upload.small, upload.large = "small" in image.made, "large" in image.made
        for size in (storing.ORIGINAL, *image.made):
            storing.store(upload.stored, image.directory / size, size)


def _path_of(content: UploadedFile, copy: Any) -> Path:
    """Where on the disk the file is; small ones are in memory, and are written to `copy`."""
    if isinstance(content, TemporaryUploadedFile):
        return Path(content.temporary_file_path())
    content.seek(0)
    copy.writelines(content.chunks())
    copy.flush()
    return Path(copy.name)


def _description(raw: str) -> str:
    if len(raw) > MAX_ALT_CHARACTERS or longest_run_of_marks(raw) > MAX_MARKS_IN_A_ROW:
        raise BadDescription(
            f"A description has at most {MAX_ALT_CHARACTERS} plain characters.", max=MAX_ALT_CHARACTERS
        )
    return without_invisible(raw)


# Changes ----------------------------------------------------------------------------------------------


def file_describe(*, user: User, file: int, alt: str, client_id: str) -> File:
    """Says what is to be seen in one's own file.

    Raises FileNotFound, NotAuthor, ForwardedIsFixed, MessageDeleted, BadDescription.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.file_describe",
        result=File,
        run=lambda: _describe(user, file, _description(alt)),
    )


def _describe(user: User, file_id: int, alt: str) -> File:
    upload, message, _ = upload_for_changing(user.pk, file_id)
    if upload.uploader_id != user.pk:
        raise NotAuthor()
    if message is not None and message.forwarded != "":
        raise ForwardedIsFixed()
    upload.alt = alt
    upload.save(update_fields=["alt"])
    described = File.of(upload)
    if message is not None:
        files = files_loaded(message.files)
        _show(message, [described if one.id == upload.pk else one for one in files])
    return described


def file_remove(*, user: User, file: int, client_id: str) -> FileRemoved:
    """Deletes a file: one's own that is in no message, or out of a message, for its author and the room's owners.

    Raises FileNotFound, NotAuthor, MessageDeleted, LastFile, FileWaits.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.file_remove",
        result=FileRemoved,
        run=lambda: _remove(user, file),
    )


def _remove(user: User, file_id: int) -> FileRemoved:
    upload, message, member = upload_for_changing(user.pk, file_id)
    if upload.scheduled_id is not None:
        raise FileWaits()
    if upload.held_id is not None:
        raise FileWaits("This file is in a message that waits for a moderator.")
    if message is not None and member is not None:
        if message.author_id != user.pk and not moderates(member.role):
            raise NotAuthor("Only the author of the message, or who moderates the room, may do this.")
        left = [one for one in files_loaded(message.files) if one.id != upload.pk]
        if not left and not message.text:
            raise LastFile()
        _show(message, left)
    _let_go(upload)
    return FileRemoved(upload.pk)


def uploads_forget_of(user: User) -> None:
    """For the deletion of an account: all files of a person leave their messages and the storage."""
    for file_id, message_id in Upload.objects.filter(uploader=user).values_list("pk", "message_id"):
        with transaction.atomic():
            message = Message.objects.select_for_update().filter(pk=message_id).first()
            upload = Upload.objects.select_for_update().filter(pk=file_id, message=message_id).first()
            if upload is None:
                continue
            if message is not None:
                _take_out(message, file_id)
            _let_go(upload)


def _take_out(message: Message, file_id: int) -> None:
    left = [one for one in files_loaded(message.files) if one.id != file_id]
    if message.deleted_at is None:
        _show(message, left)
    else:
        Message.objects.filter(pk=message.pk).update(files=files_stored(left))


def _show(message: Message, files: list[File]) -> None:
    """These are the files of a locked message from now on."""
    if message.deleted_at is not None:
        raise MessageDeleted()
    message.files = files_stored(files)
    message.save(update_fields=["files"])
    index.refresh(message)
    publish(stream_of(message.room_id), FilesChanged(message.pk, message.number, files))


def _let_go(upload: Upload) -> None:
    """From now on no message can have it; `forget_some` deletes it."""
    upload.message = upload.scheduled = upload.held = upload.draft = None
    upload.ready = False
    upload.forget_at = timezone.now()
    upload.save(update_fields=["message", "scheduled", "held", "draft", "ready", "forget_at"])


# With the message -------------------------------------------------------------------------------------


def files_go_with(message: Message) -> None:
    """The locked message was deleted: its files follow once that cannot be undone any more."""
    if message.files != "[]":
        later = timezone.now() + timedelta(seconds=numbers().undo_s + _GRACE_S)
        message.uploads.update(forget_at=later)


def files_come_back_with(message: Message) -> None:
    """The deletion of the locked message was undone."""
    if message.files != "[]":
        message.uploads.update(forget_at=None)


# Upkeep -----------------------------------------------------------------------------------------------


def anything_to_forget() -> bool:
    """Two look-ups in small indexes."""
    return any(due.exists() for due in _due())


def forget_some() -> bool:
    """Deletes files whose time is over; whether more may be left."""
    size = numbers().forget_files_chunk
    ids = [pk for due in _due() for pk in due.values_list("pk", flat=True)[:size]]
    for pk in ids:
        upload = _detached(pk)
        if upload is not None:
            _forget_bytes(upload)
    return len(ids) >= size


def _due() -> tuple[QuerySet[Upload], QuerySet[Upload]]:
    return (
        Upload.objects.filter(forget_at__lte=timezone.now()),
        Upload.objects.filter(ORPHAN),
    )


@transaction.atomic
def _detached(pk: int) -> Upload | None:
    """A file that nobody can bring back from now on; None where somebody was quicker.

    The message is locked first, as by who restores it.
    """
    message_id = Upload.objects.filter(pk=pk).values_list("message_id", flat=True).first()
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    due = Q(forget_at__lte=timezone.now()) | ORPHAN
    upload = Upload.objects.select_for_update().filter(due, pk=pk, message=message_id).first()
    if upload is None:
        return None
    if message is not None:
        _take_out(message, pk)
    _let_go(upload)
    return upload


def _forget_bytes(upload: Upload) -> None:
    """The bytes first: a row without them is found again, bytes without a row would stay for ever.

    Not where another row has them. None can come to have them afterwards: for that, one that is ready is locked.
    """
    if not Upload.objects.filter(stored=upload.stored, ready=True).exists():
        storing.delete(upload.stored)
    Upload.objects.filter(pk=upload.pk, message=None).delete()


def stored_file(upload: Upload) -> StoredFile[Any]:
    """The file itself, to read. Raises FileNotFoundError."""
    return storing.storage().open(storing.path_of(upload.stored))
