"""The page itself: it loads under its strict content policy, and asks for nothing outside."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.window import Window
from tools import frontend

pytestmark = pytest.mark.e2e

FIRST_LOAD_BYTES = 200_000


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


def test_a_first_visit_loads_no_more_than_it_needs() -> None:
    sizes = frontend.first_load()
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes


def test_the_page_can_be_installed(open_window: Callable[..., Window]) -> None:
    window = open_window()
    address = window.page.locator("link[rel=manifest]").get_attribute("href")
    answer = window.page.context.request.get(address or "")
    manifest = answer.json()
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    pictures = [*manifest["icons"], *manifest["screenshots"]]
    assert {"any", "maskable"} <= {icon["purpose"] for icon in manifest["icons"]}
    for picture in pictures:
        answer = window.page.context.request.get(f"/static/{picture['src']}")
        assert answer.ok, picture
        if picture["sizes"] != "any":
            with Image.open(BytesIO(answer.body())) as image:
                assert "x".join(map(str, image.size)) == picture["sizes"], picture
