"""Places where a test may kill this process: `REALTIME_FAILPOINT=numbered` or `=numbered:5` for the fifth time.

The harshest way to prove that nothing is lost between two steps. Costs one dictionary look-up when not set;
`manage.py check --deploy` refuses a production environment that sets it.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "REALTIME_FAILPOINT"

_name, _, _times = os.environ.get(VARIABLE, "").partition(":")
_left = int(_times or 1)


def reach(name: str) -> None:
    """Kills this process with SIGKILL where the environment names this place and its count has run down."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
