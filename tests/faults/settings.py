"""The project's settings with smaller numbers, so that faults are seen and healed within a test's time."""

from realtime.settings import *  # noqa: F403
from realtime.settings import INSTALLED_APPS, REALTIME

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.instruments.Instruments", "tests.faults.sabotage.Sabotage"]

NOTIFICATIONS = {
    "chunk_recipients": 20,
    "lease_s": 3.0,
    "progress_interval_s": 0.0,
    "delivery_chunk": 20,
    "delivery_lease_s": 3.0,
}
REALTIME = {**REALTIME, "JOB_LEASE_S": 3.0}
# Many people are made, and nobody guesses their passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
