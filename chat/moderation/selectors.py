"""Reads of keeping order, each with a number of queries that does not depend on how much there is."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.names import username_key
from chat.conf import numbers
from chat.errors import BadLimit
from chat.models import AuditEntry, Member, Message, Room, RoomBan
from chat.models import Report as ReportRow
from chat.moderation.errors import ReportNotFound
from chat.moderation.payloads import Act, Acts, Ban, Held, InContext, Queue, Report, Reports
from chat.moderation.policies import (
    held_for,
    is_server_moderator,
    may_read_bans,
    may_rule,
    reports_for,
    require_server_moderator,
)
from chat.moderation.ranks import MODERATING
from chat.moderation.streams import ALL, moderators_stream
from chat.moderation.times import shown_until
from chat.payloads import Message as MessagePayload
from chat.policies import MAX_ID
from realtime import positions

MAX_PAGE = 100
MAX_HELD = 100


def queue_of(user: User) -> Queue:
    """What a moderator's page starts from: open reports and held messages, newest first; empty for everybody else."""
    server = is_server_moderator(user.pk)
    mine = Member.objects.filter(user=user, role__in=MODERATING).exclude(room__kind=Room.Kind.DIRECT)
    streams = [moderators_stream(room_id) for room_id in mine.values_list("room_id", flat=True)]
    cursors = positions([ALL] if server else streams)
    held = held_for(user.pk).select_related("room", "author").prefetch_related("uploads")
    return Queue(
        reports_page(user, state="open", room=None, before=None),
        [Held.of(one) for one in held.order_by("-pk")[:MAX_HELD]],
        server,
        cursors,
    )


def reports_page(user: User, *, state: str, room: int | None, before: int | None, limit: int = 50) -> Reports:
    """A page of the reports that the user may handle, newest first. `state` is open or closed. Raises BadLimit."""
    _check_page(limit)
    found = (
        reports_for(user.pk).filter(outcome="")
        if state == "open"
        else reports_for(user.pk).exclude(outcome="")
    )
    if room is not None:
        found = found.filter(room_id=min(room, MAX_ID))
    if before is not None:
        found = found.filter(pk__lt=min(before, MAX_ID))
    people = ("room", "person", "reporter", "claimed_by", "closed_by")
    rows = list(found.select_related(*people).order_by("-pk")[: limit + 1])
    page = rows[:limit]
    return Reports([Report.of(row) for row in page], page[-1].pk if len(rows) > limit else None)


def report_in_context(user: User, report_id: int) -> InContext:
    """A report with a few messages around the reported one. Raises ReportNotFound."""
    people = ("room", "person", "reporter", "claimed_by", "closed_by")
    found = reports_for(user.pk).select_related(*people)
    row = found.filter(pk=report_id).first() if 0 < report_id <= MAX_ID else None
    if row is None:
        raise ReportNotFound()
    member = Member.objects.filter(room_id=row.room_id, user_id=row.person_id).first()
    muted = None if member is None else member.muted_until
    is_muted = muted is not None and muted > timezone.now()
    around = _around(row)
    return InContext(Report.of(row), around, shown_until(muted) if is_muted else None, member is not None)


def bans_of(user: User, room_id: int) -> list[Ban]:
    """Who is banned from a room just now, the newest first. Raises RoomNotFound, DirectRoomIsFixed, NotModerator."""
    room = may_read_bans(user.pk, room_id)
    found = RoomBan.objects.filter(room=room, until__gt=timezone.now()).select_related("user", "by")
    return [Ban.of(one) for one in found.order_by("-pk")[: numbers().max_bans_shown]]


def acts_of_room(
    user: User, room_id: int, *, act: str = "", person: str = "", before: int | None = None, limit: int = 50
) -> Acts:
    """A page of a room's audit log, newest first, for its owners and staff; `act` and `person` narrow it down.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner, BadLimit.
    """
    room = may_rule(user.pk, room_id)
    return _acts(Q(room=room), act, person, before, limit)


def acts_everywhere(
    user: User, *, act: str = "", person: str = "", before: int | None = None, limit: int = 50
) -> Acts:
    """The same of the whole installation. Raises StaffOnly, BadLimit."""
    require_server_moderator(user.pk)
    return _acts(Q(), act, person, before, limit)


def _acts(where: Q, act: str, person: str, before: int | None, limit: int) -> Acts:
    _check_page(limit)
    found = AuditEntry.objects.filter(where)
    if act:
        found = found.filter(act__icontains=act)
    if person:
        of_name = User.objects.filter(
            Q(username_key=username_key(person)) | Q(display_name__icontains=person)
        )
        ids = of_name.values("pk")
        found = found.filter(Q(actor_id__in=ids) | Q(person_id__in=ids))
    if before is not None:
        found = found.filter(pk__lt=min(before, MAX_ID))
    rows = list(found.order_by("-pk")[: limit + 1])
    page = rows[:limit]
    return Acts([Act.of(row) for row in page], page[-1].pk if len(rows) > limit else None)


def _around(row: ReportRow) -> list[MessagePayload]:
    if row.room_id is None or not row.number:
        return []
    size = numbers().context_messages
    messages = Message.objects.filter(
        room_id=row.room_id, number__gte=row.number - size, number__lte=row.number + size
    )
    return [MessagePayload.of(one) for one in messages.select_related("author").order_by("number")]


def _check_page(limit: int) -> None:
    if not 1 <= limit <= MAX_PAGE:
        raise BadLimit(f"limit is from 1 to {MAX_PAGE}.", max=MAX_PAGE)
