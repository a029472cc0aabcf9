"""What keeping order has to say in accounts and notifications, which do not know chat: done once, at the start."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.circles import register_circle
from accounts.errors import BadName
from accounts.models import User
from accounts.name_checks import register_name_check
from chat.models import Member
from chat.moderation.blocks import blocking
from chat.moderation.errors import TextRefused
from chat.moderation.filters import passed
from notifications.refusals import register_refusal


def register() -> None:
    """Again changes nothing."""
    register_circle(people_in_the_same_rooms)
    register_name_check(name_passes_filters)
    register_refusal(blocking)


def people_in_the_same_rooms(user: User) -> QuerySet[Any, Any]:
    return Member.objects.filter(room__members__user=user).values("user_id")


def name_passes_filters(name: str) -> None:
    """A name that a filter would change is refused: people choose their names themselves."""
    try:
        allowed = passed(name, "person_name", None, None).text == name
    except TextRefused as error:
        raise BadName(error.sentence) from None
    if not allowed:
        raise BadName()
