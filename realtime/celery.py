"""The Celery application: settings from Django's (prefix `CELERY_`), tasks from each app's `tasks.py`."""

import logging
import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")

from realtime.workers import broker, compression
from realtime.workers.binding import BoundAMQP

app = Celery("carillon", amqp=BoundAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
broker.guard()
compression.bound()
if settings.TASK_MESSAGES.signed:
    # Only where it is used: loading the cryptography takes a tenth of a second.
    from realtime.workers import replay, signing

    signing.install(settings.TASK_MESSAGES)
    replay.install()


class FirstLineOnly(logging.Filter):
    """For beat, which logs two tracebacks for each tick while Redis is away: the first line says it all."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        record.exc_info = record.exc_text = None
        return True
