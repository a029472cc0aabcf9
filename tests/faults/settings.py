"""The project's settings with smaller numbers, so that faults are seen and healed within a test's time.

`FAULTS_REALTIME` (JSON) changes the engine's settings: how a test switches a protection off.
"""

import json
import os

from realtime.settings import *  # noqa: F403
from realtime.settings import REALTIME

NOTIFICATIONS = {"chunk_recipients": 20, "lease_s": 3.0, "progress_interval_s": 0.0}
REALTIME = REALTIME | {"DRAIN_SPREAD_MS": 1_500} | json.loads(os.environ.get("FAULTS_REALTIME", "{}"))
