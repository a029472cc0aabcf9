"""Celery's doors: each task takes ids, may run any number of times, and calls one service."""

import uuid

from celery import shared_task

from notifications import upkeep
from notifications.broadcasts.sending import Claim, occurrence_claim_due, occurrence_send
from notifications.broadcasts.watching import tell_watchers
from notifications.conf import numbers
from notifications.deliveries import sending
from notifications.digests import sending as digests
from notifications.feeds import calling


@shared_task
def tick() -> None:
    """Once a second from every beat: claim what is due and hand each claim to a worker.

    A claim whose message is lost on the way is claimed again when its lease has run out.
    """
    for claim in occurrence_claim_due():
        send_occurrence.delay(claim.occurrence_id, str(claim.key))
    tell_watchers()
    if upkeep.anything_due():
        keep_up.delay()
    for channel in sending.due_channels():
        # The next tick asks for more: what waited too long for a worker would only be too many.
        send_deliveries.apply_async([channel], expires=5 * numbers().tick_interval_s)
    if digests.anything_due():
        send_digests.delay()
    if calling.anything_due():
        call_feeds.delay()


@shared_task
def send_occurrence(occurrence_id: int, claim: str) -> None:
    """Send under a claim; stops at once when the claim is another's by now."""
    occurrence_send(Claim(occurrence_id, uuid.UUID(claim)))


@shared_task
def send_deliveries(channel: str) -> None:
    """What is due over a channel; any number of these may run at once, and share it."""
    sending.send_due(channel)


@shared_task
def send_digests() -> None:
    """Digests whose window has ended; any number of these may run at once, and share them."""
    digests.send_due()


@shared_task
def keep_up() -> None:
    """Batches of notices, recalls, snoozes and expiries that are due."""
    upkeep.keep_up()


@shared_task
def call_feeds() -> None:
    """Feeds whose window has begun; any number of these may run at once, and share them."""
    calling.call_due()


@shared_task
def retain() -> None:
    """Once an hour: lines and notices older than they are kept."""
    upkeep.retain()
