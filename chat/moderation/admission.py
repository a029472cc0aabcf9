"""Who is not let in: banned people into rooms, and two people into a conversation of which one blocks the other."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from chat.models import Block, Room, RoomBan
from chat.moderation.errors import BannedFromRoom, CannotWrite
from chat.moderation.times import shown_until, until_words


def refuse_banned(room: Room, users: Collection[User]) -> None:
    """Raises BannedFromRoom for the first of the users who is banned just now. One query; none for conversations."""
    if room.kind == Room.Kind.DIRECT:
        return
    found = RoomBan.objects.filter(room=room, user__in=users, until__gt=timezone.now())
    ban = found.select_related("user").first()
    if ban is None:
        return
    shown = shown_until(ban.until)
    why = f" Reason: {ban.reason}" if ban.reason else ""
    raise BannedFromRoom(
        f"{ban.user.get_full_name()} is banned from this room {until_words(ban.until)}.{why}",
        user=ban.user_id,
        reason=ban.reason,
        until=None if shown is None else shown.isoformat(),
    )


def refuse_blocked(one: int, other: int) -> None:
    """Raises CannotWrite, in the same words whichever of the two blocked the other.

    Locks both, as blocking locks who blocks: a conversation that is opened at the same moment is seen there, or
    refused here. Two queries.
    """
    both = User.objects.select_for_update(no_key=True).filter(pk__in=[one, other]).order_by("pk")
    list(both.values_list("pk"))
    if Block.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists():
        raise CannotWrite()
