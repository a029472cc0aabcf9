"""Reads of the inbox: own rows and the audience rows that apply, as one list. Query counts are fixed and tested.

An audience row applies to a person who reads its stream now, whose account is older than the row, and who has not
turned off its category in the app.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.audiences import audience_kinds
from notifications.conf import numbers
from notifications.deliveries.rules import IN_APP
from notifications.inbox import (
    AUDIENCE,
    OWN,
    InboxItem,
    InboxPage,
    Position,
    Translation,
    Unread,
    audience_id,
    own_id,
    position_from,
)
from notifications.models import (
    AudienceNotification,
    AudienceState,
    ChannelChoice,
    InboxState,
    Line,
    Notification,
)
from notifications.preferences.person import Frequency
from realtime import Struct
from realtime.compiled import CompiledQuery

MAX_SHAPES = 64  # of pages whose SQL is kept


class Box(StrEnum):
    """Which lines: those in the inbox, or those that a person has put away."""

    INBOX = "inbox"
    ARCHIVED = "archived"
    SNOOZED = "snoozed"


class InboxSnapshot(Struct, frozen=True):
    """The inbox as a page needs it to start."""

    unread: Unread
    items: list[InboxItem]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose inbox is read, and what decides which audience rows are theirs, and which of them are read."""

    user_id: int
    joined_at: datetime
    streams: Sequence[str]
    own_unread: int
    read_up_to: datetime | None
    # Whether some category is off for them in the app: else nothing has to be left out.
    is_choosy: bool

    @classmethod
    def of(cls, user: Any) -> Reader:
        """One query, plus one for each audience kind that keeps members."""
        found = _state_of_inbox(user.pk)
        unread, read_up_to, is_choosy = found[0] if found else (0, None, True)
        return cls(user.pk, user.date_joined, audience_streams(user), unread, read_up_to, is_choosy)

    def has_passed(self, row: AudienceNotification) -> bool:
        """Whether the row lies before the reader's watermark."""
        return self.read_up_to is not None and row.created_at <= self.read_up_to


@CompiledQuery
def _state_of_inbox(user_id: int) -> QuerySet[Any, Any]:
    state = InboxState.objects.filter(user=user_id).annotate(choosy=Exists(_off(user_id)))
    return state.values_list("unread", "read_all_up_to", "choosy")


def audience_streams(user: Any) -> list[str]:
    """Every stream that carries audience notifications for `user` now: everybody's, their groups', their rooms'."""
    return [stream for kind in audience_kinds().values() for stream in kind.streams_of(user)]


def inbox_page(
    user: Any, *, before: str | None = None, limit: int | None = None, box: Box = Box.INBOX
) -> InboxPage:
    """Items before that position (`next` of the page before), newest first. Raises BadPageCursor."""
    position = None if before is None else position_from(before)
    wanted = min(limit or numbers().page_items, numbers().max_page_items)
    reader = Reader.of(user)
    found = _items(reader, before=position, limit=wanted + 1, box=box)
    shown = found[:wanted]
    more = len(found) > wanted
    return InboxPage(
        items=[item for _, item in shown],
        has_more=more,
        unread=unread(reader),
        next=shown[-1][0].text() if more else None,
    )


def inbox_snapshot(user: Any) -> InboxSnapshot:
    """The newest page and what is unread."""
    reader = Reader.of(user)
    found = _items(reader, before=None, limit=numbers().page_items, box=Box.INBOX)
    return InboxSnapshot(unread=unread(reader), items=[item for _, item in found])


def has_unread(user: Any, *, types: Collection[str], group: str) -> bool:
    """Whether unread lines of the user belong to that group. One query."""
    return Notification.objects.filter(recipient=user, type__in=types, group=group, read_at=None).exists()


def unread_count(user: Any) -> int:
    """Own lines and shared ones."""
    found = unread(Reader.of(user))
    return found.own + found.shared


def unread(reader: Reader) -> Unread:
    """At most `max_unread_counted` shared ones: nobody looks at more, and each that is counted costs."""
    return Unread(reader.own_unread, unread_audience_rows(reader)[: numbers().max_unread_counted].count())


def audience_rows(reader: Reader) -> QuerySet[AudienceNotification]:
    """The audience rows that apply to the reader, wherever they have put them; without what they do not want."""
    rows = AudienceNotification.objects.filter(stream__in=reader.streams, created_at__gte=reader.joined_at)
    return rows.exclude(critical=False, category__in=_off(reader.user_id)) if reader.is_choosy else rows


def _off(user_id: int) -> QuerySet[ChannelChoice, Any]:
    """The categories that the user has turned off in the app."""
    choices = ChannelChoice.objects.filter(user=user_id, channel=IN_APP, frequency=Frequency.OFF)
    return choices.values("category")


def unread_audience_rows(reader: Reader) -> QuerySet[AudienceNotification]:
    done = Q(read_at__isnull=False) | Q(archived_at__isnull=False) | Q(snoozed_until__isnull=False)
    rows = audience_rows(reader).filter(~_state(reader, done))
    if reader.read_up_to is None:
        return rows
    return rows.filter(Q(created_at__gt=reader.read_up_to) | _state(reader, Q(unread_again=True)))


