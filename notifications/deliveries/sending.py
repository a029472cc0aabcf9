"""Sends what is due: taken from the table in chunks, by any number of workers, each delivery by one of them.

    waiting --claim--> (due again at the end of the lease) --asked again--> sent | suppressed | waiting | failed

A claim moves `due_at` to the end of its lease, so that what a dead worker held falls due by itself. Before each message
goes out the lease is taken anew and the attempt is counted; after it, what the channel answered is written down. So a
message goes out once, unless a worker dies between the other side's yes and our commit: then it goes again, under the
same id. No transaction is open while a channel is at work.
"""

from __future__ import annotations

import logging
import math
import random
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from notifications.channels import Address, Channel, Message, Outcome, Refused, Retry, Sent, known_channel
from notifications.conf import numbers
from notifications.deliveries.decide import limits_of, subject_of
from notifications.deliveries.message import message_for
from notifications.deliveries.rules import IN_APP, Facts, State, Verdict, Why, decide
from notifications.deliveries.seen import seen_by
from notifications.errors import UnknownNotificationType
from notifications.models import UNSENT, Delivery, InboxState
from notifications.placing import lock_inboxes
from notifications.preferences.person import Person
from notifications.preferences.selectors import people_for
from notifications.stop import sending_stopped, while_stopped
from notifications.types import NotificationType, known_type
from realtime import failpoint

logger = logging.getLogger(__name__)

MAX_ERROR_CHARS = 300
MAX_REFERENCE_CHARS = 200


def due_channels() -> list[str]:
    """The channels over which something is due. One query over what is due."""
    due = Delivery.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
    return sorted(due.values_list("channel", flat=True).distinct().order_by())


def send_due(channel: str) -> None:
    """Sends what is due over a channel, chunk by chunk, until nothing is or the task has had its time."""
    end_s = time.monotonic() + numbers().delivery_run_s
    while time.monotonic() < end_s and (chunk := claim_due(channel)):
        send_chunk(chunk, end_s=end_s)


@transaction.atomic
def claim_due(channel: str) -> list[Delivery]:
    """The next deliveries, which nobody else gets until their lease has run out; fewer where many are in hand, and none
    while all sending is stopped.
    """
    if sending_stopped():
        return []
    now, limits = timezone.now(), numbers()
    waiting = Delivery.objects.filter(state=State.WAITING, channel=channel)
    in_hand = waiting.filter(claim__isnull=False, due_at__gt=now).count()
    wanted = max(0, min(limits.delivery_chunk, limits.deliveries_in_hand - in_hand))
    due = waiting.filter(due_at__lte=now).order_by("due_at", "pk")
    rows = due.select_for_update(skip_locked=True, of=("self",))
    found = list(rows.values_list("pk", flat=True)[:wanted])
    if not found:
        return []
    claim = uuid.uuid4()
    lease = now + timedelta(seconds=limits.delivery_lease_s)
    Delivery.objects.filter(pk__in=found).update(claim=claim, due_at=lease)
    mine = Delivery.objects.filter(pk__in=found, claim=claim).select_related("notice", "recipient")
    return list(mine.order_by("pk"))


def send_chunk(chunk: Sequence[Delivery], *, end_s: float = math.inf) -> None:
    """Asks the rules again about each of them, and sends what is still to be sent; from `end_s` on, gives them back."""
    for group in _groups(chunk):
        for delivery in group.deliveries:
            if time.monotonic() < end_s:
                group.send(delivery)
            else:
                _give_back(delivery)


