"""Two people in two browsers share files: chosen, dropped and pasted, sent while on their way, looked at closely."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from realtime.testing.stack import Stack
from tests.support.http_peer import HttpPeer
from tests.support.uploads import image
from tests.support.web_pages import WebPages

pytestmark = pytest.mark.e2e

DROP = """([name, type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    for (const kind of ["dragenter", "dragover", "drop"])
        window.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
PASTE = """(area, [name, type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
# How far anything moved that nobody touched, since the page was opened.
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    const add = (list) => list.getEntries().forEach((one) => { sum += one.hadRecentInput ? 0 : one.value; });
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


def picture(colour: str, size: tuple[int, int] = (800, 500)) -> bytes:
    return image(size=size, colour=colour)


def test_images_and_files_are_shared_looked_at_and_fetched(open_window, tmp_path: Path) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Lobby")
    bo.open_room("Lobby")
    ada.attach(
        ("red.png", "image/png", picture("red")),
        ("blue.png", "image/png", picture("blue", (500, 800))),
        ("notes.txt", "text/plain", b"what we said"),
    )
    expect(ada.tray.get_by_role("listitem")).to_have_count(3)
    ada.page.get_by_label("Description of red.png").fill("All red")
    ada.say("Holiday pictures")

    message = bo.message("Holiday pictures")
    images = message.get_by_role("list", name="Images").locator("img")
    expect(images).to_have_count(2)
    expect(images.first).to_have_attribute("alt", "All red")
    expect(images.first).to_have_js_property("complete", True)
    expect(images.first).to_have_js_property("naturalWidth", 480)
    with bo.page.expect_download() as download:
        message.get_by_role("link", name="Download notes.txt").click()
    download.value.save_as(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_bytes() == b"what we said"
    assert download.value.suggested_filename == "notes.txt"

    message.get_by_role("button", name="Open image: All red").click()
    viewer = bo.page.get_by_role("dialog", name=re.compile("^Image 1 of 2: All red"))
    expect(viewer.locator("img")).to_be_visible()
    bo.page.keyboard.press("ArrowRight")
    viewer = bo.page.get_by_role("dialog", name=re.compile("^Image 2 of 2: blue.png"))
    expect(viewer).to_be_visible()
    width = viewer.locator("img").bounding_box()["width"]
    bo.page.keyboard.press("+")
    bo.page.wait_for_function(
        "([image, width]) => image.getBoundingClientRect().width > width * 1.4",
        arg=[viewer.locator("img").element_handle(), width],
    )
    bo.page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    assert ada.errors == bo.errors == []


def test_a_message_that_is_a_file_is_forwarded_with_it(open_window, tmp_path: Path) -> None:
    ada = open_window("ada")
    ada.open_room("Lobby")
    ada.attach(("plan-of-the-tower.txt", "text/plain", b"eight bells"))
    expect(ada.tray.get_by_role("listitem")).to_have_count(1)
    ada.say("")
    link = ada.page.get_by_role("link", name="Download plan-of-the-tower.txt")
    said = ada.messages.get_by_role("article").filter(has=link)
    ada.act(said, "Forward")
    dialog = ada.page.get_by_role("dialog", name="Forward this message")
    expect(dialog).to_contain_text("plan-of-the-tower.txt")
    dialog.get_by_label("Find a room to forward to").fill("Release")
    dialog.get_by_role("button", name="Release", exact=True).click()
    expect(dialog).to_have_count(0)
    address = link.get_attribute("href")
    ada.open_room("Release")
    with ada.page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "plan.txt")
    assert (tmp_path / "plan.txt").read_bytes() == b"eight bells"
    assert link.get_attribute("href") != address
    assert ada.errors == []


def test_what_is_attached_is_there_after_a_reload_and_on_another_device(open_window) -> None:
    ada, phone = open_window("ada"), open_window("ada")
    ada.open_room("Lobby")
    ada.attach(("kept.txt", "text/plain", b"kept"), ("unwanted.txt", "text/plain", b"no"))
    for window in (phone, ada):
        window.page.reload()
        window.open_room("Lobby")
        expect(window.tray.get_by_role("listitem")).to_have_count(2)
    ada.page.get_by_role("button", name="Remove unwanted.txt").click()
    expect(phone.tray.get_by_role("listitem")).to_have_count(1)
    ada.say("Still attached")
    expect(ada.message("Still attached").get_by_role("link", name="Download kept.txt")).to_be_visible()
    expect(phone.tray).to_have_count(0)
    assert ada.errors == phone.errors == []


def test_files_are_dropped_pasted_removed_refused_and_a_send_waits_for_them(open_window) -> None:
    from base64 import b64encode

    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Release")
    bo.open_room("Release")
    green = b64encode(picture("green", (60, 40))).decode()
    ada.page.evaluate(DROP, ["dropped.png", "image/png", green])
    ada.composer.evaluate(PASTE, ["pasted.png", "image/png", green])
    ada.attach(("page.png", "image/png", b"<script>alert(1)</script>"))
    expect(ada.tray.get_by_role("listitem")).to_have_count(3)
    refused = ada.tray.get_by_role("listitem").filter(has_text="page.png")
    expect(refused.get_by_role("alert")).to_contain_text("The file is named .png, but is something else.")
    refused.get_by_role("button", name="Remove page.png").click()
    ada.tray.get_by_role("button", name="Remove dropped.png").click()
    expect(ada.tray.get_by_role("listitem")).to_have_count(1)

    held: list[Route] = []
    ada.page.route("**/api/files", lambda route: held.append(route))  # no builtin: it marks its handlers
    ada.attach(("slow.txt", "text/plain", b"slow"))
    expect(ada.tray.get_by_role("progressbar", name="Upload of slow.txt")).to_be_visible()
    ada.say("Sent before it was there")
    expect(ada.tray).to_have_count(0)
    pending = ada.message("Sent before it was there")
    expect(pending.get_by_role("progressbar", name="Upload of slow.txt")).to_be_visible()
    ada.open_room("Lobby")
    ada.say("Meanwhile elsewhere")
    ada.page.wait_for_function("() => true")
    expect(bo.message("Sent before it was there")).to_have_count(0)
    held[0].continue_()
    arrived = bo.message("Sent before it was there")
    expect(arrived.get_by_role("link", name="Download slow.txt")).to_be_visible()
    expect(arrived.get_by_role("button", name="Open image: pasted.png")).to_be_visible()
    ada.open_room("Release")
    expect(ada.message("Sent before it was there")).to_have_count(1)
    assert bo.errors == []
    assert [error for error in ada.errors if "415" not in error] == []


def test_on_a_phone_nothing_moves_when_images_load_and_no_stranger_has_them(open_window) -> None:
    ada = open_window("ada", viewport={"width": 390, "height": 844}, has_touch=True)
    ada.open_room("Lobby")
    ada.attach(
        *[
            (f"{colour}.png", "image/png", picture(colour, (1200, 900)))
            for colour in ("navy", "olive", "teal")
        ],
    )
    expect(ada.tray.get_by_role("listitem")).to_have_count(3)
    box = ada.tray.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    expect(ada.tray.get_by_role("progressbar")).to_have_count(0)
    ada.page.get_by_role("button", name="Send", exact=True).click()
    images = ada.messages.get_by_role("list", name="Images").last.locator("img")
    expect(images).to_have_count(3)

    held: list[Route] = []
    ada.page.route("**/files/**", lambda route: held.append(route))  # no builtin: it marks its handlers
    ada.page.reload()
    expect(images).to_have_count(3)
    expect(images.last).to_be_in_viewport()
    before = [image.bounding_box() for image in images.all()]
    assert all(box is not None and box["x"] + box["width"] <= 390 and box["height"] > 50 for box in before)
    assert held
    for route in held:
        route.continue_()
    ada.page.unroute("**/files/**")  # it lets go what it still holds, so only now
    for shown in images.all():
        expect(shown).to_have_js_property("complete", True)
        expect(shown).to_have_js_property("naturalWidth", 480)
    after = [image.bounding_box() for image in images.all()]
    # The measured height of a row is off by parts of a pixel.
    assert after == [pytest.approx(box, abs=1) for box in before]
    url = images.first.get_attribute("src")
    assert ada.page.context.request.get(url).status == 200
    assert open_window("iris").page.context.request.get(url).status == 404  # she is in no room
    assert open_window().page.context.request.get(url).status == 401
    assert ada.errors == []


def test_a_link_shows_what_is_behind_it_until_its_author_takes_that_away(open_window, site: Stack) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Lobby")
    bo.open_room("Lobby")
    peer = HttpPeer()
    with peer.running():
        web = WebPages(peer)
        web.page("/picture.png", picture("purple"), type="image/png")
        url = web.page(
            "/news",
            '<title>Bells ring</title><meta name="description" content="All over town">'
            '<meta property="og:image" content="/picture.png">',
        )
        ada.say(f"Read {url}")
        card = (
            bo.message(url)
            .get_by_role("list", name="Linked pages")
            .get_by_role("link", name=re.compile("Bells ring"))
        )
        expect(card).to_contain_text("All over town")
        image = card.locator("img")
        expect(image).to_have_js_property("complete", True)
        assert image.get_attribute("src").startswith("/previews/")
    expect(bo.message(url).get_by_role("button", name="Remove preview of Bells ring")).to_have_count(0)
    ada.message(url).get_by_role("button", name="Remove preview of Bells ring").click()
    expect(card).to_have_count(0)
    assert ada.errors == bo.errors == []
