"""A draft goes out: once, to as many as somebody saw, and approved where it has to be. Of two who submit, one does."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications import audiences
from notifications.broadcasts.approval import approval_needed, valid_approval
from notifications.broadcasts.audit import record
from notifications.broadcasts.drafts import locked_draft
from notifications.broadcasts.messages import unsent_notice
from notifications.broadcasts.planning import at_once, begin_plan, bounds
from notifications.broadcasts.progress import progress
from notifications.broadcasts.schedule import check_schedule
from notifications.broadcasts.wording import line_content
from notifications.broadcasts.work import check_ready
from notifications.conf import TITLE_MAX_CHARS, numbers
from notifications.deliveries.decide import decide_chunk
from notifications.deliveries.rules import IN_APP
from notifications.errors import EmptyAudience, NotApproved, WrongNumber
from notifications.models import Broadcast, Notification, Status
from notifications.nudge import nudge
from notifications.placing import add_lines, lock_inboxes
from realtime import publish

TRY_MARK = "[Try]"
SUBMITTED = gettext_noop("submitted it")  # its note is to how many


@transaction.atomic
def draft_submit(broadcast_id: int, *, people: int, by: Any) -> Broadcast:
    """Lets a draft go out, at once or at its time. `people` is how many somebody typed that it reaches; people come
    and go meanwhile, so a little more or less is the same number.

    Raises BroadcastNotFound, NotADraft, EmptyAudience, WrongNumber, NotApproved, what `check_ready` raises
    and, for its time, what `check_schedule` raises. Whoever calls has checked `policies.may_send`.
    """
    broadcast = locked_draft(broadcast_id)
    check_ready(broadcast)
    now = timezone.now()
    total = audiences.count(broadcast.audience())
    if not total:
        raise EmptyAudience
    if needs_typing(total) and abs(total - people) > total * numbers().confirm_drift_percent / 100:
        raise WrongNumber(
            f"It reaches {total:,} people. Look at the number, and type it as it is.", people=total
        )
    if approval_needed(total) and valid_approval(broadcast) is None:
        raise NotApproved
    schedule = broadcast.schedule if broadcast.starts_at else at_once(now)
    if broadcast.starts_at:
        check_schedule(schedule, bounds(), now=now)
    broadcast.schedule, broadcast.status = schedule, Status.SCHEDULED
    begin_plan(broadcast, schedule, now=now, total=total)
    record(by, SUBMITTED, broadcast, note=str(total))
    publish(broadcast.progress_stream, progress(broadcast))
    transaction.on_commit(nudge, robust=True)
    return broadcast


def needs_typing(people: int) -> bool:
    """Whether it reaches so many that whoever sends it types how many."""
    least = numbers().confirm_people
    return 0 < least <= people


@transaction.atomic
def draft_try(broadcast_id: int, *, to: Any) -> None:
    """Sends a draft to the one person who wants to see it, over all of its channels; each time anew.

    Raises BroadcastNotFound, NotADraft.
    """
    broadcast = locked_draft(broadcast_id)
    now = timezone.now()
    content = line_content(broadcast)
    notice, declared = unsent_notice(broadcast, now=now)
    notice.key, notice.recipients = f"broadcast:{broadcast.pk}:try:{uuid.uuid4()}", 1
    notice.save()
    title = f"{TRY_MARK} {content['title']}"[:TITLE_MAX_CHARS]
    line = Notification(recipient=to, notice=notice, **{**content, "title": title}, created_at=now)
    add_lines([line], lock_inboxes([to.pk]))
    outside = [name for name in broadcast.channels if name != IN_APP]
    if outside:
        decide_chunk(notice, declared, [to.pk], outside)
        transaction.on_commit(nudge, robust=True)
    record(to, gettext_noop("sent it to themselves"), broadcast)
