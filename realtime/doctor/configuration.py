"""Django's own checks, and the files with secrets."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks

from realtime.doctor.registry import Finding, Site, doubtful, examine, fine, wrong

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
EXPIRES_SOON = timedelta(days=30)


@examine("settings")
def configuration(site: Site) -> Iterator[Finding]:
    local = set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=not local)
        if not message.is_silenced()
    ]
    for message in found:
        report = wrong if message.level >= checks.ERROR else doubtful
        text, _, advice = message.msg.partition("\n")
        yield report(
            f"{message.id}: {text}", message.hint or advice or "`manage.py check --deploy` says more."
        )
    if not found:
        said = "; it serves this machine only" if local else ", those for deployment too"
        yield fine(f"Django's checks pass{said}.")
    yield from _secrets()


def _secrets() -> Iterator[Finding]:
    messages = settings.TASK_MESSAGES
    kept = [
        path
        for path in (settings.VAR_DIR / "secret_key", Path(messages.key or "/nonexistent"))
        if path.is_file()
    ]
    for path in kept:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield wrong(f"Others on this machine can read {path}.", f"`chmod 600 {path}`.")
    if messages.signed and not (left := _certificate_left(messages.certificate)) > EXPIRES_SOON:
        yield doubtful(
            f"The certificate that signs task messages ends in {left.days} days.",
            "`manage.py task_keys FOLDER` makes a new pair; keep both in the store for a while.",
        )


def _certificate_left(path: str) -> timedelta:
    # Only where it is used: loading the cryptography takes a tenth of a second.
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(Path(path).read_bytes()).not_valid_after_utc - datetime.now(UTC)
