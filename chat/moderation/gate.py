"""The part of sending that keeps order: which of a batch's messages may be stored, and which wait for a moderator.

It asks nothing of the database: rooms and memberships were read, and are locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils import timezone

from chat.files.waiting import files_wait_held
from chat.models import HeldMessage, Room
from chat.moderation.barriers import Rules, Standing, barrier, wait_before_next
from chat.moderation.errors import HeldForReview
from chat.moderation.events import MessageHeld
from chat.moderation.payloads import Beside, Held
from chat.moderation.streams import ALL, moderators_stream
from chat.send import Send
from chat.text import MAX_REASON_CHARACTERS
from realtime import RealtimeError, publish_many


class Gate:
    """Of one batch. Messages are shown to it in the order in which they were sent."""

    def __init__(self, rooms: Mapping[int, Rules], members: Mapping[tuple[int, int], Standing]) -> None:
        self._rooms, self._members = rooms, members
        self._now: datetime = timezone.now()
        self._wrote: set[tuple[int, int]] = set()
        self._held: list[Send] = []

    def refusal(self, send: Send) -> RealtimeError | None:
        """Why this message is not stored now; None where it is."""
        if send.approved:
            return None
        room, member = self._rooms[send.room], self._members[send.membership]
        error = barrier(room, member, self._now)
        if error is None and room.slow_mode_s:
            just_wrote = send.membership in self._wrote
            error = wait_before_next(room, member, self._now, just_wrote=just_wrote)
        if error is None and send.hold:
            self._held.append(send)
            error = HeldForReview()
        if error is None:
            self._wrote.add(send.membership)
        return error

    def close(self) -> None:
        """Writes down what waits for a moderator: nothing, nearly always. After the batch has committed.

        Where that fails, its author was told nothing and sends it again.
        """
        for send in self._held:
            _hold(send)


@transaction.atomic
def _hold(send: Send) -> None:
    """Keeps a message for a moderator, once per client_id."""
    room = Room.objects.get(pk=send.room)
    beside = Beside(send.marks, send.quote, send.thread, send.also_in_room, send.forwarded)
    values = {
        "room": room,
        "text": send.text,
        "beside": msgspec.json.encode(beside).decode(),
        "why": send.hold[:MAX_REASON_CHARACTERS],
    }
    held, is_new = HeldMessage.objects.get_or_create(
        author=send.author, client_id=send.client_id, defaults=values
    )
    if is_new:
        files_wait_held(send.author, send.files, held)
        event = MessageHeld(Held.of(held))
        publish_many([(moderators_stream(room.pk), event), (ALL, event)])