def recheck(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Of deliveries in a digest, those that still belong into one; of the others it is written down why not."""
    kept = []
    for group in _groups(deliveries):
        for delivery in group.deliveries:
            verdict = group.verdict(delivery)
            if verdict.state is State.DIGEST:
                kept.append(delivery)
            else:
                _write_verdict(delivery, verdict)
    return kept


def _groups(deliveries: Iterable[Delivery]) -> Iterator[_Group]:
    """One after the other, so that what is known of a group's recipients is as new as can be."""
    found: dict[tuple[int, str], list[Delivery]] = {}
    for delivery in deliveries:
        found.setdefault((delivery.notice_id, delivery.channel), []).append(delivery)
    sent = _sent_lately({one.recipient_id for some in found.values() for one in some})
    for (_, channel), some in found.items():
        try:
            declared, offered = known_type(some[0].notice.type), known_channel(channel)
        except UnknownNotificationType:
            declared = offered = None
        if declared is None or offered is None:
            missing = "channel" if declared else "notification type"
            for delivery in some:
                _write(delivery, State.FAILED, Why.FAILED, error=f"No installed app declares its {missing}.")
        else:
            yield _Group.of(some, declared, offered, sent)


@dataclass(frozen=True, slots=True)
class _Group:
    """Deliveries of one notice over one channel, and what is known of their recipients now."""

    deliveries: Sequence[Delivery]
    declared: NotificationType
    channel: Channel
    people: Mapping[int, Person]
    addresses: Mapping[int, Sequence[Address]]
    # In the app, or whatever it tells of.
    seen: Collection[int]
    unread: Mapping[int, int]
    # Messages that each recipient got in the throttle's window; counts on while this worker sends.
    sent: Counter[int]

    @classmethod
    def of(
        cls, deliveries: Sequence[Delivery], declared: NotificationType, channel: Channel, sent: Counter[int]
    ) -> _Group:
        notice = deliveries[0].notice
        user_ids = [one.recipient_id for one in deliveries]
        unread = InboxState.objects.filter(user__in=user_ids).values_list("user_id", "unread")
        concerned = declared.still_concerned(declared.loaded(notice.data), user_ids)
        return cls(
            deliveries,
            declared,
            channel,
            people=people_for(user_ids, category=declared.category, scope=notice.scope),
            addresses=channel.addresses_of(user_ids),
            seen=seen_by(notice, user_ids) | (set(user_ids) - set(concerned)),
            unread=dict(unread),
            sent=sent,
        )

    def verdict(self, delivery: Delivery) -> Verdict:
        user_id, name = delivery.recipient_id, self.channel.name
        # That there is a delivery means that somebody wanted the channel: the sender, or the person.
        subject = subject_of(delivery.notice, self.declared, (*self.declared.channels, name))
        facts = Facts(
            active=delivery.recipient.is_active,
            reachable=bool(self.addresses.get(user_id)),
            seen=user_id in self.seen,
            sent=self.sent[user_id],
        )
        limits = limits_of(numbers())
        return decide(self.people[user_id], subject, name, timezone.now(), facts=facts, limits=limits)

    def send(self, delivery: Delivery) -> None:
        verdict = self.verdict(delivery)
        if verdict.why is not Why.DUE:
            _write_verdict(delivery, verdict)
            return
        settled: list[str] = msgspec.json.decode(delivery.settled, type=list[str])
        message = self._message(delivery)
        outcomes = []
        is_bounded = not self.declared.critical and delivery.sent_at is None
        if is_bounded and not _take_place(delivery):
            _write_verdict(delivery, Verdict(State.SUPPRESSED, Why.THROTTLED))
            return
        delivery.attempts += 1
        for address in self.addresses[delivery.recipient_id]:
            if address.key in settled:
                continue
            if not _hold(delivery):
                return
            outcome = _attempt(self.channel, address, message)
            failpoint("delivery_sent")
            outcomes.append(outcome)
            if isinstance(outcome, Sent):
                delivery.sent_at = delivery.sent_at or timezone.now()
                delivery.reference = outcome.reference[:MAX_REFERENCE_CHARS]
            if not isinstance(outcome, Retry):
                settled.append(address.key)
                delivery.settled = msgspec.json.encode(settled).decode()
        if any(isinstance(outcome, Sent) for outcome in outcomes):
            self.sent[delivery.recipient_id] += 1
        _conclude(delivery, outcomes)

    def _message(self, delivery: Delivery) -> Message:
        person, unread = self.people[delivery.recipient_id], self.unread.get(delivery.recipient_id, 0)
        collapsed = _collapsed_into(delivery) if delivery.why == Why.STORM else 0
        return message_for(delivery, self.declared, person, unread=unread, collapsed=collapsed)


def _attempt(channel: Channel, address: Address, message: Message) -> Outcome:
    try:
        return channel.send(address, message)
    except Exception:  # a bug of that channel, which is to stop neither the others nor the worker
        logger.exception("The channel %s failed over %s.", channel.name, message.id)
        return Retry("The channel failed; see the worker's log.")


def _conclude(delivery: Delivery, outcomes: Sequence[Outcome]) -> None:
    """What became of a delivery of which each address has been tried, now or before."""
    retries = [outcome for outcome in outcomes if isinstance(outcome, Retry)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    error = next((one.reason for one in [*retries, *refused]), "")
    if retries and delivery.attempts < numbers().delivery_attempts:
        asked_s = max(retry.after_s or 0.0 for retry in retries)
        wait = timedelta(seconds=back_off_s(delivery.attempts, asked_s))
        _write(delivery, State.WAITING, Why.RETRY, until=timezone.now() + wait, error=error)
    elif delivery.sent_at is not None:
        _write(delivery, State.SENT, Why.SENT, error=error)
    elif retries:
        _write(delivery, State.FAILED, Why.FAILED, error=error)
    elif refused:
        _write(delivery, State.FAILED, Why.REFUSED, error=error)
    else:
        _write(delivery, State.SUPPRESSED, Why.NO_DEVICE)


def back_off_s(attempts: int, asked_s: float) -> float:
    """Twice as long each time, somewhere in the second half of it, and not sooner than was asked for."""
    limits = numbers()
    wait_s = min(limits.retry_base_s * 2 ** (attempts - 1), limits.retry_max_s)
    return min(max(random.uniform(wait_s / 2, wait_s), asked_s), limits.retry_max_s)  # noqa: S311


def _hold(delivery: Delivery) -> bool:
    """Takes the lease anew, with what is known by now; False where the delivery is cancelled, or another worker's, or
    all sending is stopped.
    """
    until = timezone.now() + timedelta(seconds=numbers().delivery_lease_s)
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.WAITING)
    mine = mine.filter(~while_stopped())
    return bool(mine.update(due_at=until, **_progress(delivery)))


@transaction.atomic
def _take_place(delivery: Delivery) -> bool:
    """Whether its recipient may have one more message now; then it counts as one from now on.

    The lock of their inbox lets one worker at a time ask: it counts what others have in hand.
    """
    lock_inboxes([delivery.recipient_id])
    now = timezone.now()
    in_hand = Delivery.objects.filter(state=State.WAITING, claim__isnull=False, attempts__gte=1)
    in_hand = in_hand.filter(recipient=delivery.recipient_id, due_at__gt=now).exclude(pk=delivery.pk)
    sent = _sent_lately([delivery.recipient_id])[delivery.recipient_id]
    if sent + in_hand.count() >= numbers().throttle_messages:
        return False
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.WAITING)
    mine.update(attempts=delivery.attempts + 1)
    return True


