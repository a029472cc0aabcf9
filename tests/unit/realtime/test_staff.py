"""Who may pass to the tools beside the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (None, 401),
        ({}, 403),
        ({"is_staff": True}, 204),
        ({"is_superuser": True}, 403),
        ({"is_staff": True, "is_active": False}, 401),
    ],
)
def test_only_staff_may_pass(client: Client, fields: dict[str, Any] | None, status: int) -> None:
    if fields is not None:
        user = User.objects.create(username="ada", password="!")
        client.force_login(user)
        User.objects.filter(pk=user.pk).update(**fields)
    answer = client.get("/staff-only")
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
