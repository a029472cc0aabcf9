"""What tests of deliveries ask and do again and again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from notifications.deliveries import sending
from notifications.models import Delivery
from notifications.notify import notify
from notifications.preferences.payloads import QuietHours
from notifications.preferences.services import preference_choose, preference_hours
from tests.support.clock import later
from tests.support.people import client_id


def called(*people: User, type: str = "testing.called", data: Any = None, **more: Any) -> int:
    """A notice to these people; its id."""
    ids = [user.pk for user in people]
    return notify(type, to=ids, data=data or {}, key=more.pop("key", client_id()), **more).notice


def whys(user: User, channel: str = "recorder") -> list[str]:
    """Why each delivery to them over that channel is as it is, the oldest first."""
    rows = Delivery.objects.filter(recipient=user, channel=channel).order_by("pk")
    return list(rows.values_list("why", flat=True))


def only(user: User, channel: str = "recorder") -> Delivery:
    return Delivery.objects.select_related("notice", "recipient").get(recipient=user, channel=channel)


def send_due() -> None:
    """What workers would do."""
    for channel in sending.due_channels():
        sending.send_due(channel)


def send_later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    later(monkeypatch, by)
    send_due()


def choose(user: User, category: str, channel: str, frequency: str) -> None:
    preference_choose(user, category=category, channel=channel, frequency=frequency, client_id=client_id())


def hours(
    user: User,
    quiet: tuple[str, str] | None = None,
    *,
    days: Iterable[int] = range(1, 8),
    zone: str = "",
    language: str = "",
) -> None:
    preference_hours(
        user,
        time_zone=zone,
        language=language,
        quiet_hours=quiet and QuietHours(*quiet),
        working_days=list(days),
        client_id=client_id(),
    )
