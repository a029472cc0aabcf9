"""Reports: made by whoever sees what they are about, worked on by one moderator at a time, closed with what was done.

Each change is told to moderators, on the streams of their queues, and written into the audit log.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import timezone

from accounts.circles import seen_by
from accounts.models import User
from accounts.names import MAX_MARKS_IN_A_ROW, longest_run_of_marks
from chat import amending
from chat.conf import numbers
from chat.errors import BadUser, MessageNotFound, PersonNotFound
from chat.models import Member, Message, Room
from chat.models import Report as ReportRow
from chat.models.moderation import MAX_REPORT_CHARACTERS
from chat.moderation.audit import record
from chat.moderation.errors import (
    BadAction,
    BadReport,
    ReportClaimed,
    ReportClosed,
    TooManyReports,
)
from chat.moderation.events import ReportChanged
from chat.moderation.notification_types import OUTCOME, REPORT, WARNING, Outcome, Reported, Warned
from chat.moderation.payloads import Handled, Report
from chat.moderation.payloads import Reported as ReportedAnswer
from chat.moderation.policies import Authority, report_for_handling
from chat.moderation.ranks import MODERATING
from chat.moderation.services import ban, ban_everywhere, mute
from chat.moderation.streams import ALL, moderators_stream
from chat.policies import MAX_ID, message_for_reading, room_locked
from chat.text import reason as checked_reason
from notifications.notify import notify
from realtime import once, publish_many

_ACTED = ReportRow.Outcome
_MAX_TOLD = 500  # moderators of one queue that are notified


def report(
    *, user: User, message: int | None, person: int | None, why: str, text: str, client_id: str
) -> ReportedAnswer:
    """Tells the moderators about a message of one's rooms, or about a person; exactly one of the two.

    Raises BadReport, MessageNotFound, PersonNotFound, BadUser, TooManyReports.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.report",
        result=ReportedAnswer,
        run=lambda: _report(user, message, person, why, text),
    )


def _report(user: User, message_id: int | None, person_id: int | None, why: str, text: str) -> ReportedAnswer:
    text = text.strip()
    too_long = len(text) > MAX_REPORT_CHARACTERS or longest_run_of_marks(text) > MAX_MARKS_IN_A_ROW
    if (message_id is None) == (person_id is None) or why not in ReportRow.Why or too_long or "\0" in text:
        raise BadReport()
    _count(user)
    row = ReportRow(reporter=user, why=why, text=text)
    if message_id is not None:
        message = message_for_reading(user.pk, message_id)
        if message.deleted_at is not None:
            raise MessageNotFound()
        row.message, row.number, row.excerpt = message, message.number, message.text
        row.person, row.room = message.author, message.room
    else:
        row.person = _person(user, person_id or 0)
    if row.person_id == user.pk:
        raise BadUser("You cannot report yourself.")
    known = ReportRow.objects.filter(
        reporter=user, outcome="", person=row.person, message=row.message
    ).first()
    if known is not None:
        return ReportedAnswer(known.pk)
    row.save()
    _announce(row)
    record(user, "reported", room=row.room, person=row.person, message=row.message_id, reason=why)
    _notify_moderators(row)
    return ReportedAnswer(row.pk)


def report_claim(*, user: User, report: int, client_id: str) -> Handled:
    """Takes an open report for oneself, for `claim_s`; again renews that. Raises ReportNotFound, ReportClosed,
    ReportClaimed.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.report_claim",
        result=Handled,
        run=lambda: _claim(user, report),
    )


def _claim(user: User, report_id: int) -> Handled:
    row, _ = _open_report(user, report_id)
    row.claimed_by, row.claimed_until = user, timezone.now() + timedelta(seconds=numbers().claim_s)
    row.save(update_fields=["claimed_by", "claimed_until"])
    _announce(row)
    return Handled(Report.of(row))


def report_release(*, user: User, report: int, client_id: str) -> Handled:
    """Leaves a report that one has to others. Raises ReportNotFound, ReportClosed, ReportClaimed."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.report_release",
        result=Handled,
        run=lambda: _release(user, report),
    )


def _release(user: User, report_id: int) -> Handled:
    row, _ = _open_report(user, report_id)
    if row.claimed_by_id is not None:
        row.claimed_by = row.claimed_until = None
        row.save(update_fields=["claimed_by", "claimed_until"])
        _announce(row)
    return Handled(Report.of(row))


