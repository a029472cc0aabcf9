"""Asking for acknowledgements, and giving them."""

from __future__ import annotations

from accounts.models import User
from chat.acks.errors import NothingToAcknowledge, OwnMessage
from chat.acks.events import AckChanged
from chat.acks.notification_types import ACK
from chat.acks.payloads import Acknowledged
from chat.acks.reminding import group_of
from chat.marks.payloads import NAMED, AckInfo, Marks, remarked
from chat.marks.policies import message_for_marking
from chat.marks.reading import seen_by
from chat.models import Ack, AckRequest, Message, stream_of
from chat.payloads import Message as MessagePayload
from chat.payloads import Sent
from chat.sending import message_send
from notifications.services import notification_read_groups
from realtime import once, publish


def ack_ask(*, user: User, room: int, text: str, client_id: str) -> Sent:
    """Sends a message that asks everybody in the room to acknowledge it, and reminds those who do not.

    Raises what `message_send` raises.
    """
    asking = Marks(ack=AckInfo(0, []))
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.ack_ask",
        result=Sent,
        run=lambda: message_send(author=user, room=room, text=text, client_id=client_id, marks=asking),
    )


def ack_give(*, user: User, message: int, client_id: str) -> Acknowledged:
    """Acknowledges a message; what reminded of it is read.

    Raises MessageNotFound, NothingToAcknowledge, OwnMessage.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.ack_give",
        result=Acknowledged,
        run=lambda: _give(user, message),
    )


def _give(user: User, message_id: int) -> Acknowledged:
    message, _ = message_for_marking(user.pk, message_id)
    asks = message.deleted_at is None and AckRequest.objects.filter(message=message).exists()
    if not asks:
        raise NothingToAcknowledge()
    if message.author_id == user.pk:
        raise OwnMessage()
    if Ack.objects.get_or_create(message=message, user=user)[1]:
        _tell(user, message)
    # Locks the inbox before it looks: a worker may just be reminding them.
    notification_read_groups(user, types=(ACK,), group=group_of(message.pk), unless=lambda: False)
    (seen,) = seen_by(user.pk, [MessagePayload.of(message)])
    assert seen.ack is not None
    return Acknowledged(message.pk, seen.ack)


def _tell(user: User, message: Message) -> None:
    given = Ack.objects.filter(message=message)
    first = given.order_by("pk").values_list("user_id", flat=True)[:NAMED]
    ack = AckInfo(given.count(), list(first))
    message.marks = remarked(message.marks, ack=ack)
    message.save(update_fields=["marks"])
    publish(stream_of(message.room_id), AckChanged(message.pk, message.number, ack, user.pk))
