"""The project's settings with smaller numbers, so that faults are seen and healed within a test's time."""

from realtime.settings import *  # noqa: F403
from realtime.settings import REALTIME

NOTIFICATIONS = {"chunk_recipients": 20, "lease_s": 3.0, "progress_interval_s": 0.0}
REALTIME = {"DRAIN_SPREAD_MS": 1_500} | REALTIME
