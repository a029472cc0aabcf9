"""From `notify()` through beat and worker to a mail server and a push service: they get what the decisions say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.testing.stack import Databases, Stack, running_stack
from realtime.testing.waiting import wait_until
from tests.support.backstage import Backstage
from tests.support.mail_server import MailServer, part, running_mail_server
from tests.support.push_service import PRIVATE_KEY, PushService, running_push_service
from tests.support.services import Services

PEOPLE = """
from accounts.models import User
from notifications.channels.devices import device_register
from notifications.notify import notify
from tests.support.deliveries import choose, hours
from tests.support.people import log_in_of, make_user

ada, bo, cy, dee = (make_user(name, email=f"{name}@example.com") for name in ("ada", "bo", "cy", "dee"))
User.objects.filter(username="dee").update(email="")
device_register(ada, login=log_in_of(ada).pk, channel="web_push", endpoint=endpoint, keys=keys, name="Firefox")
hours(ada, language="ar", zone="Asia/Riyadh")
choose(bo, "parcels", "email", "off")
choose(cy, "parcels", "email", "hourly")
notify("testing.parcel", to=[ada.pk, bo.pk, cy.pk, dee.pk], data={"where": "the door"}, key="parcel")
result = None
"""
DECISIONS = """
from notifications.models import Delivery
rows = Delivery.objects.exclude(channel="in_app").order_by("recipient__username", "channel")
result = list(rows.values_list("recipient__username", "channel", "state", "why", "reference"))
"""
WINDOW_ENDS = """
from datetime import timedelta
from django.utils import timezone
from notifications.models import Delivery
result = Delivery.objects.filter(state="digest").update(due_at=timezone.now() - timedelta(seconds=1))
"""
LEASE_ENDS = """
from django.utils import timezone
from notifications.models import Digest
result = Digest.objects.update(due_at=timezone.now())
"""
DIGESTS = """
from notifications.models import Digest
result = list(Digest.objects.values_list("recipient__username", "state", "attempts", "reference"))
"""


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def push_service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def installation(databases: Databases, services: Services, mail_server: MailServer) -> Iterator[Stack]:
    directory = Path(tempfile.mkdtemp(prefix="told-", dir=services.directory))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.support.settings",
        "SITE_URL": "https://carillon.example",
        "WEB_PUSH_PRIVATE_KEY": PRIVATE_KEY,
        "OUTBOUND_ALLOW": "127.0.0.0/8",
        **mail_server.environment,
    }
    with running_stack(directory, database_url=databases.fresh(), environment=environment) as stack:
        yield stack


@pytest.fixture
def backstage(installation: Stack) -> Iterator[Backstage]:
    backstage = Backstage(installation.environment)
    yield backstage
    backstage.stop()


@pytest.mark.timeout(240)
def test_mail_server_and_push_service_get_what_the_decisions_say(
    installation: Stack, backstage: Backstage, mail_server: MailServer, push_service: PushService
) -> None:
    browser = push_service.subscribe("ada")
    backstage.run(PEOPLE, endpoint=browser.endpoint, keys=browser.keys)
    for beat in ("one", "two"):
        installation.start_beat(f"beat-{beat}")
    dying = installation.launch_worker("dying", environment={"REALTIME_FAILPOINT": "digest_composed"})
    wait_until(lambda: mail_server.taken and push_service.received, "both are told", timeout_s=60)

    (mail,) = mail_server.taken
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Your parcel is at the door"
    assert '<html lang="ar" dir="rtl">' in part(mail, "html")
    assert "https://carillon.example/rooms/1" in part(mail, "plain")
    (push,) = push_service.pushes(browser)
    assert (push.payload["title"], push.payload["unread"]) == ("Your parcel is at the door", 1)
    assert push.payload["link"] == "https://carillon.example/rooms/1"
    reference = mail["Message-ID"].strip()

    expected = [
        ["ada", "email", "sent", "sent", reference],
        ["ada", "web_push", "sent", "sent", ""],
        ["bo", "email", "suppressed", "preference", ""],
        ["bo", "web_push", "suppressed", "no_device", ""],
        ["cy", "email", "digest", "digest", ""],
        ["cy", "web_push", "suppressed", "no_device", ""],
        ["dee", "email", "suppressed", "no_device", ""],
        ["dee", "web_push", "suppressed", "no_device", ""],
    ]
    wait_until(lambda: backstage.run(DECISIONS) == expected, "it is written down", timeout_s=60)

    # The window of cy's digest ends; the worker dies right before it sends.
    backstage.run(WINDOW_ENDS)
    wait_until(lambda: dying.log_has("signal 9"), "the worker dies", timeout_s=60)
    installation.kill("dying")
    assert len(mail_server.taken) == 1
    backstage.run(LEASE_ENDS)
    installation.launch_worker("heir")
    wait_until(lambda: len(mail_server.taken) > 1, "the digest arrives", timeout_s=60)

    _, digest = mail_server.taken
    wait_until(lambda: backstage.run(DIGESTS)[0][1] == "sent", "it is written down", timeout_s=60)
    ((person, _, attempts, reference),) = backstage.run(DIGESTS)
    assert (person, digest["To"], reference) == ("cy", "cy@example.com", digest["Message-ID"].strip())
    assert attempts >= 2
    assert digest["Subject"] == "1 notification"
    assert "Your parcel is at the door" in part(digest, "html")
    assert backstage.run(DECISIONS)[4] == ["cy", "email", "sent", "digest", reference]
    assert len(mail_server.taken) == 2
    assert len(push_service.received) == 1
