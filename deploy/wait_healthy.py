"""Waits until every service of the compose file passes its own health check, run inside its container.

Asks no engine for its opinion, so it works where none runs the checks by itself (Podman without systemd).
`COMPOSE_COMMAND` holds the compose command with its options. Status 0 when all are healthy, 1 past the bound.
"""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import yaml

COMPOSE_FILE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
COMPOSE = shlex.split(os.environ.get("COMPOSE_COMMAND", "docker compose"))
TIMEOUT_S = 300.0
POLL_S = 1.0


def health_checks() -> dict[str, list[str]]:
    """Each service's check, as the command line to run in its container."""
    services = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
    tests = {name: service["healthcheck"].get("test") for name, service in services.items()}
    return {name: command_of(test) for name, test in tests.items() if test}


def command_of(test: list[str]) -> list[str]:
    """`["CMD", …]` and `["CMD-SHELL", line]` as a command line; compose writes `$` as `$$`."""
    kind, *words = [word.replace("$$", "$") for word in test]
    return words if kind == "CMD" else ["sh", "-c", *words]


def is_healthy(service: str, command: list[str]) -> bool:
    done = subprocess.run(  # noqa: S603 - the compose file's own command
        [*COMPOSE, "exec", "-T", service, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def main() -> int:
    waiting = health_checks()
    started_at = time.monotonic()
    while waiting:
        for service in [name for name, command in waiting.items() if is_healthy(name, command)]:
            del waiting[service]
            print(f"{service} is healthy after {time.monotonic() - started_at:.0f} s.", flush=True)
        if waiting and time.monotonic() - started_at > TIMEOUT_S:
            print(f"Not healthy within {TIMEOUT_S:.0f} s: {', '.join(waiting)}.", file=sys.stderr)
            return 1
        time.sleep(POLL_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
