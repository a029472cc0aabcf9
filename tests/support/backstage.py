"""A process of the installation that tests steer: it runs Python against the database and publishes, as a worker does.

Run as a program it reads one JSON line `{"code", "values"}` after another, executes the code with the values as
variables, and answers with what the code left in `result`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[2]


class Backstage:
    """The steering side. Threads may call it; it does one call after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._calling = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.backstage"],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=BASE,
            text=True,
            start_new_session=True,
        )

    def run(self, code: str, **values: Any) -> Any:
        """Runs `code` there; what it left in `result`. Fails with the traceback where it raised."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._calling:
            self._process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def stop(self) -> None:
        self._process.communicate(timeout=10)


def _serve() -> None:
    import django
    from django.db import connection

    django.setup()
    for line in sys.stdin:
        if connection.connection is not None and not connection.is_usable():  # a test restarted the database
            connection.close()
            if connection.vendor == "postgresql":
                connection.close_pool()
        request = json.loads(line)
        names = dict(request["values"])
        try:
            exec(request["code"], names)
            answer = {"result": names.get("result")}
        except Exception:  # told to the test, which fails with it
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
