"""Log-ins that ended long ago go; everything that is in use, or ended lately, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import services
from accounts.authentication import authenticate_token
from accounts.models import Device
from accounts.tasks import purge
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def ago(days: int) -> object:
    return timezone.now() - timedelta(days=days)


def test_only_what_ended_long_ago_is_removed() -> None:
    user = make_user()
    tokens = {
        name: services.token_issue(user, device_name=name)
        for name in ("in use", "revoked lately", "revoked long ago", "expired long ago")
    }
    Device.objects.filter(name="revoked lately").update(revoked_at=ago(2))
    Device.objects.filter(name="revoked long ago").update(revoked_at=ago(40))
    Device.objects.filter(name="expired long ago").update(expires_at=ago(40))
    assert purge() == 2
    assert set(Device.objects.values_list("name", flat=True)) == {"in use", "revoked lately"}
    assert authenticate_token(tokens["in use"].access).user_id == user.pk


def test_expired_sessions_are_removed() -> None:
    for key, days in (("old", 1), ("new", -1)):
        Session.objects.create(session_key=key, session_data="x", expire_date=ago(days))
    purge()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
