"""Wakes a worker for jobs. Only ever a hint: beat's next tick finds them anyway."""

import logging

from kombu.exceptions import OperationalError

from realtime import conf

logger = logging.getLogger(__name__)


def nudge() -> None:
    """Ask for a tick at once; without a broker, log and leave it to beat."""
    from realtime.jobs.tasks import tick  # it calls what calls this

    try:
        tick.apply_async(expires=3 * conf.get("JOB_SLICE_S"), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker is away (%s); the next tick will find the job.", error)
