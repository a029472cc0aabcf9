"""The Celery application: settings from Django's (prefix `CELERY_`), tasks from each app's `tasks.py`."""

import logging
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")

app = Celery("carillon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class FirstLineOnly(logging.Filter):
    """For beat, which logs two tracebacks for each tick while Redis is away: the first line says it all."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        record.exc_info = record.exc_text = None
        return True
