"""The inbox over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.services import notification_create
from tests.support.notices import sent
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(db: None):
    return make_user()


@pytest.fixture
def client(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def test_a_page_and_the_one_after_it(client, ada):
    for number in range(3):
        notification_create([ada.pk], title=f"row {number}")
    sent()
    first = client.get("/api/inbox?limit=2").json()
    assert [item["title"] for item in first["items"]] == ["Tea is ready", "row 2"]
    assert (first["has_more"], first["unread"]) == (True, 4)
    second = client.get("/api/inbox", {"limit": 2, "before": first["next"]}).json()
    assert [item["title"] for item in second["items"]] == ["row 1", "row 0"]
    assert second["has_more"] is False


def test_read_and_read_all(client, ada):
    (row,) = notification_create([ada.pk], title="hi")
    sent()
    body = {"items": [f"n{row.pk}"], "client_id": client_id()}
    first = client.post("/api/inbox/read", body, content_type="application/json").json()
    assert first == {"items": [f"n{row.pk}"]}
    assert client.post("/api/inbox/read", body, content_type="application/json").json() == first
    answer = client.post("/api/inbox/read_all", {"client_id": client_id()}, content_type="application/json")
    assert "up_to" in answer.json()
    assert client.get("/api/inbox").json()["unread"] == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "bad_request"),
        ("limit=101", "bad_request"),
        ("limit=x", "bad_request"),
        ("before=x", "bad_page_cursor"),
        ("before=" + "1" * 100, "bad_request"),
    ],
)
def test_a_bad_page_is_refused_with_a_code(client, query, code):
    answer = client.get(f"/api/inbox?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"items": ["x"], "client_id": "a"}, "bad_item"),
        ({"items": [], "client_id": ""}, "bad_client_id"),
        ({"items": "n1", "client_id": "a"}, "bad_request"),
        ({"items": []}, "bad_request"),
        ([], "bad_request"),
    ],
)
def test_a_bad_body_is_refused_with_a_code(client, body, code):
    answer = client.post("/api/inbox/read", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_without_a_session_there_is_no_inbox():
    assert Client().get("/api/inbox").status_code == 401
