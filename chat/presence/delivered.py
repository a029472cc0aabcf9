"""The delivered mark of direct rooms: what a device of each person has got, as its pongs say."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Availability
from chat.models import Member, Room, stream_of
from chat.presence.events import Delivered
from realtime import SeenMark, on_seen, publish_transient


@on_seen("room")
def note_delivered(marks: Sequence[SeenMark]) -> None:
    """Raises the marks that have risen, and tells the other people. Nobody who is invisible is given away."""
    got = {(mark.user_id, int(mark.key)): mark.seq for mark in marks}
    members = Member.objects.filter(
        room__kind=Room.Kind.DIRECT,
        room_id__in={room_id for _, room_id in got},
        user_id__in={user_id for user_id, _ in got},
    ).exclude(user__availability=Availability.INVISIBLE)
    for pk, user_id, room_id in list(members.values_list("pk", "user_id", "room_id")):
        seq = got.get((user_id, room_id))
        if seq is not None and Member.objects.filter(pk=pk, delivered_seq__lt=seq).update(delivered_seq=seq):
            publish_transient(stream_of(room_id), Delivered(room_id, user_id, seq))
