"""A second person's approval, of exactly what they saw: whatever is changed afterwards needs another one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications.broadcasts.audit import record
from notifications.broadcasts.drafts import CHANGED, WROTE, described, locked_draft
from notifications.broadcasts.work import check_ready
from notifications.conf import numbers
from notifications.errors import NothingToApprove, OwnApproval
from notifications.models import Approval, AuditEntry, Broadcast


def fingerprint(broadcast: Broadcast) -> str:
    """The same as long as the broadcast says the same to the same people at the same time."""
    text = json.dumps(described(broadcast), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def approval_needed(people: int) -> bool:
    """Whether a broadcast to so many people needs somebody else's approval."""
    least = numbers().approve_people
    return 0 < least <= people


def valid_approval(broadcast: Broadcast) -> Approval | None:
    """The approval of the broadcast as it is now."""
    granted = broadcast.approvals.filter(granted=True, fingerprint=fingerprint(broadcast))
    return granted.select_related("decided_by").first()


def open_question(broadcast: Broadcast) -> Approval | None:
    """That somebody waits for an approval of the broadcast as it is now."""
    asked = broadcast.approvals.filter(granted=None, fingerprint=fingerprint(broadcast))
    return asked.select_related("asked_by").first()


@transaction.atomic
def approval_ask(broadcast_id: int, *, by: Any) -> Approval:
    """Asks for an approval of the draft as it is now; again is safe. Raises BroadcastNotFound, NotADraft, and
    what `check_ready` raises.
    """
    broadcast = locked_draft(broadcast_id)
    check_ready(broadcast)
    asked = open_question(broadcast)
    if asked is not None:
        return asked
    # A question about what it said before is answered by nobody any more.
    broadcast.approvals.filter(granted=None).update(
        granted=False, decided_at=timezone.now(), note="Changed before anybody decided."
    )
    record(by, gettext_noop("asked for approval"), broadcast)
    return Approval.objects.create(broadcast=broadcast, fingerprint=fingerprint(broadcast), asked_by=by)


@transaction.atomic
def approval_decide(broadcast_id: int, *, by: Any, seen: str, granted: bool, note: str = "") -> Approval:
    """Grants or refuses what was asked for, of what somebody saw: `seen` is its fingerprint.

    Raises BroadcastNotFound, NotADraft, NothingToApprove, OwnApproval. Whoever calls has checked
    `policies.may_approve`.
    """
    broadcast = locked_draft(broadcast_id)
    asked = open_question(broadcast)
    if asked is None or asked.fingerprint != seen:
        raise NothingToApprove
    if by.pk in _authors(broadcast) | {asked.asked_by_id}:
        raise OwnApproval
    asked.granted, asked.decided_by, asked.decided_at, asked.note = granted, by, timezone.now(), note
    asked.save()
    act = gettext_noop("approved it") if granted else gettext_noop("refused to approve it")
    record(by, act, broadcast, note=note)
    return asked


def _authors(broadcast: Broadcast) -> set[int | None]:
    """Who wrote it, and who changed it since."""
    wrote = AuditEntry.objects.filter(broadcast=broadcast, act__in=(WROTE, CHANGED))
    return {broadcast.created_by_id, *wrote.values_list("actor_id", flat=True)}
