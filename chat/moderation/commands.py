"""The commands of keeping order over the socket: arguments in, one service call, its result out."""

from __future__ import annotations

from datetime import datetime

from chat.moderation import blocks, held, jobs, reports, services
from chat.moderation.payloads import (
    BanEverywhere,
    BanLifted,
    BlockSet,
    Handled,
    Judged,
    MuteSet,
    Reported,
    RoleSet,
    RulesSet,
)
from chat.payloads import Membership
from realtime import Context, Struct, command
from realtime.jobs.status import JobStatus


class ChangeRole(Struct, frozen=True):
    room: int
    user: int
    role: str
    client_id: str


class ChangeRules(Struct, frozen=True):
    """What is null stays as it is. `default_retention`: the installation says how long messages are kept."""

    room: int
    client_id: str
    posting: str | None = None
    slow_mode_s: int | None = None
    retention_days: int | None = None
    default_retention: bool = False


class Sanction(Struct, frozen=True):
    """`until` null: for good."""

    room: int
    user: int
    client_id: str
    until: datetime | None = None
    reason: str = ""


class OfMember(Struct, frozen=True):
    room: int
    user: int
    client_id: str


class BanPerson(Struct, frozen=True):
    """`until` null: for good."""

    user: int
    client_id: str
    until: datetime | None = None
    reason: str = ""


class OfPerson(Struct, frozen=True):
    user: int
    client_id: str


class BlockPerson(Struct, frozen=True):
    user: int
    blocked: bool
    client_id: str


class MakeReport(Struct, frozen=True):
    """About one message, or about one person."""

    why: str
    client_id: str
    message: int | None = None
    user: int | None = None
    text: str = ""


class OfReport(Struct, frozen=True):
    report: int
    client_id: str


class CloseReport(Struct, frozen=True):
    """`action` is dismiss, delete, warn, mute, ban or ban_everywhere."""

    report: int
    action: str
    client_id: str
    reason: str = ""
    until: datetime | None = None


class OfHeld(Struct, frozen=True):
    held: int
    client_id: str


class ExportRoom(Struct, frozen=True):
    room: int
    client_id: str


@command("chat.role_change")
def role_change(context: Context, args: ChangeRole) -> RoleSet:
    return services.role_change(
        user=context.user, room=args.room, member=args.user, role=args.role, client_id=args.client_id
    )


@command("chat.rules_change")
def rules_change(context: Context, args: ChangeRules) -> RulesSet:
    return services.rules_change(
        user=context.user,
        room=args.room,
        posting=args.posting,
        slow_mode_s=args.slow_mode_s,
        retention_days=args.retention_days,
        default_retention=args.default_retention,
        client_id=args.client_id,
    )


@command("chat.member_mute")
def member_mute(context: Context, args: Sanction) -> MuteSet:
    return services.member_mute(
        user=context.user,
        room=args.room,
        member=args.user,
        until=args.until,
        reason=args.reason,
        client_id=args.client_id,
    )


@command("chat.member_unmute")
def member_unmute(context: Context, args: OfMember) -> MuteSet:
    return services.member_unmute(
        user=context.user, room=args.room, member=args.user, client_id=args.client_id
    )


@command("chat.member_ban")
def member_ban(context: Context, args: Sanction) -> Membership:
    return services.member_ban(
        user=context.user,
        room=args.room,
        banned=args.user,
        until=args.until,
        reason=args.reason,
        client_id=args.client_id,
    )


@command("chat.ban_lift")
def ban_lift(context: Context, args: OfMember) -> BanLifted:
    return services.ban_lift(user=context.user, room=args.room, banned=args.user, client_id=args.client_id)


@command("chat.person_ban")
def person_ban(context: Context, args: BanPerson) -> BanEverywhere:
    return services.person_ban(
        user=context.user,
        banned=args.user,
        until=args.until,
        reason=args.reason,
        client_id=args.client_id,
    )


@command("chat.person_lift_ban")
def person_lift_ban(context: Context, args: OfPerson) -> BanLifted:
    return services.person_lift_ban(user=context.user, banned=args.user, client_id=args.client_id)


@command("chat.person_block")
def person_block(context: Context, args: BlockPerson) -> BlockSet:
    return blocks.person_block(
        user=context.user, other=args.user, blocked=args.blocked, client_id=args.client_id
    )


@command("chat.report")
def report(context: Context, args: MakeReport) -> Reported:
    return reports.report(
        user=context.user,
        message=args.message,
        person=args.user,
        why=args.why,
        text=args.text,
        client_id=args.client_id,
    )


@command("chat.report_claim")
def report_claim(context: Context, args: OfReport) -> Handled:
    return reports.report_claim(user=context.user, report=args.report, client_id=args.client_id)


@command("chat.report_release")
def report_release(context: Context, args: OfReport) -> Handled:
    return reports.report_release(user=context.user, report=args.report, client_id=args.client_id)


@command("chat.report_close")
def report_close(context: Context, args: CloseReport) -> Handled:
    return reports.report_close(
        user=context.user,
        report=args.report,
        action=args.action,
        reason=args.reason,
        until=args.until,
        client_id=args.client_id,
    )


@command("chat.held_release")
def held_release(context: Context, args: OfHeld) -> Judged:
    return held.held_release(user=context.user, held=args.held, client_id=args.client_id)


@command("chat.held_drop")
def held_drop(context: Context, args: OfHeld) -> Judged:
    return held.held_drop(user=context.user, held=args.held, client_id=args.client_id)


@command("chat.room_export")
def room_export(context: Context, args: ExportRoom) -> JobStatus:
    return jobs.room_export(user=context.user, room=args.room, client_id=args.client_id)
