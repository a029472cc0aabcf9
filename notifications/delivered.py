"""Lines of broadcasts that have reached a page or app of their people, as its pongs confirm: for the cockpit's figures.

What is confirmed is the position in the stream. So a line counts as delivered where its event came over a socket, and
where the client started from a snapshot that had it; one that an address of a person took over e-mail, push or webhook
is in its `Delivery`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from notifications.deliveries.rules import IN_APP
from notifications.events import NotificationCreated
from notifications.inbox import split_ids
from notifications.models import AudienceDelivery, AudienceNotification, ChannelChoice, Notification
from notifications.preferences.person import Frequency
from realtime import DeliveryReceipt, receipts_for


@receipts_for(NotificationCreated)
def delivered(receipts: Sequence[DeliveryReceipt]) -> None:
    """Writes down which people have which lines. One query for all own ones, and three for each shared one."""
    own: set[int] = set()
    shared: dict[int, set[int]] = {}
    for receipt in receipts:
        mine, ours = split_ids([receipt.event.item.id])
        own |= mine
        for number in ours:
            shared.setdefault(number, set()).update(receipt.user_ids)
    now = timezone.now()
    lines = Notification.objects.filter(pk__in=own, occurrence__isnull=False, delivered_at=None)
    if own:
        lines.update(delivered_at=now)
    for number, user_ids in shared.items():
        _shared(number, user_ids)


@transaction.atomic
def _shared(number: int, user_ids: set[int]) -> None:
    rows = AudienceNotification.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=number, occurrence__isnull=False).first()
    if row is None:  # recalled or expired meanwhile, or no broadcast's
        return
    people = get_user_model().objects.filter(pk__in=user_ids, date_joined__lte=row.created_at)
    if not row.critical:
        off = ChannelChoice.objects.filter(category=row.category, channel=IN_APP, frequency=Frequency.OFF)
        people = people.exclude(pk__in=off.values("user"))
    AudienceDelivery.objects.bulk_create(
        (AudienceDelivery(user_id=pk, notification=row) for pk in people.values_list("pk", flat=True)),
        ignore_conflicts=True,
    )
