"""The HTTP API of keeping order: all that the socket's commands do, and what moderators' pages read."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.names import without_invisible
from accounts.openapi import answers
from accounts.payloads import Person
from accounts.requests import user_of
from chat.moderation import blocks, held, jobs, reports, selectors, services
from chat.moderation.payloads import (
    Acts,
    Ban,
    BanEverywhere,
    BanLifted,
    BlockSet,
    Handled,
    InContext,
    Judged,
    MuteSet,
    Queue,
    Reported,
    Reports,
    RoleSet,
    RulesSet,
)
from chat.payloads import Membership
from realtime.http import session_or_token
from realtime.jobs.status import JobStatus

router = Router(tags=["chat"], auth=session_or_token)


class Write(Schema):
    client_id: str


class NewRole(Write):
    role: str


class NewRules(Write):
    posting: str | None = None
    slow_mode_s: int | None = None
    retention_days: int | None = None
    default_retention: bool = False


class Sanction(Write):
    """`until` null: for good."""

    until: datetime | None = None
    reason: str = ""


class NewReport(Write):
    why: str
    message: int | None = None
    user: int | None = None
    text: str = ""


class Closing(Sanction):
    action: str


@router.put("/rooms/{room_id}/members/{user_id}/role", openapi_extra=answers(RoleSet))
def role_change(request: HttpRequest, room_id: int, user_id: int, body: NewRole) -> RoleSet:
    """Makes a member an owner, a moderator or a member; for owners."""
    return services.role_change(
        user=user_of(request), room=room_id, member=user_id, role=body.role, client_id=body.client_id
    )


@router.patch("/rooms/{room_id}/rules", openapi_extra=answers(RulesSet))
def rules_change(request: HttpRequest, room_id: int, body: NewRules) -> RulesSet:
    """Who may write, how often, and how long messages are kept; for owners."""
    return services.rules_change(
        user=user_of(request),
        room=room_id,
        posting=body.posting,
        slow_mode_s=body.slow_mode_s,
        retention_days=body.retention_days,
        default_retention=body.default_retention,
        client_id=body.client_id,
    )


@router.post("/rooms/{room_id}/members/{user_id}/mute", openapi_extra=answers(MuteSet))
def member_mute(request: HttpRequest, room_id: int, user_id: int, body: Sanction) -> MuteSet:
    """Keeps a member from writing; for moderators."""
    return services.member_mute(
        user=user_of(request),
        room=room_id,
        member=user_id,
        until=body.until,
        reason=body.reason,
        client_id=body.client_id,
    )


@router.post("/rooms/{room_id}/members/{user_id}/unmute", openapi_extra=answers(MuteSet))
def member_unmute(request: HttpRequest, room_id: int, user_id: int, body: Write) -> MuteSet:
    return services.member_unmute(
        user=user_of(request), room=room_id, member=user_id, client_id=body.client_id
    )


@router.get("/rooms/{room_id}/bans", openapi_extra=answers(list[Ban]))
def bans(request: HttpRequest, room_id: int) -> list[Ban]:
    """Who is banned from a room; for moderators."""
    return selectors.bans_of(user_of(request), room_id)


@router.post("/rooms/{room_id}/bans/{user_id}", openapi_extra=answers(Membership))
def member_ban(request: HttpRequest, room_id: int, user_id: int, body: Sanction) -> Membership:
    """Puts somebody out of a room, and keeps them out; for moderators."""
    return services.member_ban(
        user=user_of(request),
        room=room_id,
        banned=user_id,
        until=body.until,
        reason=body.reason,
        client_id=body.client_id,
    )


@router.post("/rooms/{room_id}/bans/{user_id}/lift", openapi_extra=answers(BanLifted))
def ban_lift(request: HttpRequest, room_id: int, user_id: int, body: Write) -> BanLifted:
    return services.ban_lift(user=user_of(request), room=room_id, banned=user_id, client_id=body.client_id)


@router.get("/rooms/{room_id}/audit", openapi_extra=answers(Acts))
def audit(
    request: HttpRequest,
    room_id: int,
    act: str = "",
    person: str = "",
    before: int | None = None,
    limit: int = 50,
) -> Acts:
    """Who did what in a room, newest first; for owners."""
    asked = {"act": without_invisible(act[:40]), "person": without_invisible(person[:64])}
    return selectors.acts_of_room(user_of(request), room_id, **asked, before=before, limit=limit)


@router.post("/rooms/{room_id}/export", openapi_extra=answers(JobStatus))
def room_export(request: HttpRequest, room_id: int, body: Write) -> JobStatus:
    """Starts collecting a room into a ZIP file, as a job of yours; for owners."""
    return jobs.room_export(user=user_of(request), room=room_id, client_id=body.client_id)


@router.post("/reports", openapi_extra=answers(Reported))
def report(request: HttpRequest, body: NewReport) -> Reported:
    """Tells the moderators about a message or a person."""
    return reports.report(
        user=user_of(request),
        message=body.message,
        person=body.user,
        why=body.why,
        text=body.text,
        client_id=body.client_id,
    )


@router.get("/moderation", openapi_extra=answers(Queue))
def queue(request: HttpRequest) -> Queue:
    """What a moderator's page starts from; empty for who moderates nothing."""
    return selectors.queue_of(user_of(request))


