"""Who has had a notice on a screen in the app."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from notifications.models import AudienceNotification, AudienceState, InboxState, Notice, Notification


def seen_by(notice: Notice, user_ids: Collection[int]) -> set[int]:
    """Those of them who have seen, read or put away a line of the notice, on any device. At most four queries."""
    handled = Q(seen_at__isnull=False) | Q(read_at__isnull=False) | Q(archived_at__isnull=False)
    handled |= Q(snoozed_until__isnull=False)
    lines = Notification.objects.filter(handled, recipient__in=user_ids)
    own = lines.filter(Q(notice=notice) | Q(parts__notice=notice)).values_list("recipient_id", flat=True)
    row = AudienceNotification.objects.filter(notice=notice).first()
    if row is None:
        return set(own)
    states = AudienceState.objects.filter(handled, user__in=user_ids, notification=row)
    passed = InboxState.objects.filter(user__in=user_ids, read_all_up_to__gte=row.created_at)
    return {
        *own,
        *states.values_list("user_id", flat=True),
        *passed.values_list("user_id", flat=True),
    }
