"""Settings and secrets: each broken, and the line that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from realtime.doctor import Finding, Site
from realtime.doctor.configuration import configuration
from realtime.workers.keys import make_pair
from realtime.workers.messages import Messages

SITE = Site("http://localhost:8000", "http://localhost:8000")


def about(words: str, found: list[Finding]) -> Finding:
    (one,) = [finding for finding in found if words in finding.text]
    return one


def test_what_serves_others_is_held_against_the_checks_for_deployment(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    found = about("realtime.W001", list(configuration(SITE)))
    assert (found.level, found.mend) == ("warning", "`manage.py check --deploy` says more.")


def test_an_error_of_a_check_is_wrong(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.TASK_MESSAGES = Messages(serializer="pickle")
    assert about("realtime.E012: Pickle is not switched on", list(configuration(SITE))).level == "wrong"


def test_a_secret_that_others_can_read(settings: Any, tmp_path: Path) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.VAR_DIR = tmp_path
    secret = tmp_path / "secret_key"
    secret.write_text("secret")
    secret.chmod(0o644)
    found = about("can read", list(configuration(SITE)))
    assert (found.level, found.mend) == ("wrong", f"`chmod 600 {secret}`.")
    secret.chmod(0o600)
    assert not [one for one in configuration(SITE) if "can read" in one.text]


def test_a_certificate_that_ends_soon(settings: Any, tmp_path: Path) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    key, certificate = make_pair(tmp_path, name="test", days=10)
    settings.TASK_MESSAGES = Messages(
        key=str(key), certificate=str(certificate), cert_store=str(certificate.parent)
    )
    assert about("ends in 9 days", list(configuration(SITE))).level == "warning"
