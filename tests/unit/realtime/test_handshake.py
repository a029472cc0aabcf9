"""What a client may bring to the door, and what it is told."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.gateway.handshake import OriginNotAllowed, UnsupportedSubprotocol, read_handshake

OURS = "https://chat.example.com"


def scope(*, query: str = "", subprotocols: tuple[str, ...] = (), **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"headers": pairs, "query_string": query.encode(), "subprotocols": list(subprotocols)}


def arrive(**options: Any) -> Any:
    return read_handshake(scope(**options), [OURS])


def test_a_browser_brings_its_cookie_and_our_origin() -> None:
    found = arrive(origin=OURS, cookie="theme=dark; sessionid=abc; x=1")
    assert (found.credentials.session_key, found.credentials.token, found.problem) == ("abc", None, None)


def test_a_cookie_without_an_origin_counts_for_nothing() -> None:
    assert arrive(cookie="sessionid=abc").credentials.session_key is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://chat.example.com",
        "https://chat.example.com:444",
        "https://chat.example.com/",
        "https://chat.example.com.",
        "https://CHAT.example.com",
        "https://evil.example",
        "https://chat.example.com.evil.example",
        "https://user@chat.example.com",
        "null",
        "",
        "http://[::1",
    ],
)
def test_only_the_exact_origin_is_allowed(origin: str) -> None:
    with pytest.raises(OriginNotAllowed):
        arrive(origin=origin, cookie="sessionid=abc")


def test_a_token_comes_by_header_or_subprotocol() -> None:
    assert arrive(authorization="Bearer abc").credentials.token == "abc"
    assert arrive(authorization="bearer  abc ").credentials.token == "abc"
    found = arrive(subprotocols=("carillon.v1", "bearer.abc"))
    assert (found.subprotocol, found.credentials.token) == ("carillon.v1", "abc")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_another_authorization_is_no_token(header: str) -> None:
    assert arrive(authorization=header).credentials.token is None


def test_an_unknown_subprotocol_is_refused_and_none_is_fine() -> None:
    assert arrive().subprotocol is None
    for offered in (("soap",), ("bearer.abc",)):
        with pytest.raises(UnsupportedSubprotocol):
            arrive(subprotocols=offered)


@pytest.mark.parametrize("query", ["token=x", "a=1&access_token=", "%74oken=x", "ticket=1", "jwt=a.b.c"])
def test_a_token_in_the_address_is_a_problem_told_in_band(query: str) -> None:
    problem = arrive(query=query).problem
    assert problem is not None
    assert problem.wire_code == "token_in_url"


def test_other_parameters_are_no_problem() -> None:
    assert arrive(query="v=1&tokens=2").problem is None
