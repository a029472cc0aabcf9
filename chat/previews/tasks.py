"""Celery's door to previews: waits for other people's servers, so it is in the queue for what may take long."""

from celery import shared_task

from chat.previews import services


@shared_task(ignore_result=True)
def preview(message_id: int) -> None:
    """What a message links to; may run any number of times."""
    services.preview_message(message_id)


def hand_out() -> bool:
    """Gives due messages to workers; the next tick gives out more."""
    for message_id in services.claim_due():
        preview.delay(message_id)
    return False
