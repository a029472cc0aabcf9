"""Celery tasks of accounts."""

from celery import shared_task

from accounts import services


@shared_task(name="accounts.tasks.purge", ignore_result=True)
def purge() -> int:
    return services.devices_purge()
