"""Who may do what: each role, times every command, route, URL and kind of stream. What is new and has no row fails.

A row is one line: how it is asked, and the `outcome` for a stranger, a member and the owner, with exceptions by role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.services import token_issue, user_ban
from chat.moderation.times import FOREVER
from realtime import Call, Context, Credentials, RealtimeError
from realtime.gateway.session import authenticate
from realtime.registry import readable_streams, registry
from realtime.urls import api
from tests.support import marks_access
from tests.support.authorisation import ROLES, URL, Outcome, World, outcome
from tests.support.people import client_id

pytestmark = pytest.mark.django_db

Asked = Callable[[World], Any]
ANYBODY = outcome("ok", "ok", "ok")
MEMBERS = outcome("not_found", "ok", "ok")
OWNERS = outcome("not_found", "not_owner", "ok", staff="ok")
MODERATORS = outcome("not_found", "not_moderator", "ok", moderator="ok", staff="ok")
HANDLERS = outcome("not_found", "not_found", "ok", moderator="ok", staff="ok")
# Of what the member has written.
AUTHOR_OR_MODERATORS = outcome("not_found", "ok", "ok", guest="not_author", muted="not_author")
THE_MEMBER = outcome(
    "not_found", "ok", "not_author", guest="not_author", muted="not_author", moderator="not_author"
)
STAFF = outcome("staff_only", "staff_only", "staff_only", staff="ok")
OWN_JOB = outcome("job_not_found", "job_not_found", "ok")
SUBJECTS = outcome("subject_not_found", "ok", "ok")

# Command -> (its arguments, what each role gets: "ok" or the code of the error).
COMMANDS: dict[str, tuple[Asked, Outcome | tuple[str, str, str]]] = {
    "chat.message_send": (
        lambda w: {"room": w.room, "text": "x"},
        outcome("not_found", "ok", "ok", muted="muted"),
    ),
    "chat.message_edit": (
        lambda w: {"message": w.message, "text": "x"},
        outcome(
            "not_found", "ok", "not_author", guest="not_author", muted="not_author", moderator="not_author"
        ),
    ),
    "chat.message_delete": (
        lambda w: {"message": w.message},
        outcome("not_found", "ok", "ok", guest="not_author", muted="not_author"),
    ),
    "chat.message_restore": (
        lambda w: {"message": w.deleted},
        outcome("not_found", "ok", "too_late", guest="too_late", muted="too_late", moderator="too_late"),
    ),
    "chat.room_create": (
        lambda w: {"kind": "private", "name": "x"},
        outcome("ok", "ok", "ok", guest="guest"),
    ),
    "chat.room_change": (lambda w: {"room": w.room, "topic": "x"}, outcome("not_found", "not_owner", "ok")),
    "chat.direct_open": (lambda w: {"users": [w.target.pk]}, ANYBODY),
    "chat.room_join": (lambda w: {"room": w.room}, MEMBERS),
    "chat.room_leave": (lambda w: {"room": w.room}, MEMBERS),
    "chat.room_invite": (
        lambda w: {"room": w.room, "user": w.guest.pk},
        outcome("not_found", "ok", "ok", guest="guest"),
    ),
    "chat.room_kick": (lambda w: {"room": w.room, "user": w.target.pk}, MODERATORS),
    "chat.room_read": (lambda w: {"room": w.room, "number": 1}, MEMBERS),
    "chat.thread_follow": (lambda w: {"thread": w.message}, MEMBERS),
    "chat.thread_unfollow": (lambda w: {"thread": w.message}, MEMBERS),
    "chat.thread_read": (lambda w: {"thread": w.message, "number": 1}, MEMBERS),
    "chat.message_forward": (
        lambda w: {"message": w.message, "room": w.room},
        outcome("not_found", "ok", "ok", muted="muted"),
    ),
    "chat.typing": (lambda w: {"room": w.room}, MEMBERS),
    "chat.role_change": (lambda w: {"room": w.room, "user": w.target.pk, "role": "moderator"}, OWNERS),
    "chat.rules_change": (lambda w: {"room": w.room, "posting": "owners"}, OWNERS),
    "chat.member_mute": (lambda w: {"room": w.room, "user": w.target.pk}, MODERATORS),
    "chat.member_unmute": (lambda w: {"room": w.room, "user": w.target.pk}, MODERATORS),
    "chat.member_ban": (lambda w: {"room": w.room, "user": w.target.pk}, MODERATORS),
    "chat.ban_lift": (lambda w: {"room": w.room, "user": w.banned.pk}, MODERATORS),
    "chat.person_ban": (lambda w: {"user": w.target.pk}, STAFF),
    "chat.person_lift_ban": (lambda w: {"user": w.target.pk}, STAFF),
    "chat.person_block": (lambda w: {"user": w.target.pk, "blocked": True}, ANYBODY),
    "chat.report": (lambda w: {"message": w.reported, "why": "spam"}, MEMBERS),
    "chat.report_claim": (lambda w: {"report": w.report}, HANDLERS),
    "chat.report_release": (lambda w: {"report": w.report}, HANDLERS),
    "chat.report_close": (lambda w: {"report": w.report, "action": "dismiss"}, HANDLERS),
    "chat.held_release": (lambda w: {"held": w.held}, HANDLERS),
    "chat.held_drop": (lambda w: {"held": w.held}, HANDLERS),
    "chat.room_export": (lambda w: {"room": w.room}, OWNERS),
    "jobs.list": (lambda w: {}, ANYBODY),
    "jobs.cancel": (lambda w: {"job": w.job}, OWN_JOB),
    "jobs.remove": (lambda w: {"job": w.job}, OWN_JOB),
    "notifications.read": (lambda w: {"items": []}, ANYBODY),
    "notifications.read_all": (lambda w: {}, ANYBODY),
    "notifications.mark": (lambda w: {"items": [], "mark": "seen"}, ANYBODY),
    "notifications.snooze": (lambda w: {"items": [], "until": w.until}, ANYBODY),
    "notifications.preference_choose": (
        lambda w: {"category": "mentions", "channel": "in_app", "frequency": "instant"},
        ANYBODY,
    ),
    "notifications.preference_hours": (
        lambda w: {"time_zone": "", "language": "", "quiet_hours": None, "working_days": [1, 2, 3, 4, 5]},
        ANYBODY,
    ),
    "notifications.preference_mute": (lambda w: {"until": None}, ANYBODY),
    "notifications.preference_scope": (
        lambda w: {"scope": f"room:{w.room}", "follow": "mentions", "muted_until": None},
        ANYBODY,
    ),
    "notifications.remind": (lambda w: {"about": f"message:{w.message}", "at": w.until}, SUBJECTS),
    "notifications.reminder_cancel": (lambda w: {"reminder": 999_999}, outcome(*["reminder_not_found"] * 3)),
    "notifications.reminders": (lambda w: {}, ANYBODY),
    "chat.hook_create": (
        lambda w: {"room": w.room, "direction": "incoming", "name": "x"},
        ("not_found", "not_owner", "ok"),
    ),
    "chat.hook_renew": (lambda w: {"hook": w.hook}, ("not_found", "not_owner", "ok")),
    "chat.hook_remove": (lambda w: {"hook": w.hook}, ("not_found", "not_owner", "ok")),
    "chat.slash_run": (lambda w: {"room": w.room, "text": "/help"}, ("not_found", "ok", "ok")),
    "chat.status_set": (lambda w: {"emoji": "", "text": "x"}, ("ok", "ok", "ok")),
    "chat.availability_set": (lambda w: {"availability": "dnd"}, ("ok", "ok", "ok")),
    "chat.receipts_set": (lambda w: {"shown": False}, ("ok", "ok", "ok")),
    "chat.room_archive": (
        lambda w: {"room": w.room, "archived": True},
        ("not_found", "not_owner", "ok"),
    ),
    "chat.room_favourite": (lambda w: {"room": w.room, "favourite": True}, ("not_found", "ok", "ok")),
    "chat.favourites_order": (lambda w: {"rooms": []}, ("ok", "ok", "ok")),
    "chat.invitation_create": (lambda w: {"room": w.room}, ("not_found", "not_owner", "ok")),
    "chat.invitation_revoke": (
        lambda w: {"invitation": w.link.invitation.id},
        ("not_found", "not_owner", "ok"),
    ),
    "chat.invitation_accept": (lambda w: {"token": w.link.token}, outcome("ok", "ok", "ok", banned="banned")),
    "chat.keywords_set": (lambda w: {"words": ["tea"]}, ("ok", "ok", "ok")),
    "chat.group_save": (
        lambda w: {"name": "others", "members": []},
        ("not_group_manager", "not_group_manager", "not_group_manager"),
    ),
    "chat.group_remove": (
        lambda w: {"group": w.group},
        ("not_group_manager", "not_group_manager", "not_group_manager"),
    ),
    "chat.file_describe": (lambda w: {"file": w.file.id, "alt": "x"}, THE_MEMBER),
    "chat.file_remove": (lambda w: {"file": w.file.id}, AUTHOR_OR_MODERATORS),
    "chat.preview_remove": (lambda w: {"message": w.linking, "url": URL}, AUTHOR_OR_MODERATORS),
    "chat.room_previews_switch": (lambda w: {"room": w.room, "on": False}, ("not_found", "not_owner", "ok")),
    **marks_access.COMMANDS,
}

# The statuses of HTTP for those codes.
STATUSES = {"ok": 200, "not_found": 404, "too_late": 409}
FORBIDDEN = 403

# Route -> (path and body, the command that does the same, or the status for each role).
ROUTES: dict[str, tuple[Asked, str | Outcome | tuple[int, int, int]]] = {
    "GET /api/snapshot": (lambda w: ("/api/snapshot", None), (200, 200, 200)),
    "GET /api/rooms": (lambda w: ("/api/rooms", None), (200, 200, 200)),
    "GET /api/rooms/public": (lambda w: ("/api/rooms/public", None), (200, 200, 200)),
    "POST /api/rooms": (lambda w: ("/api/rooms", {"kind": "private", "name": "x"}), "chat.room_create"),
    "POST /api/rooms/direct": (lambda w: ("/api/rooms/direct", {"users": [w.target.pk]}), "chat.direct_open"),
    "PATCH /api/rooms/{room_id}": (lambda w: (f"/api/rooms/{w.room}", {"topic": "x"}), "chat.room_change"),
    "GET /api/rooms/{room_id}/members": (lambda w: (f"/api/rooms/{w.room}/members", None), (404, 200, 200)),
    "POST /api/rooms/{room_id}/join": (lambda w: (f"/api/rooms/{w.room}/join", {}), "chat.room_join"),
    "POST /api/rooms/{room_id}/leave": (lambda w: (f"/api/rooms/{w.room}/leave", {}), "chat.room_leave"),
    "POST /api/rooms/{room_id}/invite": (
        lambda w: (f"/api/rooms/{w.room}/invite", {"user": w.guest.pk}),
        "chat.room_invite",
    ),
    "POST /api/rooms/{room_id}/kick": (
        lambda w: (f"/api/rooms/{w.room}/kick", {"user": w.target.pk}),
        "chat.room_kick",
    ),
    "POST /api/rooms/{room_id}/read": (
        lambda w: (f"/api/rooms/{w.room}/read", {"number": 1}),
        "chat.room_read",
    ),
    "GET /api/rooms/{room_id}/messages": (lambda w: (f"/api/rooms/{w.room}/messages", None), (404, 200, 200)),
    "POST /api/rooms/{room_id}/messages": (
        lambda w: (f"/api/rooms/{w.room}/messages", {"text": "x"}),
        "chat.message_send",
    ),
    "PATCH /api/messages/{message_id}": (
        lambda w: (f"/api/messages/{w.message}", {"text": "x"}),
        "chat.message_edit",
    ),
    "DELETE /api/messages/{message_id}": (
        lambda w: (f"/api/messages/{w.message}?client_id={client_id()}", None),
        "chat.message_delete",
    ),
    "POST /api/messages/{message_id}/restore": (
        lambda w: (f"/api/messages/{w.deleted}/restore", {}),
        "chat.message_restore",
    ),
    "GET /api/messages/{message_id}/history": (
        lambda w: (f"/api/messages/{w.message}/history", None),
        (404, 200, 200),
    ),
    "PUT /api/rooms/{room_id}/members/{user_id}/role": (
        lambda w: (f"/api/rooms/{w.room}/members/{w.target.pk}/role", {"role": "moderator"}),
        "chat.role_change",
    ),
    "PATCH /api/rooms/{room_id}/rules": (
        lambda w: (f"/api/rooms/{w.room}/rules", {"posting": "owners"}),
        "chat.rules_change",
    ),
    "POST /api/rooms/{room_id}/members/{user_id}/mute": (
        lambda w: (f"/api/rooms/{w.room}/members/{w.target.pk}/mute", {}),
        "chat.member_mute",
    ),
    "POST /api/rooms/{room_id}/members/{user_id}/unmute": (
        lambda w: (f"/api/rooms/{w.room}/members/{w.target.pk}/unmute", {}),
        "chat.member_unmute",
    ),
    "GET /api/rooms/{room_id}/bans": (
        lambda w: (f"/api/rooms/{w.room}/bans", None),
        outcome(404, 403, 200, moderator=200, staff=200),
    ),
    "POST /api/rooms/{room_id}/bans/{user_id}": (
        lambda w: (f"/api/rooms/{w.room}/bans/{w.target.pk}", {}),
        "chat.member_ban",
    ),
    "POST /api/rooms/{room_id}/bans/{user_id}/lift": (
        lambda w: (f"/api/rooms/{w.room}/bans/{w.banned.pk}/lift", {}),
        "chat.ban_lift",
    ),
    "GET /api/rooms/{room_id}/audit": (
        lambda w: (f"/api/rooms/{w.room}/audit", None),
        outcome(404, 403, 200, staff=200),
    ),
    "POST /api/rooms/{room_id}/export": (lambda w: (f"/api/rooms/{w.room}/export", {}), "chat.room_export"),
    "POST /api/reports": (lambda w: ("/api/reports", {"message": w.reported, "why": "spam"}), "chat.report"),
    "GET /api/moderation": (lambda w: ("/api/moderation", None), (200, 200, 200)),
    "GET /api/moderation/reports": (lambda w: ("/api/moderation/reports", None), (200, 200, 200)),
    "GET /api/moderation/reports/{report_id}": (
        lambda w: (f"/api/moderation/reports/{w.report}", None),
        outcome(404, 404, 200, moderator=200, staff=200),
    ),
    "POST /api/moderation/reports/{report_id}/claim": (
        lambda w: (f"/api/moderation/reports/{w.report}/claim", {}),
        "chat.report_claim",
    ),
    "POST /api/moderation/reports/{report_id}/release": (
        lambda w: (f"/api/moderation/reports/{w.report}/release", {}),
        "chat.report_release",
    ),
    "POST /api/moderation/reports/{report_id}/close": (
        lambda w: (f"/api/moderation/reports/{w.report}/close", {"action": "dismiss"}),
        "chat.report_close",
    ),
    "POST /api/moderation/held/{held_id}/release": (
        lambda w: (f"/api/moderation/held/{w.held}/release", {}),
        "chat.held_release",
    ),
    "POST /api/moderation/held/{held_id}/drop": (
        lambda w: (f"/api/moderation/held/{w.held}/drop", {}),
        "chat.held_drop",
    ),
    "GET /api/moderation/audit": (
        lambda w: ("/api/moderation/audit", None),
        outcome(403, 403, 403, staff=200),
    ),
    "POST /api/moderation/people/{user_id}/ban": (
        lambda w: (f"/api/moderation/people/{w.target.pk}/ban", {}),
        "chat.person_ban",
    ),
    "POST /api/moderation/people/{user_id}/lift": (
        lambda w: (f"/api/moderation/people/{w.target.pk}/lift", {}),
        "chat.person_lift_ban",
    ),
    "GET /api/blocks": (lambda w: ("/api/blocks", None), (200, 200, 200)),
    "POST /api/blocks/{user_id}": (lambda w: (f"/api/blocks/{w.target.pk}", {}), (200, 200, 200)),
    "DELETE /api/blocks/{user_id}": (
        lambda w: (f"/api/blocks/{w.target.pk}?client_id={client_id()}", None),
        (200, 200, 200),
    ),
    "POST /api/messages/{message_id}/forward": (
        lambda w: (f"/api/messages/{w.message}/forward", {"room": w.room}),
        "chat.message_forward",
    ),
    "GET /api/threads": (lambda w: ("/api/threads", None), (200, 200, 200)),
    "GET /api/threads/{message_id}": (lambda w: (f"/api/threads/{w.message}", None), (404, 200, 200)),
    "POST /api/threads/{message_id}/follow": (
        lambda w: (f"/api/threads/{w.message}/follow", {}),
        "chat.thread_follow",
    ),
    "POST /api/threads/{message_id}/unfollow": (
        lambda w: (f"/api/threads/{w.message}/unfollow", {}),
        "chat.thread_unfollow",
    ),
    "POST /api/threads/{message_id}/read": (
        lambda w: (f"/api/threads/{w.message}/read", {"number": 1}),
        "chat.thread_read",
    ),
    "GET /api/emoji": (lambda w: ("/api/emoji", None), (200, 200, 200)),
    "GET /api/rooms/{room_id}/hooks": (lambda w: (f"/api/rooms/{w.room}/hooks", None), (404, 403, 200)),
    "POST /api/rooms/{room_id}/hooks": (
        lambda w: (f"/api/rooms/{w.room}/hooks", {"direction": "incoming", "name": "x"}),
        (404, 403, 200),
    ),
    "GET /api/hooks/{hook_id}/secrets": (lambda w: (f"/api/hooks/{w.hook}/secrets", None), (404, 403, 200)),
    "POST /api/hooks/{hook_id}/renew": (lambda w: (f"/api/hooks/{w.hook}/renew", {}), (404, 403, 200)),
    "DELETE /api/hooks/{hook_id}": (
        lambda w: (f"/api/hooks/{w.hook}?client_id={client_id()}", None),
        (404, 403, 200),
    ),
    "GET /api/slash-commands": (lambda w: ("/api/slash-commands", None), (200, 200, 200)),
    "POST /api/rooms/{room_id}/slash": (
        lambda w: (f"/api/rooms/{w.room}/slash", {"text": "/help"}),
        (404, 200, 200),
    ),
    "GET /api/status": (lambda w: ("/api/status", None), (200, 200, 200)),
    "PUT /api/status": (lambda w: ("/api/status", {"emoji": "", "text": "x"}), (200, 200, 200)),
    "PUT /api/status/availability": (
        lambda w: ("/api/status/availability", {"availability": "dnd"}),
        (200, 200, 200),
    ),
    "PUT /api/status/receipts": (lambda w: ("/api/status/receipts", {"shown": False}), (200, 200, 200)),
    "GET /api/statuses": (lambda w: (f"/api/statuses?room={w.room}", None), (404, 200, 200)),
    "GET /api/rooms/{room_id}/receipts": (lambda w: (f"/api/rooms/{w.room}/receipts", None), (404, 200, 200)),
    "GET /api/messages/{message_id}/readers": (
        lambda w: (f"/api/messages/{w.message}/readers", None),
        (404, 200, 200),
    ),
    "GET /api/devices": (lambda w: ("/api/devices", None), (200, 200, 200)),
    "DELETE /api/devices/{device_id}": (lambda w: ("/api/devices/999999", None), (404, 404, 404)),
    "POST /api/account/export": (lambda w: ("/api/account/export", {}), (200, 200, 200)),
    "POST /api/account/deactivate": (
        lambda w: ("/api/account/deactivate", {"password": "x"}),
        (403, 403, 403),
    ),
    "POST /api/account/erase": (lambda w: ("/api/account/erase", {"password": "x"}), (403, 403, 403)),
    "GET /api/users": (lambda w: ("/api/users", None), (200, 200, 200)),
    "POST /api/auth/password": (
        lambda w: ("/api/auth/password", {"old_password": "x", "new_password": "y"}),
        (403, 403, 403),
    ),
    "GET /api/inbox": (lambda w: ("/api/inbox", None), (200, 200, 200)),
    "POST /api/inbox/read": (lambda w: ("/api/inbox/read", {"items": []}), (200, 200, 200)),
    "POST /api/inbox/read_all": (lambda w: ("/api/inbox/read_all", {}), (200, 200, 200)),
    "POST /api/inbox/mark": (lambda w: ("/api/inbox/mark", {"items": [], "mark": "seen"}), (200, 200, 200)),
    "POST /api/inbox/snooze": (
        lambda w: ("/api/inbox/snooze", {"items": [], "until": w.until.isoformat()}),
        (200, 200, 200),
    ),
    "GET /api/push": (lambda w: ("/api/push", None), (200, 200, 200)),
    "POST /api/push/devices": (lambda w: ("/api/push/devices", {"endpoint": "x"}), (400, 400, 400)),
    "DELETE /api/push/devices/{device_id}": (lambda w: ("/api/push/devices/999999", None), (404, 404, 404)),
    "GET /api/deliveries": (lambda w: ("/api/deliveries", None), (200, 200, 200)),
    "GET /api/preferences": (lambda w: ("/api/preferences", None), (200, 200, 200)),
    "POST /api/preferences/choose": (
        lambda w: (
            "/api/preferences/choose",
            {"category": "mentions", "channel": "in_app", "frequency": "instant"},
        ),
        (200, 200, 200),
    ),
    "POST /api/preferences/hours": (
        lambda w: (
            "/api/preferences/hours",
            {"time_zone": "", "language": "", "quiet_hours": None, "working_days": [1, 2, 3, 4, 5]},
        ),
        (200, 200, 200),
    ),
    "POST /api/preferences/mute": (lambda w: ("/api/preferences/mute", {"until": None}), (200, 200, 200)),
    "POST /api/preferences/scope": (
        lambda w: (
            "/api/preferences/scope",
            {"scope": f"room:{w.room}", "follow": "mentions", "muted_until": None},
        ),
        (200, 200, 200),
    ),
    "GET /api/reminders": (lambda w: ("/api/reminders", None), (200, 200, 200)),
    "POST /api/reminders": (
        lambda w: ("/api/reminders", {"about": f"message:{w.message}", "at": w.until.isoformat()}),
        "notifications.remind",
    ),
    "POST /api/reminders/{reminder_id}/cancel": (
        lambda w: ("/api/reminders/999999/cancel", {}),
        (404, 404, 404),
    ),
    "GET /api/jobs": (lambda w: ("/api/jobs", None), (200, 200, 200)),
    "GET /api/jobs/{job_id}": (lambda w: (f"/api/jobs/{w.job}", None), (404, 404, 200)),
    "GET /api/jobs/{job_id}/file": (lambda w: (f"/api/jobs/{w.job}/file", None), (404, 404, 404)),
    "POST /api/jobs/{job_id}/cancel": (lambda w: (f"/api/jobs/{w.job}/cancel", {}), "jobs.cancel"),
    "POST /api/jobs/{job_id}/remove": (lambda w: (f"/api/jobs/{w.job}/remove", {}), "jobs.remove"),
    "GET /api/rooms/public/browse": (lambda w: ("/api/rooms/public/browse", None), (200, 200, 200)),
    "POST /api/rooms/{room_id}/archive": (
        lambda w: (f"/api/rooms/{w.room}/archive", {"archived": True}),
        (404, 403, 200),
    ),
    "POST /api/rooms/{room_id}/favourite": (
        lambda w: (f"/api/rooms/{w.room}/favourite", {"favourite": True}),
        (404, 200, 200),
    ),
    "POST /api/favourites": (lambda w: ("/api/favourites", {"rooms": []}), (200, 200, 200)),
    "GET /api/rooms/{room_id}/invitations": (
        lambda w: (f"/api/rooms/{w.room}/invitations", None),
        (404, 403, 200),
    ),
    "POST /api/rooms/{room_id}/invitations": (
        lambda w: (f"/api/rooms/{w.room}/invitations", {}),
        (404, 403, 200),
    ),
    "POST /api/invitations/{invitation_id}/revoke": (
        lambda w: (f"/api/invitations/{w.link.invitation.id}/revoke", {}),
        (404, 403, 200),
    ),
    "POST /api/invitations/look": (
        lambda w: ("/api/invitations/look", {"token": w.link.token}),
        (200, 200, 200),
    ),
    "POST /api/invitations/accept": (
        lambda w: ("/api/invitations/accept", {"token": w.link.token}),
        "chat.invitation_accept",
    ),
    "GET /api/keywords": (lambda w: ("/api/keywords", None), (200, 200, 200)),
    "POST /api/keywords": (lambda w: ("/api/keywords", {"words": ["tea"]}), (200, 200, 200)),
    "GET /api/groups": (lambda w: ("/api/groups", None), (200, 200, 200)),
    "GET /api/groups/rights": (lambda w: ("/api/groups/rights", None), (200, 200, 200)),
    "GET /api/groups/{group_id}": (lambda w: (f"/api/groups/{w.group}", None), (200, 200, 200)),
    "POST /api/groups": (
        lambda w: ("/api/groups", {"name": "others", "members": []}),
        (403, 403, 403),
    ),
    "PUT /api/groups/{group_id}": (
        lambda w: (f"/api/groups/{w.group}", {"name": "others", "members": []}),
        (403, 403, 403),
    ),
    "POST /api/groups/{group_id}/remove": (
        lambda w: (f"/api/groups/{w.group}/remove", {}),
        (403, 403, 403),
    ),
    "GET /api/search": (lambda w: ("/api/search?q=hi", None), (200, 200, 200)),
    "GET /api/search/operators": (lambda w: ("/api/search/operators", None), (200, 200, 200)),
    "POST /api/files": (lambda w: ("/api/files", {"file": b"hello"}), (200, 200, 200)),
    "GET /api/files/limits": (lambda w: ("/api/files/limits", None), (200, 200, 200)),
    "PATCH /api/files/{file_id}": (lambda w: (f"/api/files/{w.file.id}", {"alt": "x"}), "chat.file_describe"),
    "DELETE /api/files/{file_id}": (
        lambda w: (f"/api/files/{w.unsent.id}?client_id={client_id()}", None),
        outcome(404, 200, 404, guest=404, muted=404, moderator=404),
    ),
    "POST /api/messages/{message_id}/previews/remove": (
        lambda w: (f"/api/messages/{w.linking}/previews/remove", {"url": URL}),
        "chat.preview_remove",
    ),
    "POST /api/rooms/{room_id}/previews": (
        lambda w: (f"/api/rooms/{w.room}/previews", {"on": False}),
        (404, 403, 200),
    ),
    **marks_access.ROUTES,
}

# Routes for people who are not logged in.
OPEN = {
    "POST /api/hooks/{hook_id}",  # by the webhook's own secret
    "GET /api/session",
    "POST /api/auth/signup",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/token",
    "POST /api/auth/token/refresh",
    "POST /api/auth/token/revoke",
}

# Kind of stream -> [(a stream of that kind, who may follow it)].
STREAMS: dict[str, list[tuple[Callable[[World], str], Outcome | tuple[bool, bool, bool]]]] = {
    "room": [
        (lambda w: f"room:{w.room}", (False, True, True)),
        (lambda w: f"room:{w.direct}", {**outcome(False, False, True), "member": True}),
    ],
    "user": [(lambda w: f"user:{w.owner.pk}", (False, False, True))],
    "audience": [
        (lambda w: "audience:all", (True, True, True)),
        (lambda w: "audience:group:1", (False,) * 3),
    ],
    "broadcast": [(lambda w: "broadcast:1", (False, False, False))],
    "model": [(lambda w: "model:chat.message", (False, False, False))],
    "moderation": [
        (lambda w: f"moderation:{w.room}", outcome(False, False, True, moderator=True)),
        (lambda w: "moderation:all", outcome(False, False, False, staff=True)),
    ],
}

# URLs beside the API and the admin -> the status for nobody, for a member, and for staff.
URLS: dict[str, tuple[int, int, int]] = {
    "healthz": (200, 200, 200),
    "readyz": (200, 200, 200),
    "metrics": (200, 200, 200),  # the proxy keeps it from the world: docs/operations.md
    "staff-only": (401, 403, 204),
    "favicon.ico": (302, 302, 302),
    "unsubscribe/<str:token>": (404, 404, 404),
    "": (200, 200, 200),
    r"^(?:rooms|inbox|login|signup|settings)(?:/.*)?$": (200, 200, 200),
}
# Answered by the event loop alone; who may enter is asked like at a socket: test_gateway_sse.
NOT_ASKED_HERE = {"sse"}
# Who sees which of them: test_files_http.
FILES = {
    r"^files/(?P<key>[0-9a-f]{32})/(?P<name>[^/]+)$": f"/files/{'0' * 32}/a.txt",
    r"^previews/(?P<key>[0-9a-f]{32})\.webp$": f"/previews/{'0' * 32}.webp",
}
URLS |= dict.fromkeys(FILES, (401, 404, 404))
PAGE = {"", r"^(?:rooms|inbox|login|signup|settings)(?:/.*)?$"}


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all of these tests: making it takes longer than most of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """As it was made: what a test does is taken back."""
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


def expected(row: Outcome | tuple[Any, Any, Any]) -> Outcome:
    return outcome(*row) if isinstance(row, tuple) else row


def expected_statuses(row: str | Outcome | tuple[Any, Any, Any]) -> Outcome:
    if not isinstance(row, str):
        return expected(row)
    codes = expected(COMMANDS[row][1])
    return {
        role: STATUSES.get(code.rpartition("not_found")[1] or code, FORBIDDEN) for role, code in codes.items()
    }


def call(name: str, user: User, args: Mapping[str, Any]) -> None:
    """Runs a command as the gateway would. Raises its error."""
    known = registry.command(name)
    context = Context(user_id=user.pk, user=user, session="s")
    decoded = msgspec.convert({"client_id": client_id()} | dict(args), known.args)
    answer = known.handler([Call(context, decoded)])[0] if known.batched else known.handler(context, decoded)
    if isinstance(answer, RealtimeError):
        raise answer


def code_of(name: str, user: User, args: Mapping[str, Any]) -> str:
    """The error's code, or "ok"."""
    try:
        with transaction.atomic():
            call(name, user, args)
    except RealtimeError as error:
        return error.wire_code
    return "ok"


