from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.authentication import authenticate_session, authenticate_token, still_valid
from accounts.models import Device, User
from realtime import AccountDisabled, AuthInvalid, Identity
from tests.support.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def browser_of(user: User) -> tuple[Client, str]:
    """A logged-in client and its session key."""
    client = Client()
    client.force_login(user)
    return client, client.session.session_key or ""


def token_identity(user: User) -> Identity:
    return authenticate_token(services.token_issue(user, device_name="Phone").access)


def test_a_session_is_its_user_under_an_opaque_id(ada: User) -> None:
    _, key = browser_of(ada)
    identity = authenticate_session(key)
    assert (identity.user_id, identity.user) == (ada.pk, ada)
    assert identity.session not in key
    assert key not in identity.session
    assert identity.expires_at is not None
    assert authenticate_session(key) == identity


def test_a_session_costs_one_query_and_so_does_a_token(ada: User, django_assert_num_queries: Any) -> None:
    _, key = browser_of(ada)
    token = services.token_issue(ada, device_name="Phone").access
    with django_assert_num_queries(1):
        authenticate_session(key)
    with django_assert_num_queries(1):
        authenticate_token(token)


@pytest.mark.parametrize("key", ["", "x", "é", "0" * 32, "a'; --"])
def test_unknown_sessions_are_invalid(key: str) -> None:
    with pytest.raises(AuthInvalid):
        authenticate_session(key)


def test_a_session_without_a_user_is_invalid() -> None:
    client = Client()
    session = client.session
    session["theme"] = "dark"
    session.save()
    with pytest.raises(AuthInvalid):
        authenticate_session(session.session_key or "")


def test_a_session_from_before_a_password_change_is_invalid(ada: User) -> None:
    _, key = browser_of(ada)
    ada.set_password("another one 42")
    ada.save()
    with pytest.raises(AuthInvalid):
        authenticate_session(key)


def test_a_deactivated_user_is_told_so(ada: User) -> None:
    _, key = browser_of(ada)
    token = services.token_issue(ada, device_name="Phone").access
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(AccountDisabled) as caught:
        authenticate_session(key)
    assert caught.value.wire_code == "account_disabled"
    with pytest.raises(AccountDisabled):
        authenticate_token(token)


def test_logging_out_ends_the_session_and_its_identity(ada: User) -> None:
    client, key = browser_of(ada)
    identity = authenticate_session(key)
    client.logout()
    with pytest.raises(AuthInvalid):
        authenticate_session(key)
    assert still_valid([identity]) == set()


def test_still_valid_keeps_exactly_what_still_holds(ada: User, django_assert_num_queries: Any) -> None:
    other = make_user("other")
    kept = [authenticate_session(browser_of(ada)[1]), token_identity(ada), token_identity(other)]

    logged_out, key = browser_of(ada)
    gone = [authenticate_session(key)]
    logged_out.logout()

    revoked = token_identity(ada)
    services.device_revoke(ada, int(revoked.device or 0))
    gone.append(revoked)

    expired = token_identity(ada)
    Device.objects.filter(session=expired.session).update(expires_at=timezone.now() - timedelta(seconds=1))
    gone.append(expired)

    deleted, key = browser_of(ada)
    gone.append(authenticate_session(key))
    deleted.session.delete()

    disabled = make_user("disabled")
    gone.append(token_identity(disabled))
    User.objects.filter(pk=disabled.pk).update(is_active=False)

    changed = make_user("changed")
    gone.append(token_identity(changed))
    changed.set_password("another one 42")
    changed.save()

    with django_assert_num_queries(2):
        assert still_valid([*kept, *gone]) == {identity.session for identity in kept}


def test_still_valid_costs_at_most_two_queries_for_many(
    ada: User, django_assert_max_num_queries: Any
) -> None:
    many = [token_identity(ada) for _ in range(30)]
    with django_assert_max_num_queries(2):
        assert len(still_valid(many)) == 30
    with django_assert_max_num_queries(2):
        assert still_valid([]) == set()


def test_the_session_keeps_its_id_when_its_key_is_rotated(ada: User) -> None:
    client, key = browser_of(ada)
    before = authenticate_session(key)
    response = client.post(
        "/api/auth/password",
        {"old_password": PASSWORD, "new_password": "another one 42"},
        content_type="application/json",
    )
    assert response.status_code == 200
    after = authenticate_session(client.session.session_key or "")
    assert client.session.session_key != key
    assert after.session == before.session
    assert still_valid([before]) == {before.session}
