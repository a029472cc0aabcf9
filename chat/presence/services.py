"""What people choose about how others see them. Each change is one transaction with its event for their own devices;
others are told after the commit, by events that may be lost: they ask again when they open a room.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import MAX_STATUS_CHARACTERS, MAX_STATUS_EMOJI_CHARACTERS, Availability, User
from accounts.names import MAX_MARKS_IN_A_ROW, longest_run_of_marks, without_invisible
from chat.conf import numbers
from chat.models import Member, stream_of, user_stream
from chat.presence.errors import BadAvailability, BadStatus, BadStatusTime
from chat.presence.events import OwnStatusChanged, ReadBy, StatusChanged
from chat.presence.payloads import OwnStatus, Status
from notifications.preferences.services import mute
from realtime import availability_changed, once, publish, publish_transient

_LONGEST = timedelta(days=365)


def availability_set(*, user: User, availability: str, until: datetime | None, client_id: str) -> OwnStatus:
    """How the user is seen, until a time or until they change it. "dnd" also mutes what reaches them outside the app.

    Raises BadAvailability, BadStatusTime.
    """
    if availability not in set(Availability):
        raise BadAvailability()
    _check_time(until)
    ends = None if availability == Availability.AUTO else until
    return _once(user, "chat.availability_set", client_id, availability=availability, availability_until=ends)


def status_set(*, user: User, emoji: str, text: str, until: datetime | None, client_id: str) -> OwnStatus:
    """What the user says of themselves; empty texts end it. Raises BadStatus, BadStatusTime."""
    _check_time(until)
    emoji, text = (_plain(emoji, MAX_STATUS_EMOJI_CHARACTERS), _plain(text, MAX_STATUS_CHARACTERS))
    ends = until if emoji or text else None
    return _once(user, "chat.status_set", client_id, status_emoji=emoji, status_text=text, status_until=ends)


def receipts_set(*, user: User, shown: bool, client_id: str) -> OwnStatus:
    """Whether others are told what the user has read. Who does not tell is not told either."""
    return _once(user, "chat.receipts_set", client_id, shows_reads=shown)


def tell_read(member: Member, number: int) -> None:
    """After the commit, the others of a small room see how far this member has read."""
    room = member.room
    if room.member_count > numbers().receipts_max_members:
        return
    if User.objects.filter(pk=member.user_id, shows_reads=True).exists():
        read_by = ReadBy(room.pk, member.user_id, number)
        transaction.on_commit(lambda: publish_transient(room.stream, read_by), robust=True)


def anything_over() -> bool:
    """Whether somebody's status or availability has reached its end."""
    return _over().exists()


def end_some() -> bool:
    """Ends what is over, of some people; whether more may be left."""
    size = numbers().status_chunk
    ids = list(_over().order_by("pk").values_list("pk", flat=True)[:size])
    for user_id in ids:
        _end(user_id)
    return len(ids) == size


def _over() -> Any:
    now = timezone.now()
    return User.objects.filter(Q(availability_until__lte=now) | Q(status_until__lte=now))


@transaction.atomic
def _end(user_id: int) -> None:
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    now = timezone.now()
    over: dict[str, Any] = {}
    if user.availability_until is not None and user.availability_until <= now:
        over |= {"availability": Availability.AUTO, "availability_until": None}
    if user.status_until is not None and user.status_until <= now:
        over |= {"status_emoji": "", "status_text": "", "status_until": None}
    if over:
        _write(user, over)


def _once(user: User, name: str, client_id: str, **columns: Any) -> OwnStatus:
    return once(
        user_id=user.pk,
        client_id=client_id,
        name=name,
        result=OwnStatus,
        run=lambda: _write(User.objects.select_for_update(no_key=True).get(pk=user.pk), columns),
    )


def _write(user: User, columns: dict[str, Any]) -> OwnStatus:
    """Onto the locked row."""
    before = user.availability
    for name, value in columns.items():
        setattr(user, name, value)
    user.save(update_fields=list(columns))
    own = OwnStatus.of(user)
    publish(user_stream(user.pk), OwnStatusChanged(own))
    if "availability" in columns:
        _mute(user, before)
        transaction.on_commit(lambda: availability_changed(user.pk, own.availability), robust=True)
    if "status_text" in columns:
        transaction.on_commit(lambda: _tell_others(own.status), robust=True)
    return own


def _mute(user: User, before: str) -> None:
    """Nothing reaches somebody outside the app while they are not to be disturbed."""
    if user.availability == Availability.DND:
        mute(user, until=user.availability_until or timezone.now() + _LONGEST)
    elif before == Availability.DND:
        mute(user, until=None)


def _tell_others(status: Status) -> None:
    """In their rooms that are no crowds: there nobody looks at each single member."""
    small = Member.objects.filter(user_id=status.user, room__member_count__lte=numbers().large_room_members)
    for room_id in small.values_list("room_id", flat=True):
        publish_transient(stream_of(room_id), StatusChanged(status))


def _plain(raw: str, max_characters: int) -> str:
    if len(raw) > 4 * max_characters or longest_run_of_marks(raw) > MAX_MARKS_IN_A_ROW:
        raise BadStatus()
    text = without_invisible(raw)
    if len(text) > max_characters:
        raise BadStatus()
    return text


def _check_time(until: datetime | None) -> None:
    now = timezone.now()
    if until is not None and (until.tzinfo is None or not now < until <= now + _LONGEST):
        raise BadStatusTime()
