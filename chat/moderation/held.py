"""Messages that a filter held back: let through as their authors', or dropped."""

from __future__ import annotations

import msgspec

from accounts.models import User
from chat.models import HeldMessage
from chat.moderation.audit import record
from chat.moderation.events import HeldJudged
from chat.moderation.payloads import Judged, beside_of
from chat.moderation.policies import held_for_judging
from chat.moderation.streams import ALL, moderators_stream
from chat.payloads import Sent
from chat.policies import room_locked
from chat.sending import Send, message_send_many
from realtime import once, publish_many


def held_release(*, user: User, held: int, client_id: str) -> Judged:
    """Sends a held message as its author's, now; for whoever moderates its room. Raises HeldNotFound.

    One whose author is no longer in the room is dropped.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.held_release",
        result=Judged,
        run=lambda: _judge(user, held, release=True),
    )


def held_drop(*, user: User, held: int, client_id: str) -> Judged:
    """Nobody ever sees it; for whoever moderates its room. Raises HeldNotFound."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.held_drop",
        result=Judged,
        run=lambda: _judge(user, held, release=False),
    )


def _judge(user: User, held_id: int, *, release: bool) -> Judged:
    held = held_for_judging(user.pk, held_id)
    message = _sent(held) if release else None
    HeldMessage.objects.filter(pk=held_id).delete()
    event = HeldJudged(held_id)
    publish_many([(moderators_stream(held.room_id), event), (ALL, event)])
    record(
        user,
        "dropped a held message of" if message is None else "let through a held message of",
        room=held.room,
        person=held.author,
        message=message,
        reason=held.why,
    )
    return Judged(held_id, message)


def _sent(held: HeldMessage) -> int | None:
    """The id of what it became."""
    # The room before its files, as whoever sends it again just now locks them.
    room_locked(held.room_id)
    # Free for the message, as far as it gets them.
    files = list(held.uploads.order_by("position").values_list("pk", flat=True))
    held.uploads.update(held=None)
    beside = msgspec.structs.asdict(beside_of(held))
    send = Send(held.author, held.room_id, held.text, held.client_id, files=files, approved=True, **beside)
    (outcome,) = message_send_many([send])
    return outcome.message if isinstance(outcome, Sent) else None
