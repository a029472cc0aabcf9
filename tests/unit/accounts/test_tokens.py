from __future__ import annotations

import time

import pytest
from django.core import signing

from accounts import tokens
from realtime import AuthExpired, AuthInvalid


def test_an_access_token_says_who_and_until_when() -> None:
    access = tokens.access_from(tokens.access_token(user_id=7, device_id=8, version="v"))
    assert (access.user_id, access.device_id, access.version) == (7, 8, "v")
    assert 890 < access.expires_at - time.time() <= 900


def test_an_access_token_is_over_after_15_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.access_token(user_id=7, device_id=8, version="v")
    now = time.time()
    monkeypatch.setattr(tokens.time, "time", lambda: now + 901)
    with pytest.raises(AuthExpired):
        tokens.access_from(token)


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "é" * 10, "x" * 100_000, tokens.signing.dumps([1, 2, "v", 9e9], salt="other")],
)
def test_what_we_did_not_sign_is_invalid(token: str) -> None:
    with pytest.raises(AuthInvalid):
        tokens.access_from(token)
    with pytest.raises(AuthInvalid):
        tokens.device_of_refresh(token)


def test_a_refresh_token_is_no_access_token() -> None:
    with pytest.raises(AuthInvalid):
        tokens.access_from(tokens.refresh_token(1))


def test_a_changed_token_is_invalid() -> None:
    token = tokens.access_token(user_id=7, device_id=8, version="v")
    forged = signing.b64_encode(b'[1,8,"v",9999999999]').decode() + token[token.index(":") :]
    with pytest.raises(AuthInvalid):
        tokens.access_from(forged)
