"""What a person does with messages that are sent later: schedules them, changes them, cancels them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.errors import MessageNotFound
from chat.files.waiting import files_wait
from chat.models import Scheduled, user_stream
from chat.policies import MAX_ID, message_for_reading, room_for_reading
from chat.scheduled.errors import BadSendTime, ScheduledNotFound, TooManyScheduled
from chat.scheduled.events import ScheduleChanged, ScheduleEnded
from chat.scheduled.payloads import ScheduledMessage
from chat.text import message_text
from realtime import once, publish


def schedule(
    *,
    user: User,
    room: int,
    text: str,
    send_at: datetime,
    client_id: str,
    files: Sequence[int] = (),
    quote: int | None = None,
    thread: int | None = None,
    also_in_room: bool = False,
) -> ScheduledMessage:
    """Has a message sent at a time; `files` are uploads of the user's, which wait with it.

    Raises RoomNotFound, MessageNotFound (of thread and quote), BadSendTime, TooManyScheduled, TooManyFiles,
    FileNotFound, and what `message_text` raises.
    """
    row = Scheduled(
        author=user,
        room_id=room,
        text=text,
        thread=thread,
        quote=quote,
        also_in_room=also_in_room and thread is not None,
        send_at=send_at,
    )
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.schedule",
        result=ScheduledMessage,
        run=lambda: _schedule(user, row, files),
    )


def schedule_change(
    *,
    user: User,
    scheduled: int,
    text: str | None,
    send_at: datetime | None,
    keeps_quote: bool = True,
    client_id: str,
) -> ScheduledMessage:
    """Gives it another text or time (None: as it is), or takes its quote away. One that failed waits again.

    Raises ScheduledNotFound, BadSendTime (also of one that failed, without another time), RoomNotFound, and what
    `message_text` raises.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.schedule_change",
        result=ScheduledMessage,
        run=lambda: _change(user, scheduled, text, send_at, keeps_quote=keeps_quote),
    )


def schedule_cancel(*, user: User, scheduled: int, client_id: str) -> None:
    """Does not send it; its files go with it. Raises ScheduledNotFound."""
    once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.schedule_cancel",
        result=None,
        run=lambda: _cancel(user, scheduled),
    )


def _schedule(user: User, row: Scheduled, files: Sequence[int]) -> ScheduledMessage:
    row.text = message_text(row.text, may_be_empty=bool(files))
    row.send_at = row.due_at = _checked(row.send_at)
    room_for_reading(user.pk, row.room_id)
    for message_id in {row.thread, row.quote} - {None}:
        if message_for_reading(user.pk, message_id).room_id != row.room_id:
            raise MessageNotFound()
    # One at a time, so that the number below is true.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Scheduled.objects.filter(author=user).count() >= numbers().max_scheduled:
        raise TooManyScheduled(max=numbers().max_scheduled)
    row.save(force_insert=True)
    files_wait(user, files, row)
    return _told(row)


def _change(
    user: User, scheduled_id: int, text: str | None, send_at: datetime | None, *, keeps_quote: bool
) -> ScheduledMessage:
    row = _locked(user, scheduled_id)
    room_for_reading(user.pk, row.room_id)
    if text is not None:
        row.text = message_text(text, may_be_empty=row.uploads.exists())
    if not keeps_quote:
        row.quote = None
    row.send_at = _checked(row.send_at if send_at is None else send_at)
    row.due_at, row.failure, row.attempts = row.send_at, "", 0
    row.save()
    return _told(row)


def _cancel(user: User, scheduled_id: int) -> None:
    row = _locked(user, scheduled_id)
    publish(user_stream(user.pk), ScheduleEnded(row.pk, "cancelled"))
    row.delete()


def _locked(user: User, scheduled_id: int) -> Scheduled:
    """While it is being sent this waits, and then finds it gone."""
    mine = Scheduled.objects.select_for_update().filter(author=user, pk=scheduled_id)
    row = mine.first() if 0 < scheduled_id <= MAX_ID else None
    if row is None:
        raise ScheduledNotFound()
    return row


def _checked(at: datetime) -> datetime:
    now = timezone.now()
    if at.tzinfo is None or not now < at <= now + timedelta(days=numbers().max_schedule_days):
        raise BadSendTime()
    return at


def _told(row: Scheduled) -> ScheduledMessage:
    scheduled = ScheduledMessage.of(row)
    publish(user_stream(row.author_id), ScheduleChanged(scheduled))
    return scheduled
