"""Reads of the inbox: own rows and the audience rows that apply, as one list. Query counts are fixed and tested.

An audience row applies to a person who reads its stream now and whose account is older than the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.audiences import audience_kinds
from notifications.conf import numbers
from notifications.inbox import (
    AUDIENCE,
    OWN,
    InboxItem,
    InboxPage,
    Position,
    audience_id,
    own_id,
    position_from,
)
from notifications.models import AudienceNotification, AudienceRead, InboxState, Notification
from realtime import Struct


class InboxSnapshot(Struct, frozen=True):
    """The inbox as a page needs it to start."""

    unread: int
    items: list[InboxItem]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose inbox is read, and what decides which audience rows are theirs."""

    user: Any
    streams: Sequence[str]
    read_up_to: datetime | None

    @classmethod
    def of(cls, user: Any) -> Reader:
        """One query, plus one for each audience kind that keeps members."""
        state = InboxState.objects.filter(user=user).values_list("read_all_up_to", flat=True).first()
        return cls(user, audience_streams(user), state)


def audience_streams(user: Any) -> list[str]:
    """Every stream that carries audience notifications for `user` now: everybody's, their groups', their rooms'."""
    return [stream for kind in audience_kinds().values() for stream in kind.streams_of(user)]


def inbox_page(user: Any, *, before: str | None = None, limit: int | None = None) -> InboxPage:
    """Items before that position (`next` of the page before), newest first. Raises BadPageCursor."""
    position = None if before is None else position_from(before)
    wanted = min(limit or numbers().page_items, numbers().max_page_items)
    reader = Reader.of(user)
    found = _items(reader, before=position, limit=wanted + 1)
    shown = found[:wanted]
    more = len(found) > wanted
    return InboxPage(
        items=[item for _, item in shown],
        has_more=more,
        unread=_unread(reader),
        next=shown[-1][0].text() if more else None,
    )


def inbox_snapshot(user: Any) -> InboxSnapshot:
    """The newest page and the unread count."""
    reader = Reader.of(user)
    items = [item for _, item in _items(reader, before=None, limit=numbers().page_items)]
    return InboxSnapshot(unread=_unread(reader), items=items)


def unread_count(user: Any) -> int:
    """At most `max_unread_counted`: nobody looks at more, and counting them would cost more with each."""
    return _unread(Reader.of(user))


def audience_rows(reader: Reader) -> QuerySet[AudienceNotification]:
    """The audience rows that apply to the reader."""
    return AudienceNotification.objects.filter(
        stream__in=reader.streams, created_at__gte=reader.user.date_joined
    )


def unread_audience_rows(reader: Reader) -> QuerySet[AudienceNotification]:
    unread = audience_rows(reader).filter(~_has_read(reader))
    return unread if reader.read_up_to is None else unread.filter(created_at__gt=reader.read_up_to)


def own_item(row: Notification) -> InboxItem:
    return InboxItem(
        id=own_id(row.pk), **row.content(), created_at=row.created_at, read=row.read_at is not None
    )


def audience_item(row: AudienceNotification, *, read: bool) -> InboxItem:
    return InboxItem(id=audience_id(row.pk), **row.content(), created_at=row.created_at, read=read)


def _items(reader: Reader, *, before: Position | None, limit: int) -> list[tuple[Position, InboxItem]]:
    # The first `limit` of each kind contain the first `limit` of both.
    own = Notification.objects.filter(recipient=reader.user)
    shared = audience_rows(reader).annotate(has_read=_has_read(reader))
    items = [
        (Position(row.created_at, OWN, row.pk), own_item(row))
        for row in _before(own, OWN, before).order_by("-created_at", "-id")[:limit]
    ]
    items += [
        (Position(row.created_at, AUDIENCE, row.pk), audience_item(row, read=_is_read(reader, row)))
        for row in _before(shared, AUDIENCE, before).order_by("-created_at", "-id")[:limit]
    ]
    return sorted(items, key=lambda pair: pair[0], reverse=True)[:limit]


def _before(rows: QuerySet[Any], kind: str, before: Position | None) -> QuerySet[Any]:
    if before is None:
        return rows
    earlier = Q(created_at__lt=before.created_at)
    if kind == before.kind:
        earlier |= Q(created_at=before.created_at, pk__lt=before.number)
    elif kind < before.kind:
        earlier |= Q(created_at=before.created_at)
    return rows.filter(earlier)


def _has_read(reader: Reader) -> Exists:
    return Exists(AudienceRead.objects.filter(user=reader.user, notification=OuterRef("pk")))


def _is_read(reader: Reader, row: Any) -> bool:
    return row.has_read or (reader.read_up_to is not None and row.created_at <= reader.read_up_to)


def _unread(reader: Reader) -> int:
    most = numbers().max_unread_counted
    own = Notification.objects.filter(recipient=reader.user, read_at=None)[:most].count()
    return min(most, own + unread_audience_rows(reader)[:most].count())