def request(client: Client, route: str, path: str, body: dict[str, Any] | None, **headers: str) -> Any:
    method = route.split()[0]
    if body is not None and "file" in body:
        form = {"client_id": client_id(), "file": SimpleUploadedFile("a.txt", body["file"])}
        return client.post(path, form, headers=headers)
    payload = "" if body is None else json.dumps({"client_id": client_id()} | body)
    return client.generic(method, path, payload, content_type="application/json", headers=headers)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def for_each_role(attempt: Callable[[str], Any]) -> dict[str, Any]:
    """What each role gets of the same world: what one did is taken back before the next one tries."""
    got = {}
    for role in ROLES:
        with transaction.atomic():
            got[role] = attempt(role)
            transaction.set_rollback(True)
    return got


# ---- commands


def test_every_command_has_a_row() -> None:
    assert set(COMMANDS) == {name for name in registry.commands if not name.startswith("testing.")}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_answers_each_role_as_the_table_says(name: str, world: World) -> None:
    args, row = COMMANDS[name]
    assert for_each_role(lambda role: code_of(name, world.user(role), args(world))) == expected(row)


@pytest.mark.parametrize(
    "name", [name for name, (_, row) in COMMANDS.items() if expected(row)["stranger"].endswith("not_found")]
)
def test_not_there_and_not_yours_are_the_same_answer(name: str, world: World) -> None:
    """B49."""
    args = COMMANDS[name][0](world)
    absent = args | {
        key: 999_999 for key in ("room", "message", "thread", "file", "report", "held", "job") if key in args
    }
    if "about" in args:
        absent = args | {"about": "message:999999"}
    errors = []
    for given in (args, absent):
        with pytest.raises(RealtimeError) as caught:
            call(name, world.outsider, given)
        errors.append(caught.value.as_dict())
    assert errors[0] == errors[1]


