from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.test import Client

from accounts import limits, services
from accounts.authentication import authenticate_token
from accounts.errors import (
    BadName,
    BadPassword,
    DeviceNotFound,
    NameTaken,
    TooManyAttempts,
    WrongCredentials,
    WrongPassword,
)
from accounts.models import Device, User
from realtime import AccountDisabled, AuthInvalid
from realtime.log.models import Event
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db

HOME = "192.0.2.1"


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def sign_up(username: str, password: str = PASSWORD, display_name: str = "") -> User:
    return services.user_sign_up(
        username=username, password=password, display_name=display_name, address=HOME
    )


def log_in(username: str, password: str = PASSWORD, address: str = HOME) -> User:
    return services.user_with_password(username=username, password=password, address=address)


def ended() -> list[dict[str, Any]]:
    """What the engine was told to close."""
    rows = Event.objects.filter(name="access.session_ended").order_by("id")
    return [msgspec.json.decode(row.data) for row in rows]


def test_names_are_unique_whatever_their_case(ada: User) -> None:
    with pytest.raises(NameTaken):
        sign_up("ADA")
    assert sign_up("Jo\u0308rg").username == "Jörg"
    with pytest.raises(NameTaken):
        sign_up("JÖRG")
    assert log_in("jörg").username == "Jörg"


@pytest.mark.parametrize("name", ["admin", "Root", "", "<b>", "two words", "x" * 33])
def test_bad_and_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(BadName):
        sign_up(name)


@pytest.mark.parametrize("password", ["", "short", "password", "1234567890", "somebody1", "x" * 300])
def test_bad_passwords_are_refused_with_the_rule(password: str) -> None:
    with pytest.raises(BadPassword) as caught:
        sign_up("somebody1", password)
    assert caught.value.sentence != BadPassword.message


def test_wrong_password_unknown_user_and_deactivated_account_look_the_same(ada: User) -> None:
    make_user("gone", is_active=False)
    answers = []
    for username, password in (("ada", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD), ("ada\x00", "x")):
        with pytest.raises(WrongCredentials) as caught:
            log_in(username, password)
        answers.append(caught.value.as_dict())
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_after_ten_failures_even_the_right_password_waits(ada: User, username: str) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            log_in(username, "wrong")
    with pytest.raises(TooManyAttempts) as caught:
        log_in(username.upper())
    assert caught.value.http_status == 429
    assert 0 < (caught.value.retry_after_ms or 0) <= 300_000
    assert caught.value.sentence == TooManyAttempts.message


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(ada: User) -> None:
    for _ in range(12):
        with pytest.raises((WrongCredentials, TooManyAttempts)):
            log_in("ada", "wrong", address="198.51.100.9")
    assert log_in("ada") == ada


def test_an_address_that_fails_over_many_accounts_is_stopped() -> None:
    for number in range(100):
        limits.count_failure(f"name{number}", HOME)
    with pytest.raises(TooManyAttempts):
        limits.refuse_when_exhausted("fresh", HOME)


def test_failures_are_counted_while_redis_is_away() -> None:
    counter = limits.Counter("unix:///nowhere/redis.sock?db=0")
    assert [counter.hit(limits.PER_ACCOUNT_AND_ADDRESS, "a") for _ in range(11)] == [True] * 10 + [False]
    assert counter.wait_s(limits.PER_ACCOUNT_AND_ADDRESS, "a") > 0
    assert counter.wait_s(limits.PER_ACCOUNT_AND_ADDRESS, "b") == 0


def test_a_forged_forwarded_address_is_ignored(rf: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.5, 198.51.100.7"}, REMOTE_ADDR="10.0.0.1")
    assert limits.address_of(request) == "10.0.0.1"


def test_a_refresh_token_works_once_and_its_second_use_revokes_the_device(ada: User) -> None:
    first = services.token_issue(ada, device_name="Phone")
    second = services.token_refresh(first.refresh)
    assert second.device_id == first.device_id
    authenticate_token(second.access)
    with pytest.raises(AuthInvalid):
        services.token_refresh(first.refresh)
    with pytest.raises(AuthInvalid):
        services.token_refresh(second.refresh)
    with pytest.raises(AuthInvalid):
        authenticate_token(second.access)
    device = Device.objects.get(pk=first.device_id)
    assert ended() == [{"user": ada.pk, "session": device.session, "code": "device_revoked"}]


def test_a_revoked_token_stays_revoked_and_again_is_fine(ada: User) -> None:
    pair = services.token_issue(ada, device_name="Phone")
    services.token_revoke(pair.refresh)
    services.token_revoke(pair.refresh)
    services.token_revoke("nonsense")
    with pytest.raises(AuthInvalid):
        authenticate_token(pair.access)


def test_refresh_tokens_are_stored_as_digests(ada: User) -> None:
    pair = services.token_issue(ada, device_name="Phone")
    stored = Device.objects.get(pk=pair.device_id).refresh_hash
    assert len(stored) == 64
    assert stored not in pair.refresh


def test_a_deactivated_user_gets_no_new_tokens(ada: User) -> None:
    pair = services.token_issue(ada, device_name="Phone")
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(AccountDisabled):
        services.token_refresh(pair.refresh)


def test_the_oldest_of_too_many_token_devices_gives_way(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_DEVICES_PER_USER", 2)
    oldest, *newer = [services.token_issue(ada, device_name=f"Phone {n}") for n in range(3)]
    with pytest.raises(AuthInvalid):
        authenticate_token(oldest.access)
    for pair in newer:
        authenticate_token(pair.access)


def test_a_new_password_ends_every_other_log_in(ada: User) -> None:
    here = services.token_issue(ada, device_name="Here")
    there = services.token_issue(ada, device_name="There")
    browser = Client()
    browser.force_login(ada)
    with pytest.raises(WrongPassword):
        services.user_change_password(ada, old="wrong", new="another one 42", keep_session="", address=HOME)
    with pytest.raises(BadPassword):
        services.user_change_password(ada, old=PASSWORD, new="short", keep_session="", address=HOME)

    kept = Device.objects.get(pk=here.device_id)
    services.user_change_password(
        ada, old=PASSWORD, new="another one 42", keep_session=kept.session, address=HOME
    )
    assert {one["code"] for one in ended()} == {"password_changed"}
    assert kept.session not in {one["session"] for one in ended()}
    assert len(ended()) == 2
    services.token_refresh(here.refresh)
    with pytest.raises(AuthInvalid):
        services.token_refresh(there.refresh)
    assert browser.get("/api/session").json() == {"user": None}


def test_revoking_a_browser_deletes_its_session(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)
    device = Device.objects.get(user=ada)
    services.device_revoke(ada, device.pk)
    assert browser.get("/api/session").json() == {"user": None}
    assert ended() == [{"user": ada.pk, "session": device.session, "code": "device_revoked"}]


def test_devices_of_others_are_not_found(ada: User) -> None:
    pair = services.token_issue(make_user(), device_name="Phone")
    for device in (pair.device_id, 999_999):
        with pytest.raises(DeviceNotFound):
            services.device_revoke(ada, device)


def test_ending_all_sessions_of_a_user_leaves_no_device(ada: User) -> None:
    services.token_issue(ada, device_name="Phone")
    services.user_end_sessions(ada, code="account_disabled")
    assert not Device.objects.filter(revoked_at=None).exists()
    assert {"user": ada.pk, "session": None, "code": "account_disabled"} in ended()
