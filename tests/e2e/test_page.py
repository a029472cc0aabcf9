"""The page itself: it loads under its strict content policy, and asks for nothing outside."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.window import Window

pytestmark = pytest.mark.e2e


def test_a_stranger_sees_a_log_in_form_and_nothing_goes_wrong(open_window: Callable[..., Window]) -> None:
    window = open_window()
    expect(window.page.locator("input[type=password]")).to_be_visible()
    assert window.errors == []


def test_the_page_talks_to_its_own_address_only(open_window: Callable[..., Window]) -> None:
    window = open_window("ada")
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.url))
    window.page.reload(wait_until="networkidle")
    expect(window.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    origin = window.page.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((origin, "data:", "blob:"))] == []
    assert window.errors == []