def report_close(
    *, user: User, report: int, action: str, reason: str, until: datetime | None, client_id: str
) -> Handled:
    """Does something about a report, and closes it, with all others about the same message; reporters are told.

    `action` is dismiss, delete, warn, mute, ban or ban_everywhere; `until` the end of a mute or ban, None for good;
    `reason` is for whom it concerns, and for the reporters. Raises ReportNotFound, ReportClosed, ReportClaimed,
    BadAction, BadReason, and what the action raises.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.report_close",
        result=Handled,
        run=lambda: _close(user, report, action, reason, until),
    )


def _close(user: User, report_id: int, action: str, reason: str, until: datetime | None) -> Handled:
    row, role = _open_report(user, report_id)
    note = checked_reason(reason)
    outcome = _do(user, row, role, action, note, until)
    same = Q(pk=row.pk)
    if row.message_id is not None:
        same |= Q(message_id=row.message_id, outcome="")
    together = ReportRow.objects.select_for_update(of=("self",)).select_related(
        "person", "reporter", "room", "claimed_by"
    )
    for one in together.filter(same).order_by("pk"):
        one.outcome, one.note, one.closed_by, one.closed_at = outcome, note, user, timezone.now()
        one.claimed_by = one.claimed_until = None
        one.save(update_fields=["outcome", "note", "closed_by", "closed_at", "claimed_by", "claimed_until"])
        _announce(one)
        record(
            user,
            f"closed a report ({outcome.replace('_', ' ')}) about",
            room=one.room,
            person=one.person,
            message=one.message_id,
            reason=note,
        )
        acted = outcome != _ACTED.DISMISSED
        data = Outcome(one.person.get_full_name(), acted, note)
        notify(OUTCOME, to=[one.reporter_id], data=data, key=f"report:{one.pk}")
    row.refresh_from_db()
    return Handled(Report.of(row))


def _do(user: User, row: ReportRow, role: str, action: str, note: str, until: datetime | None) -> str:
    """Carries an action out; the outcome that the report has then."""
    if action == "dismiss":
        return _ACTED.DISMISSED.value
    if action == "delete":
        _delete(user, row, note)
        return _ACTED.DELETED.value
    if action == "warn":
        room_name = "" if row.room is None else row.room.name
        if not note:
            raise BadAction("A warning says why.")
        notify(WARNING, to=[row.person_id], data=Warned(room_name, note), key=f"report:{row.pk}")
        record(user, "warned", room=row.room, person=row.person, message=row.message_id, reason=note)
        return _ACTED.WARNED.value
    if action == "ban_everywhere":
        ban_everywhere(user, row.person_id, until, note)
        return _ACTED.BANNED_EVERYWHERE.value
    if action not in ("mute", "ban"):
        raise BadAction("An action is one of dismiss, delete, warn, mute, ban and ban_everywhere.")
    if row.room_id is None:
        raise BadAction("This report is about no room: only staff can ban the person from everything.")
    room = room_locked(row.room_id)
    if room.kind == Room.Kind.DIRECT:
        raise BadAction("Nobody is muted in, or banned from, a direct conversation.")
    authority = Authority(room, role)
    if action == "mute":
        mute(user, authority, row.person_id, until, note)
        return _ACTED.MUTED.value
    ban(user, authority, row.person_id, until, note)
    return _ACTED.BANNED.value


def _delete(user: User, row: ReportRow, note: str) -> None:
    if row.message_id is None:
        raise BadAction("This report is about no message, or the message is gone.")
    found = Message.objects.select_for_update(of=("self",)).select_related("author", "room")
    message = found.filter(pk=row.message_id).first()
    if message is None:
        raise BadAction("The message is gone already.")
    amending.delete(message, user, reason=note)


# Parts ------------------------------------------------------------------------------------------------


def _open_report(user: User, report_id: int) -> tuple[ReportRow, str]:
    """A locked report that is open, and nobody else's just now."""
    row, role = report_for_handling(user.pk, report_id)
    if row.outcome:
        by = "" if row.closed_by is None else row.closed_by.get_full_name()
        done = row.outcome.replace("_", " ")
        raise ReportClosed(
            f"{by or 'Somebody'} dealt with this report already: {done}.", by=by, outcome=row.outcome
        )
    is_held = row.claimed_until is not None and row.claimed_until > timezone.now()
    if is_held and row.claimed_by is not None and row.claimed_by_id != user.pk:
        by = row.claimed_by.get_full_name()
        raise ReportClaimed(f"{by} is on this report.", by=by)
    return row, role


def _count(user: User) -> None:
    """Raises TooManyReports. One report at a time per person: the count stays true."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    if (
        ReportRow.objects.filter(reporter=user, created_at__gt=an_hour_ago).count()
        >= numbers().reports_per_hour
    ):
        raise TooManyReports(retry_after_ms=3_600_000)


def _person(user: User, person_id: int) -> User:
    """Anybody whom the user may see."""
    found = User.objects.filter(seen_by(user), pk=person_id).first() if 0 < person_id <= MAX_ID else None
    if found is None:
        raise PersonNotFound()
    return found


def _announce(row: ReportRow) -> None:
    event = ReportChanged(Report.of(row))
    streams = (
        [ALL]
        if row.room is None or row.room.kind == Room.Kind.DIRECT
        else [moderators_stream(row.room.pk), ALL]
    )
    publish_many([(stream, event) for stream in streams])


def _notify_moderators(row: ReportRow) -> None:
    to = set(_staff())
    if row.room is not None and row.room.kind != Room.Kind.DIRECT:
        moderators = Member.objects.filter(room=row.room, role__in=MODERATING, user__is_active=True)
        to |= set(moderators.values_list("user_id", flat=True)[:_MAX_TOLD])
    to -= {row.person_id, row.reporter_id}
    if to:
        room_name = "" if row.room is None else row.room.name
        data = Reported(row.pk, room_name, row.person.get_full_name(), row.text or row.get_why_display())
        group = "reports" if row.room_id is None else f"reports:{row.room_id}"
        notify(REPORT, to=to, data=data, key=f"report:{row.pk}", group=group)


def _staff() -> list[int]:
    """Who has been given the permission to moderate, by name or in a group; superusers too where nobody has."""
    permission = Permission.objects.filter(content_type__app_label="chat", codename="moderate")
    staff = User.objects.filter(is_active=True, is_staff=True)
    given = staff.filter(
        Q(user_permissions__in=permission) | Q(groups__permissions__in=permission)
    ).distinct()
    named = list(given.order_by("pk").values_list("pk", flat=True)[:_MAX_TOLD])
    return named or list(staff.filter(is_superuser=True).values_list("pk", flat=True)[:_MAX_TOLD])
