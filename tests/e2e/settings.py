"""The project's settings on a copy of the built page, served as in production.

Whoever edits or builds while the browser tests run changes nothing under them.
"""

import os
from pathlib import Path

from realtime.settings import *  # noqa: F403

FRONTEND_DIST = Path(os.environ["E2E_FRONTEND_DIST"])
STATICFILES_DIRS = [FRONTEND_DIST]
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}
