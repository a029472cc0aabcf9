"""Accounts as a browser or a phone reaches them: the HTTP API, with CSRF enforced."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Device, User
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db


class Browser:
    """A client that copies the CSRF cookie into the header, as the page does."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.get("/api/session")

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def send(self, method: str, path: str, body: object = None) -> Any:
        token = self.client.cookies["csrftoken"].value
        return self.client.generic(
            method, path, _json(body), content_type="application/json", headers={"X-CSRFToken": token}
        )

    def post(self, path: str, body: object = None) -> Any:
        return self.send("POST", path, body)

    def log_in(self, user: User, password: str = PASSWORD) -> Browser:
        response = self.post("/api/auth/login", {"username": user.username, "password": password})
        assert response.status_code == 200, response.content
        return self


class Phone:
    """A client with a token and no cookies."""

    def __init__(self, user: User, name: str = "Phone") -> None:
        self.client = Client(enforce_csrf_checks=True)
        answer = self.post(
            "/api/auth/token", {"username": user.username, "password": PASSWORD, "device": name}, access=""
        )
        self.tokens = answer.json()

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.tokens['access']}"})

    def post(self, path: str, body: object, *, access: str | None = None) -> Any:
        bearer = self.tokens["access"] if access is None else access
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return self.client.post(path, _json(body), content_type="application/json", headers=headers)


def _json(body: object) -> str:
    import json

    return json.dumps({} if body is None else body)


@pytest.fixture
def ada() -> User:
    return make_user("ada", display_name="Ada")


def test_signing_up_logs_in_and_logging_out_logs_out() -> None:
    browser = Browser()
    assert browser.get("/api/session").json() == {"user": None}
    answer = browser.post(
        "/api/auth/signup", {"username": "New.One", "password": PASSWORD, "display_name": "New\u202e One"}
    )
    assert answer.status_code == 200
    me = answer.json()["user"]
    assert (me["username"], me["display_name"], me["is_staff"]) == ("New.One", "New One", False)
    assert browser.get("/api/session").json()["user"] == me
    assert browser.post("/api/auth/logout").json() == {"user": None}
    assert browser.get("/api/session").json() == {"user": None}
    assert browser.post("/api/auth/logout").status_code == 200


def test_the_session_key_is_new_after_log_in(ada: User) -> None:
    browser = Browser()
    browser.client.session["planted"] = True
    browser.client.session.save()
    before = browser.client.session.session_key
    browser.log_in(ada)
    assert browser.client.session.session_key != before


@pytest.mark.parametrize("path", ["login", "signup", "logout"])
def test_without_the_csrf_token_nothing_about_the_session_changes(ada: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        f"/api/auth/{path}",
        _json({"username": "ada", "password": PASSWORD}),
        content_type="application/json",
    )
    assert answer.status_code == 403
    assert answer.json()["code"] == "csrf_failed"
    assert "sessionid" not in client.cookies


def test_a_session_without_the_csrf_token_cannot_write(ada: User) -> None:
    browser = Browser().log_in(ada)
    answer = browser.client.post(
        "/api/auth/password",
        _json({"old_password": PASSWORD, "new_password": "another one 42"}),
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_twenty_wrong_passwords_end_in_429_with_the_time_to_wait(ada: User) -> None:
    for username in ("ada", "nobody"):
        browser = Browser()
        answers = [
            browser.post("/api/auth/login", {"username": username, "password": "wrong"}) for _ in range(20)
        ]
        assert [one.status_code for one in answers] == [401] * 10 + [429] * 10
        assert len({one.json()["message"] for one in answers[:10]}) == 1
        last = answers[-1]
        assert last.json()["code"] == "too_many_attempts"
        assert 0 < last.json()["data"]["retry_after"] <= 301
        assert 0 < int(last["Retry-After"]) <= 301


@pytest.mark.parametrize(
    "username",
    ["", " a ", "x" * 300, "../x", "<img onerror>", "a\nb", "аdmin", "admin", "a\u202eb", "a\x00", "ADA"],
)
def test_bad_or_taken_names_are_told_so(ada: User, username: str) -> None:
    answer = Browser().post("/api/auth/signup", {"username": username, "password": PASSWORD})
    expected = (409, "name_taken") if username == "ADA" else (400, "bad_name")
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "x" * 10_000, "🎉"])
def test_odd_log_ins_are_wrong_credentials_not_errors(odd: str) -> None:
    browser = Browser()
    for body in ({"username": odd, "password": "x"}, {"username": "ada", "password": odd}):
        assert browser.post("/api/auth/login", body).status_code == 401
        assert browser.post("/api/auth/token", body).status_code == 401


def test_malformed_bodies_are_bad_requests() -> None:
    browser = Browser()
    for body in (None, [], {"username": 1}, {"username": {"$ne": 1}, "password": []}):
        answer = browser.post("/api/auth/login", body)
        assert answer.status_code == 400, answer.content
        assert answer.json()["type"] == "error"


