"""Pictures of the page to look at: each view in both themes at desktop, tablet and phone width.

`python -m pytest tests/e2e/pictures.py` writes them to `var/pictures/`; with `DOCS=1` also those of `docs/images/`
and of the page's manifest. Not a test: nothing is compared.
"""

import os
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from realtime.testing.stack import BASE, Stack
from tests.e2e import large
from tests.e2e.window import SETTLED, Window

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
    expect(page.get_by_role("status", name=re.compile("^Loading"))).to_have_count(0)
    page.evaluate(SETTLED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def keep(page: Page, path: os.PathLike[str]) -> None:
    with Image.open(BytesIO(page.screenshot())) as image:
        image.save(path, quality=82)


NEWS = """**Version 0.9** is ready to be tagged:

- threads with an unread count of their own
- search over everything that one may see
- `make doctor` says what is wrong, and how to mend it"""
MENDED = """The flaky one is mended:
```python
async with asyncio.timeout(5):
    await client.until(caught_up)
```"""


def test_people_at_work(open_window: Callable[..., Window]) -> None:
    """What the README begins with."""
    ada, bo = open_window("ada", **DESKTOP), open_window("bo")
    for window in (ada, bo):
        window.open_room("Release")
    bo.say(NEWS)
    ada.message("Version 0.9").hover()
    ada.message("Version 0.9").get_by_role("button", name="Add a reaction").first.click()
    ada.page.get_by_role("button", name="React with 🎉").press("Enter")
    ada.say(MENDED)
    bo.composer.fill("Which day?")
    bo.page.get_by_role("button", name="More ways to send").click()
    bo.page.get_by_role("menuitem", name="Make a poll…").click()
    editor = bo.page.get_by_role("dialog", name="Make a poll")
    editor.get_by_label("Answer 1", exact=True).fill("Monday")
    editor.get_by_label("Answer 2", exact=True).fill("Thursday")
    editor.get_by_role("button", name="Send the poll").click()
    poll = ada.page.get_by_role("group", name="Poll: Which day?")
    poll.get_by_role("button", name=re.compile("^Thursday")).click()
    expect(poll.get_by_text("1 person has voted")).to_be_visible()

    reply_in_thread(bo, bo.message("Version 0.9"), "Does it need a migration?")
    ada.message("Version 0.9").get_by_role("button", name=re.compile("1 reply")).click()
    field = ada.page.get_by_role("textbox", name="Reply in thread")
    field.fill("One per app; it changes no row.")
    field.press("Enter")
    expect(bo.page.get_by_text("it changes no row").first).to_be_visible()
    ada.page.mouse.move(0, 0)
    take(ada.page, "people-at-work")
    if FOR_DOCS:
        keep(ada.page, IMAGES / "chat.webp")


def reply_in_thread(window: Window, message: Locator, text: str) -> None:
    window.act(message, "Reply in thread")
    field = window.page.get_by_role("textbox", name="Reply in thread")
    field.fill(text)
    field.press("Enter")


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
    inbox = ada.page.get_by_role("dialog", name="Notifications")
    expect(inbox.get_by_role("button", name="What you are told")).to_be_visible()
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
