"""Keeping what a person began to write."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.drafts.errors import TooManyDrafts
from chat.drafts.events import DraftChanged
from chat.drafts.payloads import Draft as DraftPayload
from chat.errors import BadCharacters, MessageNotFound, TooLong
from chat.files.waiting import files_wait_in_draft, linked_to, loose
from chat.models import Draft, Member, Message, user_stream
from chat.models.drafts import MAX_DRAFT_CHARACTERS
from chat.policies import MAX_ID, room_for_reading
from realtime import once, publish


def draft_save(
    *, user: User, room: int, thread: int | None, text: str, client_id: str, files: Sequence[int] = ()
) -> DraftPayload:
    """Keeps what the user began to write in a room, or in a thread of it; an empty text without files is the end of it.

    The files wait with it; those that the user cannot send (any more) are left out. Raises RoomNotFound,
    MessageNotFound (of the thread), TooLong, BadCharacters, TooManyDrafts, TooManyFiles, FileNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.draft_save",
        result=DraftPayload,
        run=lambda: _save(user, room, thread, _checked(text), files),
    )


def _checked(text: str) -> str:
    """As it was typed, so that a cursor in it stays where it is; "" where there is nothing but blanks."""
    if len(text) > MAX_DRAFT_CHARACTERS:
        raise TooLong(f"A draft has at most {MAX_DRAFT_CHARACTERS} characters.", max=MAX_DRAFT_CHARACTERS)
    if any(one not in "\r\n\t" and unicodedata.category(one) in {"Cc", "Cs"} for one in text):
        raise BadCharacters()
    return text if text.strip() else ""


def _save(user: User, room_id: int, thread: int | None, text: str, file_ids: Sequence[int]) -> DraftPayload:
    member = room_for_reading(user.pk, room_id)
    # Two devices at once: one after the other.
    Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    draft = Draft.objects.filter(member=member, thread=thread or 0).first()
    files = loose(user, file_ids)
    if draft is None:
        draft = _begun(user, member, thread, is_kept=bool(text or files))
    is_over = draft.pk is not None and not text and not files
    if is_over or draft.text != text or linked_to(draft) != files:
        now = timezone.now()
        draft.text, draft.updated_at = text, now
        draft.version = max(_microseconds(now), draft.version + 1)
        if draft.pk is not None or text or files:
            draft.save()
            files_wait_in_draft(user, files, draft)
        if not text and not files:
            draft.delete()
        publish(user_stream(user.pk), DraftChanged(DraftPayload.of(room_id, draft)))
    return DraftPayload.of(room_id, draft)


def _begun(user: User, member: Member, thread: int | None, *, is_kept: bool) -> Draft:
    """An empty one, not stored."""
    if thread is not None:
        _check_thread(member.room_id, thread)
    if is_kept and Draft.objects.filter(member__user=user).count() >= numbers().max_drafts:
        raise TooManyDrafts(max=numbers().max_drafts)
    now = timezone.now()
    return Draft(member=member, thread=thread or 0, text="", version=_microseconds(now), updated_at=now)


def _check_thread(room_id: int, thread: int) -> None:
    if not 0 < thread <= MAX_ID or not Message.objects.filter(pk=thread, room_id=room_id).exists():
        raise MessageNotFound()


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
