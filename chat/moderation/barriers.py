"""What keeps a member from writing in a room just now. Pure: it knows the two rows that a send reads anyway."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from chat.moderation.errors import CannotWrite, Muted, PostingClosed, SlowMode
from chat.moderation.ranks import may_post, moderates
from chat.moderation.times import moment_of, shown_until, until_words
from realtime import RealtimeError


class Rules(Protocol):
    """Of a room: a Room, or what a batch has read of one."""

    @property
    def posting(self) -> str: ...
    @property
    def slow_mode_s(self) -> int: ...


class Standing(Protocol):
    """Of a member: a Member, or what a batch has read of one."""

    @property
    def role(self) -> str: ...
    @property
    def muted_until(self) -> datetime | str | None: ...
    @property
    def mute_reason(self) -> str: ...
    @property
    def barred(self) -> bool: ...
    @property
    def sent_at(self) -> datetime | str | None: ...


def barrier(room: Rules, member: Standing, now: datetime) -> RealtimeError | None:
    """Why the member may not change what is said here; None where they may."""
    muted_until = moment_of(member.muted_until)
    if muted_until is not None and muted_until > now:
        return _muted(muted_until, member.mute_reason)
    if member.barred:
        return CannotWrite()
    if not may_post(room.posting, member.role):
        only = "owners" if room.posting == "owners" else "owners and moderators"
        return PostingClosed(f"Only {only} may write in this room.", posting=room.posting)
    return None


def wait_before_next(
    room: Rules, member: Standing, now: datetime, *, just_wrote: bool = False
) -> SlowMode | None:
    """How slow mode answers a new message; `just_wrote`: another one of theirs goes out at this moment."""
    if not room.slow_mode_s or moderates(member.role):
        return None
    sent_at = now if just_wrote else moment_of(member.sent_at)
    if sent_at is None:
        return None
    left = sent_at + timedelta(seconds=room.slow_mode_s) - now
    if left <= timedelta():
        return None
    wait_s = min(left.total_seconds(), float(room.slow_mode_s))  # whatever another clock says
    return SlowMode(
        f"This room is in slow mode: one message every {room.slow_mode_s} s. Wait {int(wait_s) + 1} s.",
        retry_after_ms=int(wait_s * 1000) + 1,
        slow_mode_s=room.slow_mode_s,
    )


def refuse_to_write(room: Rules, member: Standing, now: datetime) -> None:
    """Raises what `barrier` found. For everything but a new message, which `sending` checks for a whole batch."""
    error = barrier(room, member, now)
    if error is not None:
        raise error


def _muted(until: datetime, reason: str) -> Muted:
    shown = shown_until(until)
    why = f" Reason: {reason}" if reason else ""
    return Muted(
        f"You are muted in this room {until_words(until)}.{why}",
        reason=reason,
        until=None if shown is None else shown.isoformat(),
    )
