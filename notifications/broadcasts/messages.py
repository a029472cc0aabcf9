"""A broadcast outside the app: one notice for each time that it goes out, decided and sent like any other notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from notifications.broadcasts.notification_types import MESSAGE, URGENT, BroadcastMessage, Said, Words
from notifications.broadcasts.wording import line_content
from notifications.channels import all_channels
from notifications.deliveries.decide import Decided, decide_chunk
from notifications.deliveries.rules import IN_APP
from notifications.models import Broadcast, Notice, Occurrence
from notifications.preview import preview
from notifications.types import NotificationType, known_type


def channel_labels() -> dict[str, str]:
    """Of every channel that a broadcast can go out over, by name; in the language that is active."""
    return {IN_APP: gettext("In the app"), **{one.name: gettext(one.label) for one in all_channels()}}


def unsent_notice(broadcast: Broadcast, *, now: datetime) -> tuple[Notice, NotificationType]:
    """The notice of a broadcast that would go out at `now`, not stored."""
    declared = known_type(URGENT if broadcast.critical else MESSAGE)
    notice = Notice(
        type=declared.name,
        data=msgspec.json.encode(_message(line_content(broadcast))).decode(),
        created_at=now,
        expires_at=broadcast.expires_after and now + broadcast.expires_after,
    )
    return notice, declared


def notice_of(broadcast: Broadcast, occurrence: Occurrence, *, now: datetime) -> Notice:
    """The stored notice of an occurrence; made with its first chunk. The caller holds the broadcast's lock."""
    if occurrence.notice is None:
        notice, _ = unsent_notice(broadcast, now=now)
        notice.key = f"broadcast:{broadcast.pk}:{occurrence.pk}"
        notice.data = msgspec.json.encode(_message(occurrence.content())).decode()
        notice.recipients = occurrence.total
        notice.save()
        occurrence.notice = notice
    return occurrence.notice


def decide_people(
    broadcast: Broadcast,
    occurrence: Occurrence,
    user_ids: Sequence[int],
    channels: Sequence[str],
    *,
    now: datetime,
) -> Decided:
    """Decides for a chunk of people over these channels, in the caller's transaction, and leaves it to the workers."""
    notice = notice_of(broadcast, occurrence, now=now)
    return decide_chunk(notice, known_type(notice.type), user_ids, channels)


def mail_of(broadcast: Broadcast, *, language: str) -> str:
    """The HTML of the e-mail that would go out, in a language; nothing is stored or sent."""
    notice, declared = unsent_notice(broadcast, now=timezone.now())
    data, zone = declared.loaded(notice.data), ZoneInfo(settings.TIME_ZONE)
    return preview(declared, data, channel="email", language=language, zone=zone, actor="").html


def _message(content: dict[str, Any]) -> BroadcastMessage:
    translations = {
        code: Words(said["title"], said["text"]) for code, said in content["translations"].items()
    }
    return BroadcastMessage(Said(Words(content["title"], content["text"]), translations), content["link"])
