"""How a person wants to be seen, for the engine: told from the row that every socket has."""

from __future__ import annotations

from typing import cast

from django.utils import timezone

from accounts.models import User
from realtime import Availability, availability


@availability
def availability_of(user: User) -> Availability:
    """As chosen, unless its time is over."""
    over = user.availability_until is not None and user.availability_until <= timezone.now()
    return "auto" if over else cast(Availability, user.availability)
