"""What goes of notifications when an account is erased: all that is the person's own, chunk by chunk."""

from __future__ import annotations

from typing import Any

from accounts.erasing import Erased, erased
from notifications.conf import numbers
from notifications.models import (
    AudienceState,
    ChannelChoice,
    Delivery,
    Digest,
    InboxState,
    Notice,
    Notification,
    PreferenceState,
    PushDevice,
    Reminder,
    ScopeChoice,
    WebhookEndpoint,
)

_SMALL: tuple[tuple[Any, str], ...] = (
    (PushDevice, "user"),
    (WebhookEndpoint, "user"),
    (Reminder, "owner"),
    (ChannelChoice, "user"),
    (ScopeChoice, "user"),
    (PreferenceState, "user"),
    (InboxState, "user"),
)
_LARGE: tuple[tuple[Any, str], ...] = (
    (Notification, "recipient"),
    (AudienceState, "user"),
    (Delivery, "recipient"),
    (Digest, "recipient"),
)


@erased("notifications")
def notifications(person: Erased) -> bool:
    """Inbox, reminders, preferences, devices, and what was decided about them."""
    size = numbers().upkeep_chunk
    for model, column in _LARGE:
        some = list(model.objects.filter(**{column: person.user}).values_list("pk", flat=True)[:size])
        model.objects.filter(pk__in=some).delete()
        if len(some) == size:
            return True
    for model, column in _SMALL:
        model.objects.filter(**{column: person.user}).delete()
    return False


@erased("notices")
def notices(person: Erased) -> bool:
    """Their name on what others were notified of."""
    size = numbers().upkeep_chunk
    named = Notice.objects.filter(actor=person.user).exclude(actor_name=person.user.display_name)
    some = list(named.values_list("pk", flat=True)[:size])
    Notice.objects.filter(pk__in=some).update(actor_name=person.user.display_name)
    return len(some) == size
