"""What keeping order looks like to a client."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from accounts.payloads import Person
from chat.files.payloads import File
from chat.marks.payloads import NO_MARKS, Marks, PollInfo
from chat.models import AuditEntry as AuditRow
from chat.models import HeldMessage as HeldRow
from chat.models import Member as MemberRow
from chat.models import Report as ReportRow
from chat.models import RoomBan as BanRow
from chat.moderation.times import shown_until
from chat.payloads import Message
from chat.threads.payloads import Forwarded
from realtime import Struct

Role = Literal["owner", "moderator", "member", "guest"]
Posting = Literal["everybody", "moderators", "owners"]
Outcome = Literal["", "dismissed", "deleted", "warned", "muted", "banned", "banned_everywhere"]


class RoleSet(Struct, frozen=True):
    """The role that somebody has in a room now."""

    room: int
    user: int
    role: Role


class RulesSet(Struct, frozen=True):
    """The rules of a room now. `retention_days` null: as the installation has it; 0: nothing is deleted for its age."""

    room: int
    posting: Posting
    slow_mode_s: int
    retention_days: int | None


class MuteSet(Struct, frozen=True):
    """Whether and until when somebody is muted in a room. `until` null with `muted`: for good."""

    room: int
    user: int
    muted: bool
    until: datetime | None
    reason: str

    @classmethod
    def of(cls, member: MemberRow) -> MuteSet:
        return cls(
            member.room_id,
            member.user_id,
            member.muted_until is not None,
            shown_until(member.muted_until),
            member.mute_reason,
        )


class Ban(Struct, frozen=True):
    """`until` null: for good."""

    room: int
    user: Person
    reason: str
    until: datetime | None
    by: Person | None
    created_at: datetime

    @classmethod
    def of(cls, row: BanRow) -> Ban:
        by = None if row.by is None else Person.of(row.by)
        return cls(row.room_id, Person.of(row.user), row.reason, shown_until(row.until), by, row.created_at)


class BanLifted(Struct, frozen=True):
    """`room` null: the ban from everything. `lifted` is false where there was none."""

    room: int | None
    user: int
    lifted: bool


class BanEverywhere(Struct, frozen=True):
    """`until` null: for good."""

    user: int
    until: datetime | None
    reason: str


class BlockSet(Struct, frozen=True):
    user: int
    blocked: bool


class Report(Struct, frozen=True):
    """What was reported, and how far the moderators are. `claimed_by` holds until `claimed_until`."""

    id: int
    room: int | None
    room_name: str
    message: int | None
    number: int  # of the message in its room; 0: about a person as such
    excerpt: str  # what the message said then
    person: Person
    reporter: Person
    why: Literal["spam", "harassment", "hate", "illegal", "privacy", "other"]
    text: str
    created_at: datetime
    claimed_by: Person | None
    claimed_until: datetime | None
    outcome: Outcome  # "" while it is open
    note: str
    closed_by: Person | None
    closed_at: datetime | None

    @classmethod
    def of(cls, row: ReportRow) -> Report:
        room = row.room
        return cls(
            id=row.pk,
            room=row.room_id,
            room_name="" if room is None else room.name,
            message=row.message_id,
            number=row.number,
            excerpt=row.excerpt,
            person=Person.of(row.person),
            reporter=Person.of(row.reporter),
            why=row.why,  # type: ignore[arg-type]
            text=row.text,
            created_at=row.created_at,
            claimed_by=None if row.claimed_by is None else Person.of(row.claimed_by),
            claimed_until=row.claimed_until,
            outcome=row.outcome,  # type: ignore[arg-type]
            note=row.note,
            closed_by=None if row.closed_by is None else Person.of(row.closed_by),
            closed_at=row.closed_at,
        )


class Reported(Struct, frozen=True):
    """What its reporter gets: a report is the moderators' from now on."""

    report: int


class Handled(Struct, frozen=True):
    report: Report


class Reports(Struct, frozen=True):
    """`next` is the id before which to go on; null at the end."""

    items: list[Report]
    next: int | None


class InContext(Struct, frozen=True):
    """A report with the messages around the reported one, oldest first; none where it is about a person as such."""

    report: Report
    messages: list[Message]
    muted_until: datetime | None
    in_room: bool  # whether the reported person is in the room still


class Beside(Struct, frozen=True, omit_defaults=True):
    """What a held message keeps to be sent as its author meant it: fields of `chat.sending.Send`."""

    marks: Marks = NO_MARKS
    quote: int | None = None
    thread: int | None = None
    also_in_room: bool = False
    forwarded: Forwarded | None = None


class Held(Struct, frozen=True):
    """A message that waits for a moderator, who may fetch its `files`. `poll`: what it asks, where it is one."""

    id: int
    room: int
    room_name: str
    author: Person
    text: str
    why: str
    created_at: datetime
    poll: PollInfo | None = None
    files: list[File] = []

    @classmethod
    def of(cls, row: HeldRow) -> Held:
        """One query, unless its uploads were read with it."""
        uploads = sorted(row.uploads.all(), key=lambda one: one.position)
        return cls(
            row.pk,
            row.room_id,
            row.room.name,
            Person.of(row.author),
            row.text,
            row.why,
            row.created_at,
            beside_of(row).marks.poll,
            [File.of(one) for one in uploads],
        )


def beside_of(row: HeldRow) -> Beside:
    return msgspec.json.decode(row.beside, type=Beside)


class Judged(Struct, frozen=True):
    """`message` is what a released one became; null where it was dropped."""

    held: int
    message: int | None


class Queue(Struct, frozen=True):
    """What a moderator's page starts from, with the streams to follow and cursors from before it was read."""

    reports: Reports
    held: list[Held]
    server: bool  # whether the reader moderates everywhere
    cursors: dict[str, Any]


class Act(Struct, frozen=True):
    """A line of the audit log. Names are those of then; `actor` is "" where the system did it."""

    id: int
    at: datetime
    actor: str
    actor_id: int | None
    act: str
    room: int | None
    room_name: str
    person: str
    person_id: int | None
    message: int | None
    reason: str
    details: dict[str, Any]

    @classmethod
    def of(cls, row: AuditRow) -> Act:
        return cls(
            row.pk,
            row.at,
            row.actor_name,
            row.actor_id,
            row.act,
            row.room_id,
            row.room_name,
            row.person_name,
            row.person_id,
            row.message,
            row.reason,
            row.details,
        )


class Acts(Struct, frozen=True):
    """Newest first; `next` is the id before which to go on, null at the end."""

    items: list[Act]
    next: int | None
