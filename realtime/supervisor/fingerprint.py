"""Whether the database already has every migration, told from files alone, so that a second start is quick."""

import hashlib
from pathlib import Path

MARK_NAME = "migrated"


def _migrations(base: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(base.glob("*/migrations/*.py")) + sorted(base.glob("realtime/*/migrations/*.py")):
        digest.update(str(path.relative_to(base)).encode())
        digest.update(path.read_bytes())
    # Migrations of Django and of other packages change only with the lock file.
    digest.update((base / "uv.lock").read_bytes())
    return digest.hexdigest()


def is_current(base: Path, var: Path, sqlite_file: Path | None) -> bool:
    """True when `mark()` was called for these migrations and this database file. A server is always asked."""
    if sqlite_file is None or not sqlite_file.is_file():
        return False
    try:
        return (var / MARK_NAME).read_text() == f"{_migrations(base)} {sqlite_file.stat().st_ino}"
    except OSError:
        return False


def mark(base: Path, var: Path, sqlite_file: Path | None) -> None:
    """Remember that the database has these migrations."""
    if sqlite_file is not None and sqlite_file.is_file():
        (var / MARK_NAME).write_text(f"{_migrations(base)} {sqlite_file.stat().st_ino}")
