"""Celery's doors: each task takes ids, may run any number of times, and calls one service."""

import uuid

from celery import shared_task

from notifications.broadcasts import Claim, broadcast_claim_due, broadcast_send


@shared_task
def tick() -> None:
    """Once a second from every beat: claim what is due and hand each claim to a worker.

    A claim whose message is lost on the way is claimed again when its lease has run out.
    """
    for claim in broadcast_claim_due():
        send_broadcast.delay(claim.broadcast_id, str(claim.key))


@shared_task
def send_broadcast(broadcast_id: int, claim: str) -> None:
    """Send under a claim; stops at once when the claim is another's by now."""
    broadcast_send(Claim(broadcast_id, uuid.UUID(claim)))
