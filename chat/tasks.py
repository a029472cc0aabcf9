"""Celery's doors of chat: each task takes ids, may run any number of times, and calls one service."""

from celery import shared_task

from chat.hooks import calling


@shared_task(ignore_result=True)
def call_hook(hook_id: int) -> None:
    """Tells an outgoing webhook of messages. Whoever answers slowly holds up nobody else's."""
    calling.call_hook(hook_id)


def call_hooks() -> bool:
    """Hands each hook that is due to a worker; False: there is nothing more to do here."""
    for hook_id in calling.claim_some():
        call_hook.delay(hook_id)
    return False
