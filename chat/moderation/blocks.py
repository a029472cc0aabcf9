"""One person who wants nothing of another: no direct messages, no notifications, no mentions; what they say in rooms is
collapsed by clients. Nobody is told that they are blocked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import Q

from accounts.models import User
from accounts.payloads import Person
from chat.conf import numbers
from chat.errors import BadUser, PersonNotFound
from chat.models import Block, Member, Mention, Room, user_stream
from chat.moderation import events
from chat.moderation.errors import TooManyBlocks
from chat.moderation.payloads import BlockSet
from chat.policies import MAX_ID
from realtime import once, publish

_LOOKED_AT = 500  # mentions by somebody who is blocked, the newest


def person_block(*, user: User, other: int, blocked: bool, client_id: str) -> BlockSet:
    """Blocks somebody, or no longer; on all devices. Raises BadUser, PersonNotFound, TooManyBlocks."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.person_block",
        result=BlockSet,
        run=lambda: _block(user, other) if blocked else _unblock(user, other),
    )


def blocked_by(user_id: int) -> list[int]:
    """The ids of those whom the user blocks, rising. One query."""
    return list(
        Block.objects.filter(blocker_id=user_id).order_by("blocked_id").values_list("blocked_id", flat=True)
    )


def blocked_people(user_id: int) -> list[Person]:
    """The same with their names, the newest first. One query."""
    found = Block.objects.filter(blocker_id=user_id).select_related("blocked").order_by("-pk")
    return [Person.of(one.blocked) for one in found]


def blocking(author_id: int, user_ids: Sequence[int]) -> Collection[int]:
    """Those of the users who block the author. One query."""
    found = Block.objects.filter(blocked_id=author_id, blocker_id__in=user_ids)
    return set(found.values_list("blocker_id", flat=True))


def _block(user: User, other_id: int) -> BlockSet:
    if other_id == user.pk:
        raise BadUser("You cannot block yourself.")
    other = User.objects.filter(pk=other_id).first() if 0 < other_id <= MAX_ID else None
    if other is None:
        raise PersonNotFound()
    # One at a time for each person: the count stays true. Others may still refer to the row.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Block.objects.filter(blocker=user, blocked=other).exists():
        return BlockSet(other.pk, True)
    if Block.objects.filter(blocker=user).count() >= numbers().max_blocks:
        raise TooManyBlocks(max=numbers().max_blocks)
    Block.objects.create(blocker=user, blocked=other)
    _bar(user.pk, other.pk)
    publish(user_stream(user.pk), events.BlockChanged(other.pk, True, _unread_mentions(user.pk, other.pk)))
    return BlockSet(other.pk, True)


def _unblock(user: User, other_id: int) -> BlockSet:
    if not 0 < other_id <= MAX_ID:
        raise PersonNotFound()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Block.objects.filter(blocker=user, blocked_id=other_id).delete()[0]:
        _bar(user.pk, other_id)
        publish(
            user_stream(user.pk), events.BlockChanged(other_id, False, _unread_mentions(user.pk, other_id))
        )
    return BlockSet(other_id, False)


def _bar(one: int, other: int) -> None:
    """Neither of two writes to the other, as long as either blocks the other: kept with their memberships."""
    room = Room.objects.select_for_update().filter(direct_key=f"{min(one, other)}:{max(one, other)}").first()
    if room is None:
        return
    barred = Block.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists()
    if Member.objects.filter(room=room, barred=not barred).update(barred=barred):
        for user_id in (one, other):
            publish(user_stream(user_id), events.Barred(room.pk, barred))


def _unread_mentions(user_id: int, author_id: int) -> list[events.Mentions]:
    """Numbers of unread messages of that author that mention the user, the newest."""
    mine = Member.objects.filter(user_id=user_id).values_list("room_id", "read_number")
    read = dict(mine)
    found = Mention.objects.filter(
        Q(user_id=user_id) | Q(user=None, kind=Mention.Kind.ROOM),
        message__author_id=author_id,
        room_id__in=read,
        thread=None,
    )
    by_room: dict[int, set[int]] = defaultdict(set)
    for room_id, number in found.order_by("-message_id").values_list("room_id", "number")[:_LOOKED_AT]:
        if number > read[room_id]:
            by_room[room_id].add(number)
    return [
        events.Mentions(room_id, sorted(some)[-numbers().max_mentioned :])
        for room_id, some in sorted(by_room.items())
    ]
