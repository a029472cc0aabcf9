"""A broadcast before it is sent: written, looked at, changed.

    form --draft_save--> draft --draft_submit--> scheduled, see `submission` and `sending`
                         ^  |
                         `--' draft_save: by whoever saw its latest revision

One form makes one broadcast, by its key, however often it is sent.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from notifications import audiences
from notifications.audiences import Audience
from notifications.broadcasts.audit import record
from notifications.broadcasts.schedule import Schedule
from notifications.broadcasts.work import (
    fetch_picture_later,
    new_upload,
    picture_is_missing,
    read_people_later,
)
from notifications.errors import (
    BroadcastInvalid,
    BroadcastNotFound,
    EditedMeanwhile,
    EmptyAudience,
    NotADraft,
)
from notifications.models import AudienceChoice, Broadcast, Status

WROTE, CHANGED = gettext_noop("wrote it"), gettext_noop("changed it")

_LISTED_MOST = 20
_NO_SCHEDULE = Schedule(start=datetime.min)
_WRITTEN = (
    "title",
    "text",
    "level",
    "link",
    "image",
    "image_url",
    "critical",
    "expires_after",
    "people_per_s",
)
_SCHEDULE = ("starts_at", "time_zone", "repeats", "rule", "ends_on", "times")
# What its audit and its approval are about.
_DESCRIBED = (
    "title", "text", "level", "link", "image", "image_url", "translations", "critical", "expires_after", "channels",
    "people_per_s", "audience_kind", "group_id", "room_id", "segment", "joined_since", "without_group_id",
    *_SCHEDULE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person writes. `translations` is by language code; `image` or `image_url` is its picture.

    `upload` is a file of people that is still to be read; without one, the list that there is stays.
    """

    title: str
    text: str = ""
    level: str = "info"
    link: str = ""
    image: str = ""
    image_url: str = ""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    critical: bool = False
    expires_after: timedelta | None = None
    channels: tuple[str, ...] = ("in_app",)
    people_per_s: int = 0
    audience: Audience
    upload: IO[bytes] | None = None
    upload_name: str = ""
    # None: when it is submitted.
    schedule: Schedule | None = None


def described(broadcast: Broadcast) -> dict[str, Any]:
    """What the broadcast says, to whom and when, as JSON can hold it. Three queries."""
    values = {name: _plain(getattr(broadcast, name)) for name in _DESCRIBED}
    for name in ("users", "without_users"):
        ids = getattr(broadcast, name).order_by("pk").values_list("pk", flat=True)
        values[name] = _listed(list(ids))
    if broadcast.people_file:
        values["people_file"] = broadcast.people_file["name"]
    return values


def locked_draft(broadcast_id: int) -> Broadcast:
    """The draft, locked for the rest of the transaction. Raises BroadcastNotFound, NotADraft."""
    broadcast = Broadcast.objects.select_for_update(of=("self",)).filter(pk=broadcast_id).first()
    if broadcast is None:
        raise BroadcastNotFound
    if broadcast.status != Status.DRAFT:
        raise NotADraft
    return broadcast


@transaction.atomic
def draft_save(draft: Draft, *, form_key: uuid.UUID, seen: int, by: Any) -> Broadcast:
    """Stores a new draft, or changes the one that the form made; the same again is safe.

    `seen` is the revision that the form shows, 0 for a new one. Raises EmptyAudience, BroadcastInvalid, NotADraft,
    EditedMeanwhile, and what `start_job` raises. Whoever calls has checked `policies.may_send`.
    """
    people = audiences.count(draft.audience)
    if not people and draft.upload is None:
        raise EmptyAudience
    found = Broadcast.objects.filter(form_key=form_key).first()
    if found is None:
        broadcast = Broadcast(form_key=form_key, status=Status.DRAFT, created_by=by)
        _write(broadcast, draft)
        try:
            with transaction.atomic():
                broadcast.save()
        except IntegrityError:
            found = Broadcast.objects.get(form_key=form_key)
        else:
            broadcast.keep_people(draft.audience)
            record(by, WROTE, broadcast, after=described(broadcast))
            _begin_work(broadcast, draft, by=by)
            return broadcast
    changed = _changed(locked_draft(found.pk), draft, seen=seen, by=by)
    _begin_work(changed, draft, by=by)
    return changed


def _begin_work(broadcast: Broadcast, draft: Draft, *, by: Any) -> None:
    """What takes longer than a request. Whoever saves it again with a picture that could not be fetched tries again."""
    if draft.upload is not None:
        read_people_later(broadcast, draft.upload, by=by)
    if picture_is_missing(broadcast):
        broadcast.image_error = ""
        broadcast.save(update_fields=["image_error"])
        fetch_picture_later(broadcast, by=by)


def _changed(broadcast: Broadcast, draft: Draft, *, seen: int, by: Any) -> Broadcast:
    before = described(broadcast)
    with transaction.atomic():
        _write(broadcast, draft)
        is_list = broadcast.audience_kind == AudienceChoice.FILE and draft.upload is None
        broadcast.keep_people(draft.audience, keeps_list=is_list)
        after = described(broadcast)
        if after == before and draft.upload is None:
            return broadcast
        if broadcast.revision != seen:
            raise EditedMeanwhile
        broadcast.revision += 1
        broadcast.save()
    record(by, CHANGED, broadcast, before=before, after=after)
    return broadcast


def _write(broadcast: Broadcast, draft: Draft) -> None:
    """Raises BroadcastInvalid."""
    fetched = broadcast.image if draft.image_url and draft.image_url == broadcast.image_url else ""
    for name in _WRITTEN:
        setattr(broadcast, name, getattr(draft, name))
    broadcast.image = draft.image or fetched
    broadcast.channels = list(draft.channels)
    broadcast.translations = {code: dict(words) for code, words in draft.translations.items()}
    if draft.audience.kind != AudienceChoice.FILE:
        broadcast.people_file = None
    elif draft.upload is not None:
        broadcast.people_file = new_upload(draft.upload_name)
    broadcast.address(draft.audience)
    broadcast.schedule = draft.schedule or _NO_SCHEDULE
    if draft.schedule is None:
        broadcast.starts_at = ""
    try:
        broadcast.clean_fields(exclude=["created_by", "group", "without_group"])
    except ValidationError as error:
        raise BroadcastInvalid(" ".join(error.messages), fields=sorted(error.message_dict)) from error


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    return value if isinstance(value, (str, int, bool, list, dict, type(None))) else str(value)


def _listed(ids: list[int]) -> Any:
    """A long list as its length and a hash: the audit log is read by people."""
    if len(ids) <= _LISTED_MOST:
        return ids
    return f"{len(ids)}: {hashlib.sha256(repr(ids).encode()).hexdigest()[:16]}"
