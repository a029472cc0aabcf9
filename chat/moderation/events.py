"""The events of keeping order.

`chat.*` travel on `room:<id>` for everybody in it and on `user:<id>` for one person's devices, and are part of what a
snapshot shows. `moderation.*` travel on `moderation:<room id>` and `moderation:all`, for moderators alone.
"""

from __future__ import annotations

from datetime import datetime

from accounts.payloads import Person
from chat.moderation.payloads import Held, Posting, Report, Role
from realtime import Struct, event

# On room:<id> ------------------------------------------------------------------------------------------


@event("chat.role_changed")
class RoleChanged(Struct, frozen=True):
    user: int
    role: Role


@event("chat.rules_changed")
class RulesChanged(Struct, frozen=True):
    """Who may write, how often, and how long messages are kept."""

    posting: Posting
    slow_mode_s: int
    retention_days: int | None


@event("chat.messages_trimmed")
class MessagesTrimmed(Struct, frozen=True):
    """The messages up to this number are gone, for their age; they count as read. Other numbers stay as they are."""

    up_to: int
    hidden: int = 0  # how many of them the timeline did not show


@event("chat.person_changed")
class PersonChanged(Struct, frozen=True):
    """Somebody who is here, or wrote something here, is called so now: their account was erased."""

    person: Person


# On user:<id> ------------------------------------------------------------------------------------------


@event("chat.muted")
class Muted(Struct, frozen=True):
    """Whether the user is muted in this room now. `until` null with `muted`: for good."""

    room: int
    muted: bool
    until: datetime | None
    reason: str


@event("chat.barred")
class Barred(Struct, frozen=True):
    """Whether the user can write in this direct conversation of two."""

    room: int
    barred: bool


class Mentions(Struct, frozen=True):
    """Numbers of unread messages of one room."""

    room: int
    numbers: list[int]


@event("chat.block_changed")
class BlockChanged(Struct, frozen=True):
    """The user blocks somebody, or does no longer. `mentions`: unread ones by that person, which go or come back."""

    user: int
    blocked: bool
    mentions: list[Mentions]


# On moderation:<room id> and moderation:all -------------------------------------------------------------


@event("moderation.report_changed")
class ReportChanged(Struct, frozen=True):
    """A report is new, or what became of one."""

    report: Report


@event("moderation.message_held")
class MessageHeld(Struct, frozen=True):
    held: Held


@event("moderation.held_judged")
class HeldJudged(Struct, frozen=True):
    """No longer waiting."""

    held: int
