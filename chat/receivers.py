"""What accounts announces, passed on."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import guest_changed
from chat.moderation.services import guest_roles_follow


@receiver(guest_changed)
def roles_follow(user: User, **_: Any) -> None:
    guest_roles_follow(user)