def _give_back(delivery: Delivery) -> None:
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.WAITING)
    mine.update(claim=None, due_at=timezone.now())


def _write_verdict(delivery: Delivery, verdict: Verdict) -> None:
    if verdict.state is State.SUPPRESSED and delivery.sent_at is not None:
        # One of the addresses has it; the others are not tried any more.
        verdict = Verdict(State.SENT, Why.SENT)
    _write(delivery, verdict.state, verdict.why, until=verdict.until)


def _write(
    delivery: Delivery, state: State, why: Why, *, until: datetime | None = None, error: str = ""
) -> None:
    """What was sent is written down whatever happened meanwhile; all else only where nobody cancelled it."""
    mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim)
    if state is not State.SENT:
        mine = mine.filter(state__in=UNSENT)
    if state is State.WAITING and delivery.why == Why.STORM:
        why = Why.STORM  # it goes on standing for those that it was held for
    mine.update(
        state=state, why=why, due_at=until, claim=None, error=error[:MAX_ERROR_CHARS], **_progress(delivery)
    )


def _progress(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in ("attempts", "settled", "sent_at", "reference")}


def _sent_lately(user_ids: Collection[int]) -> Counter[int]:
    since = timezone.now() - timedelta(seconds=numbers().throttle_window_s)
    sent = Delivery.objects.filter(recipient__in=user_ids, state=State.SENT, sent_at__gt=since)
    sent = sent.exclude(why=Why.DIGEST)
    counted = sent.exclude(channel=IN_APP).values_list("recipient_id").annotate(Count("pk"))
    return Counter(dict(counted.order_by()))


def _collapsed_into(delivery: Delivery) -> int:
    return Delivery.objects.filter(
        recipient=delivery.recipient_id,
        channel=delivery.channel,
        why=Why.COLLAPSED,
        decided_at__gte=delivery.decided_at,
        notice__type=delivery.notice.type,
        notice__group=delivery.notice.group,
    ).count()
