"""Wakes a worker for due broadcasts. Only ever a hint: beat's next tick finds them anyway."""

import logging

from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from notifications.conf import numbers

logger = logging.getLogger(__name__)

TICK_TASK = "notifications.tasks.tick"
_APPLICATION = "realtime.celery.app"  # by name: the application is put together above this app


def nudge() -> None:
    """Ask for a tick at once; without a broker, log and leave it to beat."""
    application = import_string(_APPLICATION)
    try:
        application.send_task(TICK_TASK, expires=5 * numbers().tick_interval_s, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker is away (%s); the next tick will find the broadcast.", error)