@router.get("/moderation/reports", openapi_extra=answers(Reports))
def report_list(
    request: HttpRequest,
    state: str = "open",
    room: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Reports:
    """The reports that you may handle, newest first: open ones, or closed ones."""
    return selectors.reports_page(user_of(request), state=state, room=room, before=before, limit=limit)


@router.get("/moderation/reports/{report_id}", openapi_extra=answers(InContext))
def report_shown(request: HttpRequest, report_id: int) -> InContext:
    """A report with the messages around the reported one."""
    return selectors.report_in_context(user_of(request), report_id)


@router.post("/moderation/reports/{report_id}/claim", openapi_extra=answers(Handled))
def report_claim(request: HttpRequest, report_id: int, body: Write) -> Handled:
    return reports.report_claim(user=user_of(request), report=report_id, client_id=body.client_id)


@router.post("/moderation/reports/{report_id}/release", openapi_extra=answers(Handled))
def report_release(request: HttpRequest, report_id: int, body: Write) -> Handled:
    return reports.report_release(user=user_of(request), report=report_id, client_id=body.client_id)


@router.post("/moderation/reports/{report_id}/close", openapi_extra=answers(Handled))
def report_close(request: HttpRequest, report_id: int, body: Closing) -> Handled:
    """Does something about a report: dismiss, delete, warn, mute, ban or ban_everywhere."""
    return reports.report_close(
        user=user_of(request),
        report=report_id,
        action=body.action,
        reason=body.reason,
        until=body.until,
        client_id=body.client_id,
    )


@router.post("/moderation/held/{held_id}/release", openapi_extra=answers(Judged))
def held_release(request: HttpRequest, held_id: int, body: Write) -> Judged:
    return held.held_release(user=user_of(request), held=held_id, client_id=body.client_id)


@router.post("/moderation/held/{held_id}/drop", openapi_extra=answers(Judged))
def held_drop(request: HttpRequest, held_id: int, body: Write) -> Judged:
    return held.held_drop(user=user_of(request), held=held_id, client_id=body.client_id)


@router.get("/moderation/audit", openapi_extra=answers(Acts))
def audit_everywhere(
    request: HttpRequest, act: str = "", person: str = "", before: int | None = None, limit: int = 50
) -> Acts:
    """Who did what anywhere, newest first; for staff who moderate."""
    asked = {"act": without_invisible(act[:40]), "person": without_invisible(person[:64])}
    return selectors.acts_everywhere(user_of(request), **asked, before=before, limit=limit)


@router.post("/moderation/people/{user_id}/ban", openapi_extra=answers(BanEverywhere))
def person_ban(request: HttpRequest, user_id: int, body: Sanction) -> BanEverywhere:
    """Puts somebody out of everything; for staff who moderate."""
    return services.person_ban(
        user=user_of(request), banned=user_id, until=body.until, reason=body.reason, client_id=body.client_id
    )


@router.post("/moderation/people/{user_id}/lift", openapi_extra=answers(BanLifted))
def person_lift_ban(request: HttpRequest, user_id: int, body: Write) -> BanLifted:
    return services.person_lift_ban(user=user_of(request), banned=user_id, client_id=body.client_id)


@router.get("/blocks", openapi_extra=answers(list[Person]))
def blocked_people(request: HttpRequest) -> list[Person]:
    """Whom you block."""
    return blocks.blocked_people(user_of(request).pk)


@router.post("/blocks/{user_id}", openapi_extra=answers(BlockSet))
def block(request: HttpRequest, user_id: int, body: Write) -> BlockSet:
    """No direct messages, notifications and mentions from that person any more; they are not told."""
    return blocks.person_block(user=user_of(request), other=user_id, blocked=True, client_id=body.client_id)


@router.delete("/blocks/{user_id}", openapi_extra=answers(BlockSet))
def unblock(request: HttpRequest, user_id: int, client_id: str) -> BlockSet:
    return blocks.person_block(user=user_of(request), other=user_id, blocked=False, client_id=client_id)
