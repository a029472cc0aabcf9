"""Where the embedded installation keeps its files. Pure paths, shared by the settings and the supervisor."""

import hashlib
import os
import tempfile
from pathlib import Path

# A unix socket's path must fit sockaddr_un: 108 bytes on Linux, 104 on macOS, one of them the closing NUL.
MAX_SOCKET_PATH_BYTES = 100


def var_dir(base: Path) -> Path:
    """The folder that holds all data of this installation: `VAR_DIR`, or `var/` beside manage.py."""
    return Path(os.environ.get("VAR_DIR") or base / "var").absolute()


def redis_socket(var: Path) -> Path:
    """The private redis server's socket: in `var/`, or under a short temporary path when that is too long."""
    inside = var / "redis.sock"
    if len(os.fsencode(inside)) <= MAX_SOCKET_PATH_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"carillon-{os.getuid()}-{digest}" / "redis.sock"
