"""Reminds those who have not acknowledged a message: again and again, until they have, or often enough."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat.acks.notification_types import ACK, AckAsked
from chat.conf import numbers
from chat.models import Ack, AckRequest, Member, Message, stream_of
from notifications.notify import notify
from notifications.recall import recall_keys


def group_of(message_id: int) -> str:
    """Under which the reminders of a message are one line."""
    return f"ack:{message_id}"


def missing_members(message: Message) -> QuerySet[Member]:
    """Of the message's room, those who should acknowledge it and have not."""
    given = Ack.objects.filter(message=message).values("user_id")
    others = Member.objects.filter(room_id=message.room_id, user__is_active=True)
    return others.exclude(user_id=message.author_id).exclude(user_id__in=given)


def take_back(message: Message) -> None:
    """Takes back what people were reminded of, of a locked message that is being deleted."""
    request = AckRequest.objects.filter(message=message).first()
    if request is not None:
        recall_keys(ACK, [_key(message.pk, number + 1) for number in range(request.reminders)])


def anything_due() -> bool:
    return _due().exists()


def remind_some() -> bool:
    """Reminds of a few messages; whether more may be due."""
    size = numbers().ack_chunk
    ids = list(_due().order_by("remind_at").values_list("pk", flat=True)[:size])
    for message_id in ids:
        _remind(message_id)
    return len(ids) == size


def _due() -> QuerySet[AckRequest]:
    return AckRequest.objects.filter(remind_at__lte=timezone.now())


@transaction.atomic
def _remind(message_id: int) -> None:
    """What another process holds is left to it, or to the next time. Behind the lock, whoever was quicker is done."""
    found = Message.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=message_id)
    message = found.select_related("room", "author").first()
    request = _due().filter(pk=message_id).first() if message else None
    if message is None or request is None:
        return
    missing = list(missing_members(message).values_list("user_id", flat=True))
    request.remind_at = None
    if missing and message.deleted_at is None:
        request.reminders += 1
        if request.reminders < numbers().max_ack_reminders:
            request.remind_at = timezone.now() + timedelta(seconds=numbers().ack_remind_every_s)
        notify(
            ACK,
            to=missing,
            data=AckAsked(message.room_id, message.room.name, message.number, message.pk),
            key=_key(message.pk, request.reminders),
            actor=message.author,
            group=group_of(message.pk),
            scope=stream_of(message.room_id),
        )
    request.save(update_fields=["remind_at", "reminders"])


def _key(message_id: int, number: int) -> str:
    return f"{group_of(message_id)}:{number}"
