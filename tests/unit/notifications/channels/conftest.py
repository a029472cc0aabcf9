"""Peers on loopback, in the place of the services that channels talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.channels.web_push import new_private_key
from tests.support.http_peer import HttpPeer
from tests.support.mail_server import MailServer, running_mail_server
from tests.support.push_service import PushService, running_push_service


@pytest.fixture
def loopback(settings: Settings) -> None:
    """Lets requests reach this machine, which they may not by default."""
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]


@pytest.fixture
def peer() -> Iterator[HttpPeer]:
    peer = HttpPeer()
    with peer.running():
        yield peer


@pytest.fixture
def push_service(settings: Settings, loopback: None) -> Iterator[PushService]:
    settings.WEB_PUSH = {"private_key": new_private_key(), "contact": "mailto:ops@carillon.example"}
    with running_push_service() as service:
        yield service


@pytest.fixture(scope="session")
def shared_mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def mail_server(settings: Settings, shared_mail_server: MailServer) -> MailServer:
    """Django sends through it; it has taken nothing yet."""
    shared_mail_server.taken.clear()
    shared_mail_server.recipients.clear()
    shared_mail_server.refusals.clear()
    for name, value in shared_mail_server.settings.items():
        setattr(settings, name, value)
    settings.DEFAULT_FROM_EMAIL = "Carillon <bells@carillon.example>"
    settings.SITE_URL = "https://carillon.example"
    return shared_mail_server