# ---- the API


def api_routes() -> set[str]:
    """As the API's own document lists them."""
    paths = api.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}


def test_every_route_has_a_row() -> None:
    assert set(ROUTES) | OPEN == api_routes()


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_each_role_as_the_table_says(route: str, world: World) -> None:
    target, row = ROUTES[route]
    got = for_each_role(lambda role: request(logged_in(world.user(role)), route, *target(world)).status_code)
    assert got == expected_statuses(row)


@pytest.mark.parametrize("route", ROUTES)
def test_a_closed_route_knows_nobody_who_is_not_logged_in_switched_off_or_banned_from_everything(
    route: str, world: World
) -> None:
    target = ROUTES[route][0]
    answers = {}
    off, banned = logged_in(world.owner), logged_in(world.target)
    tokens = {name: token_issue(getattr(world, name), device_name="x").access for name in ("owner", "target")}
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    user_ban(world.target, until=FOREVER, reason="")
    for who, client, token in (
        ("anonymous", Client(), None),
        ("deactivated", off, None),
        ("banned", banned, None),
        ("deactivated by token", Client(), tokens["owner"]),
        ("banned by token", Client(), tokens["target"]),
    ):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = request(client, route, *target(world), **headers)
        answers[who] = (answer.status_code, answer.json()["code"])
    assert answers == {
        "anonymous": (401, "auth_required"),
        "deactivated": (401, "auth_required"),
        "banned": (401, "auth_required"),
        "deactivated by token": (401, "account_disabled"),
        # Its log-in ended with the ban.
        "banned by token": (403, "banned"),
    }


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
def test_every_route_that_writes_refuses_a_session_without_the_csrf_token(route: str, world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    answer = request(client, route, *ROUTES[route][0](world))
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


# ---- sockets


def test_every_kind_of_stream_has_a_row() -> None:
    assert set(STREAMS) == {name for name in registry.kinds if not name.startswith("testing")}


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_is_followed_by_whom_the_table_says(kind: str, world: World) -> None:
    for stream_of, row in STREAMS[kind]:
        stream = stream_of(world)
        got = for_each_role(
            lambda role, stream=stream: stream in readable_streams(world.user(role), [stream])
        )
        assert got == expected(row), stream


def test_no_socket_opens_for_who_is_switched_off_or_banned_from_everything(world: World) -> None:
    """And without a hello no command is taken and no stream followed: tests/integration/test_bad_inputs.py, B16."""
    tokens = {role: token_issue(world.user(role), device_name="x").access for role in ("owner", "member")}
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    user_ban(world.member, until=FOREVER, reason="enough")
    codes = {}
    for role, token in tokens.items():
        with pytest.raises(RealtimeError) as caught:
            authenticate(Credentials(token=token), None)
        codes[role] = (caught.value.wire_code, caught.value.close_code)
    assert codes == {"owner": ("account_disabled", 4503), "member": ("banned", 4503)}


# ---- all other URLs


def leaves(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every URL of the project: its first part, and its whole pattern."""
    for pattern in resolver.url_patterns:
        whole = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield (prefix or whole), whole
        else:
            yield from leaves(pattern, whole)


def urls_of(prefix: str) -> list[str]:
    return sorted({whole for _, whole in leaves(get_resolver()) if whole.startswith(prefix)})


def others() -> set[str]:
    return {whole for _, whole in leaves(get_resolver()) if not whole.startswith(("admin/", "api/"))}


def test_every_url_has_a_row() -> None:
    assert set(URLS) | NOT_ASKED_HERE == others()


def address_of(pattern: str) -> str:
    if pattern in FILES:
        return FILES[pattern]
    if pattern in PAGE:
        return "/" if not pattern else "/rooms/1"
    return "/" + re.sub(r"<[^>]+>", "1", pattern)


@pytest.mark.parametrize("pattern", URLS)
def test_a_url_answers_as_the_table_says(pattern: str, world: World) -> None:
    clients = (Client(), logged_in(world.member), logged_in(world.staff))
    got = tuple(client.get(address_of(pattern)).status_code for client in clients)
    assert got == URLS[pattern]


def test_every_page_of_the_admin_is_closed_to_everybody_but_staff(world: World) -> None:
    clients = {"anonymous": Client(), "member": logged_in(world.owner)}
    open_to = {"admin/login/", "admin/logout/"}
    patterns = [
        one for one in urls_of("admin/") if one not in open_to and "^" not in one and "(?P" not in one
    ]
    assert len(patterns) > 50
    let_in = []
    for pattern in patterns:
        address = "/" + re.sub(r"<[^>]+>", "1", pattern)
        for who, client in clients.items():
            answer = client.get(address)
            if answer.status_code != 302 or not answer["Location"].startswith("/admin/login/"):
                let_in.append((who, address, answer.status_code))
    assert let_in == []


def test_staff_without_permissions_see_no_table_of_the_admin(world: World) -> None:
    world.staff.user_permissions.clear()
    assert not Permission.objects.filter(user=world.staff).exists()
    client = logged_in(world.staff)
    lists = [one for one in urls_of("admin/") if re.fullmatch(r"admin/\w+/\w+/", one)]
    assert len(lists) > 10
    seen = {one: client.get("/" + one).status_code for one in lists}
    allowed = {"admin/password_change/done/"}
    assert {one for one, status in seen.items() if status == 200} <= allowed
