"""Preferences over HTTP: one's own, read and changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support import notification_types, recorder  # noqa: F401  (register themselves)
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(make_user())
    return client


def post(client: Client, path: str, **body: object):
    answer = client.post(
        f"/api/preferences/{path}", {**body, "client_id": client_id()}, content_type="application/json"
    )
    return answer.status_code, answer.json()


def test_a_page_shows_what_can_be_chosen_and_what_happens_without(client, django_assert_num_queries):
    client.get("/api/preferences")
    with django_assert_num_queries(5):  # two of them for who is asking
        page = client.get("/api/preferences").json()
    category = next(one for one in page["categories"] if one["name"] == "calls")
    defaults = {one["channel"]: one["frequency"] for one in category["defaults"]}
    assert defaults["in_app"] == defaults["recorder"] == "instant"
    assert defaults["letters"] == "off"
    assert category["fixed"] is False
    assert next(one for one in page["categories"] if one["name"] == "alarms")["fixed"] is True
    channels = {one["name"]: one["digests"] for one in page["channels"]}
    assert (channels["in_app"], channels["recorder"], channels["letters"]) == (False, False, True)
    assert page["preferences"]["version"] == 0
    assert page["languages"]["en"]


def test_each_change_answers_with_all_that_is_chosen_then(client):
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    assert post(client, "choose", category="calls", channel="letters", frequency="daily")[0] == 200
    assert post(client, "mute", until=until)[0] == 200
    assert post(client, "scope", scope="room:1", follow="mentions", muted_until=until)[0] == 200
    status, after = post(
        client,
        "hours",
        time_zone="Asia/Kathmandu",
        language="de",
        quiet_hours={"from": "22:00", "until": "07:15"},
        working_days=[1, 2],
    )
    assert status == 200
    assert after == client.get("/api/preferences").json()["preferences"]
    assert after["version"] == 4
    assert after["quiet_hours"] == {"from": "22:00", "until": "07:15"}
    assert after["choices"] == [{"category": "calls", "channel": "letters", "frequency": "daily"}]
    assert after["muted_until"] is not None


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("choose", {"category": "nothing", "channel": "in_app", "frequency": "off"}, "unknown_category"),
        ("mute", {"until": "2020-01-01T00:00:00Z"}, "bad_mute"),
        ("mute", {"until": "2099-01-01T00:00:00"}, "bad_mute"),
        ("mute", {"until": "tomorrow"}, "bad_request"),
        ("scope", {"scope": "room:x", "follow": "all", "muted_until": None}, "bad_scope"),
        (
            "hours",
            {"time_zone": "Mars/Base", "language": "", "quiet_hours": None, "working_days": [1]},
            "unknown_time_zone",
        ),
        (
            "hours",
            {"time_zone": "", "language": "", "quiet_hours": None, "working_days": [1] * 99},
            "bad_request",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(client, path, body, code):
    status, answer = post(client, path, **body)
    assert (status, answer["code"]) == (400, code)


def test_nobody_in_particular_has_no_preferences(db: None):
    assert Client().get("/api/preferences").status_code == 401
    assert post(Client(), "mute", until=None)[0] in {401, 403}
