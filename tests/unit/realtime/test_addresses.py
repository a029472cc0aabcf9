"""How many connections one address may have, and which addresses count."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.gateway.addresses import Addresses, TooManyFromAddress, counted_address

HERE = "203.0.113.7"


@pytest.fixture
def addresses(settings: Any) -> Addresses:
    settings.REALTIME = {
        **settings.REALTIME,
        "MAX_SOCKETS_PER_ADDRESS": 3,
        "MAX_STRANGERS_PER_ADDRESS": 2,
    }
    return Addresses()


def test_an_address_has_so_many_connections_and_no_more(addresses: Addresses) -> None:
    for _ in range(3):
        addresses.check(HERE)
        addresses.arrived(HERE)
        addresses.introduced(HERE)
    with pytest.raises(TooManyFromAddress) as caught:
        addresses.check(HERE)
    assert caught.value.data == {"max_sockets_per_address": 3}
    assert caught.value.retry_after_ms
    addresses.check("203.0.113.8")
    addresses.left(HERE, stranger=False)
    addresses.check(HERE)


def test_fewer_of_them_may_be_strangers(addresses: Addresses) -> None:
    for _ in range(2):
        addresses.arrived(HERE)
    with pytest.raises(TooManyFromAddress, match="address"):
        addresses.check(HERE)
    addresses.introduced(HERE)
    addresses.check(HERE)
    addresses.arrived(HERE)
    addresses.left(HERE, stranger=True)
    addresses.left(HERE, stranger=True)
    addresses.left(HERE, stranger=False)
    for _ in range(2):
        addresses.check(HERE)
        addresses.arrived(HERE)


def test_this_machine_is_not_counted(addresses: Addresses) -> None:
    for _ in range(10):
        addresses.check(None)
        addresses.arrived(None)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
        ("unix", None),
    ],
)
def test_the_address_that_counts(text: str, counted: str | None) -> None:
    assert counted_address(text) == counted
