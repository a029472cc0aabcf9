"""The administrators' pages, as tests use them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from notifications.models import Broadcast
from realtime.jobs.running import job_claim_due, job_run
from tests.support.people import make_user

BASE = "/admin/notifications/broadcast/"
ADD = f"{BASE}add/"


def administrator(*permissions: str) -> User:
    """Staff with these permissions on broadcasts, for example "add_broadcast"."""
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def window(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def staff(*permissions: str) -> Client:
    return window(administrator(*permissions))


def filled(**fields: object) -> dict[str, object]:
    """The form, as a person fills it in."""
    return {
        "form_key": str(uuid.uuid4()),
        "seen": "0",
        "title": "Tea",
        "text": "In the **kitchen**.",
        "level": "info",
        "link": "",
        "audience_kind": "everybody",
        "when": "now",
        "time_zone": "UTC",
        **fields,
    }


def page_of(broadcast: Broadcast) -> str:
    return f"{BASE}{broadcast.pk}/change/"


def draft(client: Client, **fields: object) -> Broadcast:
    """The draft that this form makes."""
    answer = client.post(ADD, filled(**fields))
    broadcast: Broadcast = Broadcast.objects.order_by("pk").last()  # type: ignore[assignment]
    assert answer.status_code == 302, answer.content.decode()
    assert answer.url == page_of(broadcast)
    return broadcast


def work_off() -> None:
    """What workers do with the jobs that wait."""
    for job_id in job_claim_due():
        while job_run(job_id):
            pass


def press(client: Client, broadcast: Broadcast, action: str, **fields: Any) -> str:
    """The page after the button was pressed."""
    return client.post(f"{BASE}{broadcast.pk}/{action}/", fields, follow=True).content.decode()
