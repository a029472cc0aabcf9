"""Reads of accounts: people to talk to, and one's own devices."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.circles import seen_by
from accounts.models import Device, User
from accounts.names import username_key

MAX_PEOPLE = 20


def people_matching(user: User, text: str) -> list[User]:
    """Up to 20 active users whose user name or shown name contains `text`, by user name. Guests see whom they met."""
    users = User.objects.filter(seen_by(user), is_active=True)
    if text:
        users = users.filter(Q(username_key__contains=username_key(text)) | Q(display_name__icontains=text))
    return list(users.only("id", "username", "display_name", "is_bot").order_by("username_key")[:MAX_PEOPLE])


def devices_of(user: User) -> list[Device]:
    """Where the user is logged in now, the most recently seen first."""
    live = Device.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())
    return list(live.order_by("-last_seen_at", "-id"))
