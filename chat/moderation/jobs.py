"""The job that exports a room, for its owners and staff: what was said, who is in it, and what was done there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from django.utils import timezone

from accounts.archives import pack
from accounts.models import User
from accounts.payloads import Person
from chat.models import AuditEntry, Member, Message, Room
from chat.moderation.audit import record
from chat.moderation.payloads import Act
from chat.moderation.policies import may_rule
from chat.threads.showing import SHOWN_WITH, shown
from realtime import Struct, once
from realtime.jobs import Result, Run, Step, Steps, job
from realtime.jobs.services import start_job
from realtime.jobs.status import JobStatus

MESSAGES_PER_FILE = 1000
_ARCHIVE = "room.zip"


class OfRoom(Struct, frozen=True):
    room: int


class Place(Struct):
    """Where an export goes on: the files that are written, and the last message in them."""

    total: int
    after: int = 0
    done: int = 0
    files: list[str] = []


def room_export(*, user: User, room: int, client_id: str) -> JobStatus:
    """Starts exporting a room, for its owners and staff.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner, TooManyJobs.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_export",
        result=JobStatus,
        run=lambda: _start(user, room, client_id),
    )


def _start(user: User, room_id: int, key: str) -> JobStatus:
    room = may_rule(user.pk, room_id)
    record(user, "exported", room=room)
    return JobStatus.of(start_job("chat.export_room", user, OfRoom(room_id), key=key))


@job("chat.export_room", label="Export of a room", args=OfRoom, atomic=False)
def export_room(run: Run) -> Steps:
    """A file for each thousand messages; whoever may no longer have it gets nothing more, and no archive."""
    room = may_rule(run.owner.pk, run.args.room)
    place = _place(run, room)
    while chunk := _next(room, place.after):
        may_rule(run.owner.pk, room.pk)
        name = f"messages-{len(place.files) + 1:04}.json"
        _write(run, name, shown(chunk))
        place.files.append(name)
        place.after, place.done = chunk[-1].number, place.done + len(chunk)
        place.total = max(place.total, place.done)
        yield Step(
            done=place.done,
            total=place.total,
            message=f"Collecting what was said in {room.name}",
            checkpoint=msgspec.to_builtins(place),
        )
    may_rule(run.owner.pk, room.pk)
    _write(run, "room.json", [_room(room)])
    _write(run, "members.json", [_member(one) for one in _members(room)])
    _write(run, "audit.json", [Act.of(one) for one in AuditEntry.objects.filter(room=room).order_by("pk")])
    for _ in pack(run, _ARCHIVE, ["room.json", "members.json", "audit.json", *place.files]):
        yield Step(done=place.done, total=place.total, message="Packing")
    today = timezone.now().date().isoformat()
    return Result("Ready to be downloaded.", _ARCHIVE, f"carillon-room-{room.pk}-{today}.zip")


def _place(run: Run, room: Room) -> Place:
    if run.checkpoint is not None:
        return msgspec.convert(run.checkpoint, Place)
    return Place(total=Message.objects.filter(room=room).count())


def _next(room: Room, after: int) -> list[Message]:
    found = Message.objects.filter(room=room, number__gt=after).select_related(*SHOWN_WITH)
    return list(found.order_by("number")[:MESSAGES_PER_FILE])


def _room(room: Room) -> dict[str, Any]:
    columns = (
        "kind",
        "name",
        "topic",
        "mention_all",
        "posting",
        "slow_mode_s",
        "retention_days",
        "created_at",
    )
    return {"id": room.pk, **{name: getattr(room, name) for name in columns}}


def _members(room: Room) -> Iterable[Member]:
    return Member.objects.filter(room=room).select_related("user").order_by("pk")


def _member(member: Member) -> dict[str, Any]:
    return {
        "user": Person.of(member.user),
        "role": member.role,
        "joined_at": member.joined_at,
        "muted_until": member.muted_until,
    }


def _write(run: Run, name: str, rows: list[Any]) -> None:
    run.files.write(name, msgspec.json.format(msgspec.json.encode(rows), indent=2))
