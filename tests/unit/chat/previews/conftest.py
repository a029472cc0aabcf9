"""A web of loopback pages, which previews may reach in these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.support.http_peer import HttpPeer
from tests.support.web_pages import WebPages


@pytest.fixture
def web(settings: Settings) -> Iterator[WebPages]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    peer = HttpPeer()
    with peer.running():
        yield WebPages(peer)
