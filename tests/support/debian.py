"""What some tests need of the machine, from the package manager where that is Debian's and we may."""

import os
import shutil
import subprocess


def install(*packages: str) -> bool:
    """Whether they are installed now. Nothing is asked; a machine of another kind, or another user, is left alone."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    )
    return all(
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0
        for command in commands
    )