def own_item(row: Notification) -> InboxItem:
    return InboxItem(
        id=own_id(row.pk),
        **_content(row),
        created_at=row.created_at,
        read=row.read_at is not None,
        seen=row.seen_at is not None,
        count=row.count,
    )


def audience_item(row: AudienceNotification, state: AudienceState | None = None) -> InboxItem:
    """The row as one person has it, or as everybody gets it first."""
    return InboxItem(
        id=audience_id(row.pk),
        **_content(row),
        created_at=row.created_at,
        read=state is not None and state.read_at is not None,
        seen=state is not None and state.seen_at is not None,
        count=1,
    )


def _content(row: Line) -> dict[str, Any]:
    translations = {code: Translation(**words) for code, words in row.translations.items()}
    return {**row.content(), "translations": translations}


def states_of(reader: Reader, rows: Collection[AudienceNotification]) -> dict[int, AudienceState]:
    """What the reader has done with each row, by its id; made, and not stored, where that is nothing yet. One query."""
    states = _states(reader.user_id, [row.pk for row in rows])
    known: dict[int, AudienceState] = {state.notification_id: state for state in states}
    for row in rows:
        state = known.setdefault(row.pk, AudienceState(user_id=reader.user_id, notification=row))
        if state.read_at is None and reader.has_passed(row) and not state.unread_again:
            state.read_at = state.seen_at = reader.read_up_to
    return known


@CompiledQuery
def _states(user_id: int, notification_ids: Collection[int]) -> QuerySet[AudienceState]:
    return AudienceState.objects.filter(user=user_id, notification__in=notification_ids)


def _items(
    reader: Reader, *, before: Position | None, limit: int, box: Box
) -> list[tuple[Position, InboxItem]]:
    # The first `limit` of each kind contain the first `limit` of both.
    kind, *place = (None,) if before is None else (before.kind, before.created_at, before.number)
    own = _page_of_own(limit, box, kind)(reader.user_id, *place)
    shared = _page_of_shared(limit, box, kind, reader.is_choosy)(
        reader.user_id, reader.joined_at, reader.streams, *place
    )
    states = states_of(reader, shared) if shared else {}
    items = [(Position(row.created_at, OWN, row.pk), own_item(row)) for row in own]
    items += [
        (Position(row.created_at, AUDIENCE, row.pk), audience_item(row, states[row.pk])) for row in shared
    ]
    return sorted(items, key=lambda pair: pair[0], reverse=True)[:limit]


@lru_cache(MAX_SHAPES)
def _page_of_own(limit: int, box: Box, before: str | None) -> CompiledQuery:
    """The first page, or the one before a position of that kind."""

    def make(user_id: int, *place: Any) -> QuerySet[Notification]:
        return _page(_own(user_id, box), OWN, before, place, limit)

    return CompiledQuery(make)


@lru_cache(MAX_SHAPES)
def _page_of_shared(limit: int, box: Box, before: str | None, is_choosy: bool) -> CompiledQuery:
    """The first page, or the one before a position of that kind."""

    def make(
        user_id: int, joined_at: datetime, streams: Sequence[str], *place: Any
    ) -> QuerySet[AudienceNotification]:
        reader = Reader(user_id, joined_at, streams, own_unread=0, read_up_to=None, is_choosy=is_choosy)
        return _page(_shared(reader, box), AUDIENCE, before, place, limit)

    return CompiledQuery(make)


def _page(
    rows: QuerySet[Any], kind: str, before: str | None, place: Sequence[Any], limit: int
) -> QuerySet[Any]:
    if before is not None:
        created_at, number = place
        rows = _before(rows, kind, Position(created_at, before, number))
    return rows.order_by("-created_at", "-id")[:limit]


def _own(user_id: int, box: Box) -> QuerySet[Notification]:
    rows = Notification.objects.filter(recipient=user_id)
    match box:
        case Box.ARCHIVED:
            return rows.filter(archived_at__isnull=False)
        case Box.SNOOZED:
            return rows.filter(snoozed_until__isnull=False)
    return rows.filter(archived_at=None, snoozed_until=None)


def _shared(reader: Reader, box: Box) -> QuerySet[AudienceNotification]:
    match box:
        case Box.ARCHIVED:
            return audience_rows(reader).filter(_state(reader, Q(archived_at__isnull=False)))
        case Box.SNOOZED:
            return audience_rows(reader).filter(_state(reader, Q(snoozed_until__isnull=False)))
    put_away = Q(archived_at__isnull=False) | Q(snoozed_until__isnull=False)
    return audience_rows(reader).filter(~_state(reader, put_away))


def _before(rows: QuerySet[Any], kind: str, before: Position) -> QuerySet[Any]:
    earlier = Q(created_at__lt=before.created_at)
    if kind == before.kind:
        earlier |= Q(created_at=before.created_at, pk__lt=before.number)
    elif kind < before.kind:
        earlier |= Q(created_at=before.created_at)
    return rows.filter(earlier)


def _state(reader: Reader, condition: Q) -> Exists:
    return Exists(AudienceState.objects.filter(condition, user=reader.user_id, notification=OuterRef("pk")))
