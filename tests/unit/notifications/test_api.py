"""The inbox over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.notices import sent, told
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
        told(ada, title=f"row {number}")
    sent()
    first = client.get("/api/inbox?limit=2").json()
    assert [item["title"] for item in first["items"]] == ["Tea is ready", "row 2"]
    assert (first["has_more"], first["unread"]) == (True, {"own": 3, "shared": 1})
    second = client.get("/api/inbox", {"limit": 2, "before": first["next"]}).json()
    assert [item["title"] for item in second["items"]] == ["row 1", "row 0"]
    assert second["has_more"] is False


def test_read_and_read_all(client, ada):
    (row,) = told(ada)
    sent()
    body = {"items": [f"n{row.pk}"], "client_id": client_id()}
    first = client.post("/api/inbox/read", body, content_type="application/json").json()
    assert first == {"items": [f"n{row.pk}"], "unread": {"own": 0, "shared": 1}}
    assert client.post("/api/inbox/read", body, content_type="application/json").json() == first
    answer = client.post("/api/inbox/read_all", {"client_id": client_id()}, content_type="application/json")
    assert "up_to" in answer.json()
    assert client.get("/api/inbox").json()["unread"] == {"own": 0, "shared": 0}


def test_lines_are_put_away_and_found_again(client, ada):
    first, second = told(ada, title="one")[0], told(ada, title="two")[0]

    def post(path, **body):
        answer = client.post(
            f"/api/inbox/{path}", {"client_id": client_id(), **body}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.json()
        return answer.json()["items"]

    def titles(box):
        return [item["title"] for item in client.get("/api/inbox", {"box": box}).json()["items"]]

    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert post("mark", items=[f"n{first.pk}"], mark="archived") == [f"n{first.pk}"]
    assert post("snooze", items=[f"n{second.pk}"], until=tomorrow) == [f"n{second.pk}"]
    assert [titles(box) for box in ("inbox", "archived", "snoozed")] == [[], ["one"], ["two"]]
    assert post("mark", items=[f"n{first.pk}", f"n{second.pk}"], mark="restored")
    assert [titles(box) for box in ("inbox", "archived", "snoozed")] == [["two", "one"], [], []]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("mark", {"items": [], "mark": "eaten", "client_id": "a"}, "bad_request"),
        ("mark", {"items": ["x"], "mark": "read", "client_id": "a"}, "bad_item"),
        ("snooze", {"items": [], "until": "2020-01-01T00:00:00Z", "client_id": "a"}, "bad_snooze"),
        ("snooze", {"items": [], "until": "9999-01-01T00:00:00Z", "client_id": "a"}, "bad_snooze"),
        ("snooze", {"items": [], "until": "2027-01-01T00:00:00", "client_id": "a"}, "bad_snooze"),
        ("snooze", {"items": [], "until": "soon", "client_id": "a"}, "bad_request"),
    ],
)
def test_what_cannot_be_done_with_a_line_is_refused_with_a_code(client, path, body, code):
    answer = client.post(f"/api/inbox/{path}", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_there_is_no_other_box(client):
    assert client.get("/api/inbox?box=cellar").json()["code"] == "bad_request"


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
