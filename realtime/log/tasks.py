"""Celery tasks of the log."""

from celery import shared_task

from realtime.log.retention import trim_old_events


@shared_task(name="realtime.log.tasks.retain", ignore_result=True)  # type: ignore[untyped-decorator]
def retain() -> int:
    return trim_old_events()