def test_a_password_change_keeps_this_browser_and_ends_the_others(ada: User) -> None:
    here, there, phone = Browser().log_in(ada), Browser().log_in(ada), Phone(ada)
    answer = here.post("/api/auth/password", {"old_password": "wrong", "new_password": "another one 42"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_password")
    answer = here.post("/api/auth/password", {"old_password": PASSWORD, "new_password": "another one 42"})
    assert answer.status_code == 200
    assert here.get("/api/session").json()["user"]["username"] == "ada"
    assert here.get("/api/devices").status_code == 200
    assert there.get("/api/session").json() == {"user": None}
    assert phone.get("/api/devices").status_code == 401


def test_tokens_are_issued_refreshed_and_revoked(ada: User) -> None:
    phone = Phone(ada, "Ada's phone")
    assert phone.tokens["expires_in_s"] == 900
    (device,) = phone.get("/api/devices").json()
    assert device["id"] == phone.tokens["device_id"]
    assert (device["name"], device["kind"], device["current"]) == ("Ada's phone", "token", True)

    renewed = phone.post("/api/auth/token/refresh", {"refresh": phone.tokens["refresh"]}, access="").json()
    assert renewed["refresh"] != phone.tokens["refresh"]
    reused = phone.post("/api/auth/token/refresh", {"refresh": phone.tokens["refresh"]}, access="")
    assert (reused.status_code, reused.json()["code"]) == (401, "auth_invalid")
    phone.tokens = renewed
    assert phone.get("/api/devices").status_code == 401

    other = Phone(ada)
    assert other.post("/api/auth/token/revoke", {"refresh": other.tokens["refresh"]}, access="").json() == {}
    assert other.get("/api/devices").status_code == 401


def test_devices_are_listed_and_revoked(ada: User) -> None:
    browser, phone = Browser().log_in(ada), Phone(ada)
    listed = browser.get("/api/devices").json()
    assert [one["kind"] for one in listed if one["current"]] == ["browser"]
    assert browser.send("DELETE", f"/api/devices/{phone.tokens['device_id']}").status_code == 200
    assert phone.get("/api/devices").status_code == 401
    assert len(browser.get("/api/devices").json()) == 1
    assert browser.send("DELETE", f"/api/devices/{phone.tokens['device_id']}").status_code == 404
    foreign = Phone(make_user()).tokens["device_id"]
    assert browser.send("DELETE", f"/api/devices/{foreign}").status_code == 404


def test_people_are_found_by_either_name(ada: User) -> None:
    make_user("bo", display_name="Bodo Übel")
    make_user("gone", display_name="Bodo Gone", is_active=False)
    browser = Browser().log_in(ada)
    assert [one["username"] for one in browser.get("/api/users?q=BO").json()] == ["bo"]
    assert [one["display_name"] for one in browser.get("/api/users?q=bodo").json()] == ["Bodo Übel"]
    assert browser.get("/api/users?q=%00").status_code == 200
    for number in range(25):
        make_user(f"many{number:02}")
    assert len(browser.get("/api/users?q=many").json()) == 20


class TestAdmin:
    @pytest.fixture
    def admin(self) -> Client:
        client = Client()
        client.force_login(make_user("boss", is_staff=True, is_superuser=True))
        return client

    def form(self, user: User, **changes: object) -> dict[str, object]:
        fields = {
            "username": user.username,
            "display_name": user.display_name,
            "email": "",
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00:00",
            "is_active": "on",
        } | changes
        return {name: value for name, value in fields.items() if value is not None}

    def test_a_deactivated_user_is_logged_out_everywhere(self, admin: Client, ada: User) -> None:
        phone = Phone(ada)
        answer = admin.post(f"/admin/accounts/user/{ada.pk}/change/", self.form(ada, is_active=None))
        assert answer.status_code == 302, answer.content
        assert phone.get("/api/devices").status_code == 401
        assert not Device.objects.filter(user=ada, revoked_at=None).exists()

    def test_a_case_twin_is_a_form_error(self, admin: Client, ada: User) -> None:
        other = make_user("other")
        answer = admin.post(f"/admin/accounts/user/{other.pk}/change/", self.form(other, username="ADA"))
        assert answer.status_code == 200
        assert "exists already" in answer.content.decode()

    def test_a_new_password_from_the_administrator_ends_the_sessions(self, admin: Client, ada: User) -> None:
        phone = Phone(ada)
        answer = admin.post(
            f"/admin/accounts/user/{ada.pk}/password/",
            {"password1": "another one 42", "password2": "another one 42", "usable_password": "true"},
        )
        assert answer.status_code == 302
        assert not Device.objects.filter(user=ada, revoked_at=None).exists()
        assert phone.get("/api/devices").status_code == 401

    def test_a_deleted_user_is_logged_out(self, admin: Client, ada: User) -> None:
        phone = Phone(ada)
        assert admin.post(f"/admin/accounts/user/{ada.pk}/delete/", {"post": "yes"}).status_code == 302
        assert not User.objects.filter(username="ada").exists()
        assert phone.get("/api/devices").status_code == 401

    def test_the_admins_log_in_is_limited_and_makes_a_device(self, ada: User) -> None:
        boss = make_user("chief", is_staff=True)
        for _ in range(10):
            Client().post("/admin/login/", {"username": "chief", "password": "wrong"})
        right = {"username": "chief", "password": PASSWORD}
        refused = Client().post("/admin/login/", right)
        assert "Too many attempts" in refused.content.decode()
        assert Client(REMOTE_ADDR="198.51.100.1").post("/admin/login/", right).status_code == 302
        assert Device.objects.get(user=boss).kind == "browser"

    @pytest.mark.parametrize(
        "page",
        ["accounts/user", "accounts/user/add", "accounts/device", "chat/room", "chat/message", "chat/member"],
    )
    def test_the_pages_open(self, admin: Client, ada: User, page: str) -> None:
        Phone(ada)
        assert admin.get(f"/admin/{page}/").status_code == 200
