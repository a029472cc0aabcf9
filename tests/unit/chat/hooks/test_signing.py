"""Signatures and tokens of webhooks: what is right, what is not, and that the clock counts (B86)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chat.hooks.errors import HookRefused
from chat.hooks.signing import TOLERANCE_S, check, secret_of, token_of
from notifications.channels.webhook import signatures

KEY, NOW_S, BODY = "k" * 32, 1_764_000_000, b'{"text":"hello"}'


def signed(
    *, key: str = KEY, at_s: int = NOW_S, body: bytes = BODY, request_id: str = "r1"
) -> dict[str, str]:
    return {
        "webhook-id": request_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signatures([secret_of(key)], request_id, at_s, body),
    }


def test_a_signature_or_a_token_is_taken() -> None:
    assert check(KEY, signed(), BODY, now_s=NOW_S) == "r1"
    assert check(KEY, signed(at_s=NOW_S - TOLERANCE_S), BODY, now_s=NOW_S) == "r1"
    bearer = {"authorization": f"Bearer {token_of(KEY)}"}
    assert check(KEY, bearer, BODY, now_s=NOW_S) == ""
    assert check(KEY, bearer | {"webhook-id": "r2"}, BODY, now_s=NOW_S) == "r2"


def test_of_several_signatures_one_that_is_right_suffices() -> None:
    headers = signed()
    headers["webhook-signature"] = "v1,AAAA v1a,BBBB " + headers["webhook-signature"]
    assert check(KEY, headers, BODY, now_s=NOW_S) == "r1"


def test_after_the_secret_key_was_changed_the_old_one_counts_as_long_as_it_is_kept(settings: object) -> None:
    headers, bearer = signed(), {"authorization": f"Bearer {token_of(KEY)}"}
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another " * 8  # type: ignore[attr-defined]
    for given in (headers, bearer):
        with pytest.raises(HookRefused):
            check(KEY, given, BODY, now_s=NOW_S)
    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]
    assert check(KEY, headers, BODY, now_s=NOW_S) == "r1"
    assert check(KEY, bearer, BODY, now_s=NOW_S) == ""


WRONG: dict[str, Callable[[], dict[str, str]]] = {
    "nothing": dict,
    "another hook's secret": lambda: signed(key="x" * 32),
    "another body": lambda: signed(body=b"other"),
    "another id": lambda: signed() | {"webhook-id": "r2"},
    "too old": lambda: signed(at_s=NOW_S - TOLERANCE_S - 1),
    "from the future": lambda: signed(at_s=NOW_S + TOLERANCE_S + 1),
    "another time": lambda: signed() | {"webhook-timestamp": str(NOW_S - 1)},
    "no time": lambda: signed() | {"webhook-timestamp": "now"},
    "a huge time": lambda: signed() | {"webhook-timestamp": "9" * 400},
    "a negative time": lambda: signed() | {"webhook-timestamp": "-1"},
    "no id": lambda: signed(request_id=""),
    "a huge id": lambda: signed(request_id="x" * 201),
    "no signature": lambda: signed() | {"webhook-signature": ""},
    "no ASCII": lambda: signed() | {"webhook-signature": "v1,ü"},
    "another hook's token": lambda: {"authorization": f"Bearer {token_of('x' * 32)}"},
    "an empty token": lambda: {"authorization": "Bearer "},
    "a token without ASCII": lambda: {"authorization": "Bearer ü"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_anything_else_is_refused(wrong: Callable[[], dict[str, str]]) -> None:
    with pytest.raises(HookRefused):
        check(KEY, wrong(), BODY, now_s=NOW_S)
