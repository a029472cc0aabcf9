"""Reads of deliveries: what was decided about a person or a notice, and the digests that are due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from notifications.deliveries.rules import State
from notifications.deliveries.why import channel_label, sentence
from notifications.errors import UnknownNotificationType
from notifications.inbox import split_ids
from notifications.models import Delivery, Digest, Notice, Notification, Part
from notifications.preferences.selectors import zones_of
from notifications.selectors import Reader, audience_rows
from notifications.types import known_type
from realtime import Struct


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A person's digest on one channel whose window has ended: once for each of these three."""

    user_id: int
    channel: str
    window_ends_at: datetime


def due_digests(limit: int) -> list[DueDigest]:
    """Digests that nobody has begun to compose, the oldest windows first. One query."""
    begun = Exists(Digest.objects.of_delivery())
    due = Delivery.objects.filter(~begun, state=State.DIGEST, due_at__lte=timezone.now())
    windows = due.values_list("recipient_id", "channel", "due_at").distinct()
    return [DueDigest(*window) for window in windows.order_by("due_at", "recipient_id", "channel")[:limit]]


def deliveries_in(digest: DueDigest) -> QuerySet[Delivery]:
    """What is in a digest, the oldest first; `sending.recheck` takes out what needs no telling any more."""
    return (
        Delivery.objects.filter(
            state=State.DIGEST,
            recipient=digest.user_id,
            channel=digest.channel,
            due_at=digest.window_ends_at,
        )
        .select_related("notice", "recipient")
        .order_by("notice__created_at", "pk")
    )


class DeliveryLine(Struct, frozen=True):
    """One decision about a person. `sentence` says it in words, with times in the person's zone."""

    id: int
    notice: int
    type: str
    title: str
    channel: str
    label: str
    state: str
    why: str
    sentence: str
    decided_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    attempts: int


class DeliveriesPage(Struct, frozen=True):
    """The newest first; `next` is the `before` of the page after this one, null at the end."""

    items: list[DeliveryLine]
    next: int | None


def deliveries_page(
    user: Any, *, item: str | None = None, before: int | None = None, limit: int
) -> DeliveriesPage:
    """What was decided about the user: about one line of their inbox, or everything. Raises BadItem."""
    rows = Delivery.objects.filter(recipient=user).select_related("notice").order_by("-pk")
    if item is not None:
        rows = rows.filter(notice__in=_notices_of(user, item))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    zone = zones_of([user.pk])[user.pk]
    shown = found[:limit]
    return DeliveriesPage(
        [line_of(delivery, zone) for delivery in shown], shown[-1].pk if len(found) > limit else None
    )


def line_of(delivery: Delivery, zone: ZoneInfo) -> DeliveryLine:
    notice = delivery.notice
    return DeliveryLine(
        id=delivery.pk,
        notice=notice.pk,
        type=notice.type,
        title=title_of(notice),
        channel=delivery.channel,
        label=channel_label(delivery.channel),
        state=delivery.state,
        why=delivery.why,
        sentence=sentence(delivery, zone),
        decided_at=delivery.decided_at,
        due_at=delivery.due_at,
        sent_at=delivery.sent_at,
        attempts=delivery.attempts,
    )


def title_of(notice: Notice) -> str:
    """What the notice says; "" of a type that no installed app declares any more."""
    try:
        declared = known_type(notice.type)
    except UnknownNotificationType:
        return ""
    words = declared.words(
        declared.loaded(notice.data), actor=notice.actor_name, language=get_language() or ""
    )
    return words.title


def figures_of(notice: Notice) -> dict[str, Counter[str]]:
    """By channel, how many deliveries of the notice are as they are for which reason. One query."""
    counted = Delivery.objects.filter(notice=notice).values_list("channel", "why").annotate(Count("pk"))
    figures: dict[str, Counter[str]] = {}
    for channel, why, count in counted.order_by("channel", "why"):
        figures.setdefault(channel, Counter())[why] = count
    return figures


def _notices_of(user: Any, item: str) -> QuerySet[Any, Any]:
    """The notices that a line of the user's inbox stands for; none where it is not theirs."""
    own, shared = split_ids([item])
    if own:
        lines = Notification.objects.filter(pk__in=own, recipient=user)
        return Notice.objects.filter(
            Q(pk__in=lines.values("notice"))
            | Q(pk__in=Part.objects.filter(notification__in=lines).values("notice"))
        ).values("pk")
    return audience_rows(Reader.of(user)).filter(pk__in=shared).values("notice")
