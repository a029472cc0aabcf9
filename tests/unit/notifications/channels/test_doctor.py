"""Whether channels could send now, in a line of the doctor's."""

from __future__ import annotations

import socket

from notifications.channels.web_push import new_private_key
from notifications.doctor import mail, push
from realtime.doctor import Site

SITE = Site("http://localhost:8000", "http://localhost:8000")


def test_a_mail_server_that_answers(mail_server) -> None:
    assert [found.level for found in mail(SITE)] == ["ok"]
    assert mail_server.taken == []


def test_a_mail_server_that_does_not(mail_server, settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
    (found,) = mail(SITE)
    assert found.level == "wrong"
    assert f"127.0.0.1:{settings.EMAIL_PORT}" in found.text
    assert "EMAIL_HOST" in found.mend


def test_a_mail_server_that_takes_no_log_in(mail_server, settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "ada", "secret"
    (found,) = mail(SITE)
    assert found.level == "wrong"
    assert "secret" not in found.text + found.mend


def test_e_mail_that_is_off_is_no_fault(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert [found.level for found in mail(SITE)] == ["ok"]


def test_push_keys(settings) -> None:
    def level(key: str, contact: str = "mailto:ops@carillon.example") -> str:
        settings.WEB_PUSH = {"private_key": key, "contact": contact}
        (found,) = push(SITE)
        return found.level

    assert level("") == level(new_private_key()) == "ok"
    assert level("nonsense") == level(new_private_key(), contact="ops") == "wrong"
    assert "WEB_PUSH_CONTACT" in next(iter(push(SITE))).mend
