"""The sections of accounts in "export my data"."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.exporting import Row, columns, exported
from accounts.models import Device, User


def _profile(user: User) -> Row:
    return {
        "id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "email": user.email,
        "joined_at": user.date_joined,
        "last_login_at": user.last_login,
        "guest": user.is_guest,
        "banned_until": user.banned_until,
        "ban_reason": user.ban_reason,
        "availability": user.availability,
        "status": f"{user.status_emoji} {user.status_text}".strip(),
        "status_until": user.status_until,
        "shows_reads": user.shows_reads,
    }


@exported("profile", row=_profile)
def profile(user: User) -> QuerySet[User]:
    return User.objects.filter(pk=user.pk)


@exported("devices", row=columns("kind", "name", "created_at", "last_seen_at", "revoked_at"))
def devices(user: User) -> QuerySet[Device]:
    return Device.objects.filter(user=user)
