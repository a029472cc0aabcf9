"""The project's settings on a copy of the built page, served as in production, with the tests' notification types.

Whoever edits or builds while the browser tests run changes nothing under them.
"""

import os
from pathlib import Path

from tests.support.settings import *  # noqa: F403

FRONTEND_DIST = Path(os.environ["E2E_FRONTEND_DIST"])
STATICFILES_DIRS = [FRONTEND_DIST]
SERVESTATIC_ROOT = FRONTEND_DIST / "root"
# Smaller broadcasts need nobody else.
NOTIFICATIONS = {"approve_people": 1_000}
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}
