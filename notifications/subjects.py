"""The lines of one's inbox, as what one can be reminded of: `notification:n12`, `notification:b7`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from notifications.errors import BadItem
from notifications.inbox import audience_id, own_id, split_ids
from notifications.models import Notification
from notifications.reminders.subject_kinds import Subject, subject_kind
from notifications.selectors import Reader, audience_rows


@subject_kind("notification")
def lines(user: Any, keys: Collection[str]) -> dict[str, Subject]:
    try:
        own, shared = split_ids(keys)
    except BadItem:
        return {}
    found = {
        own_id(line.pk): Subject(line.title, line.link)
        for line in Notification.objects.filter(recipient=user, pk__in=own)
    }
    if shared:
        rows = audience_rows(Reader.of(user)).filter(pk__in=shared)
        found |= {audience_id(row.pk): Subject(row.title, row.link) for row in rows}
    return found
