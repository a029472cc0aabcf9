"""Pictures of the page to look at: each view in both themes at desktop, tablet and phone width.

`python -m pytest tests/e2e/pictures.py` writes them to `var/pictures/`; with `DOCS=1` also those of `docs/images/`
and of the page's manifest. Not a test: nothing is compared.
"""

import os
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from realtime.testing.stack import BASE, Stack
from tests.e2e import large
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

PICTURES = BASE / "var" / "pictures"
IMAGES = BASE / "docs" / "images"
PUBLIC = BASE / "frontend" / "app" / "public"
FOR_DOCS = "DOCS" in os.environ
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
SIZES = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}


@pytest.fixture(scope="module")
def large_site(site: Stack) -> Stack:
    large.fill(site)
    return site


def take(page: Page, name: str) -> None:
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def keep(page: Page, path: os.PathLike[str]) -> None:
    with Image.open(BytesIO(page.screenshot())) as image:
        image.save(path, quality=82)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_demo(open_window: Callable[..., Window], size: str, scheme: str) -> None:
    options = {**SIZES[size], "color_scheme": scheme}
    stranger = open_window(**options)
    expect(stranger.page.locator("input[type=password]")).to_be_visible()
    take(stranger.page, f"log-in-{size}-{scheme}")
    ada = open_window("ada", **options)
    expect(ada.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    take(ada.page, f"rooms-{size}-{scheme}")
    ada.open_room("Lobby")
    take(ada.page, f"room-{size}-{scheme}")
    if FOR_DOCS:
        keep(ada.page, IMAGES / f"page-{size}-{scheme}.webp")
        if scheme == "light" and size != "tablet":
            keep(ada.page, PUBLIC / f"screenshot-{'wide' if size == 'desktop' else 'narrow'}.webp")
    ada.page.keyboard.press("Control+k")
    expect(ada.page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    take(ada.page, f"palette-{size}-{scheme}")
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+/")
    expect(ada.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    take(ada.page, f"shortcuts-{size}-{scheme}")
    ada.page.keyboard.press("Escape")
    if size == "phone":
        ada.page.goto("/#/")
    ada.bell.click()
    expect(ada.page.get_by_role("dialog", name="Notifications")).to_be_visible()
    take(ada.page, f"inbox-{size}-{scheme}")


@pytest.mark.parametrize("size", SIZES)
def test_large(open_window: Callable[..., Window], large_site: Stack, size: str) -> None:
    ada = open_window("ada", **SIZES[size])
    for name in ("Archive", "Stadium", "Edges"):
        ada.page.goto("/#/")
        ada.page.get_by_label("Find a room").fill(name)
        ada.open_room(name)
        take(ada.page, f"large-{name.lower()}-{size}")
    if size == "phone":
        ada.page.get_by_role("button", name="Show members").click()
        expect(ada.page.get_by_role("complementary", name="Members")).to_be_visible()
        take(ada.page, f"large-members-{size}")
        ada.page.goto("/#/")
        take(ada.page, f"large-rooms-{size}")


def test_other_looks(open_window: Callable[..., Window]) -> None:
    arabic = open_window("ada", locale="ar-EG", **DESKTOP)
    expect(arabic.page.get_by_role("navigation", name="الغرف")).to_be_visible()
    arabic.page.goto("/#/room/1")
    expect(arabic.page.get_by_role("article").first).to_be_visible()
    take(arabic.page, "arabic")
    if FOR_DOCS:
        keep(arabic.page, IMAGES / "page-arabic.webp")
    for scheme in ("light", "dark"):
        high = open_window("ada", contrast="more", color_scheme=scheme, **DESKTOP)
        high.open_room("Lobby")
        take(high.page, f"high-contrast-{scheme}")
