"""The page without a network, in several tabs, and on its way back: what it shows, what becomes of what is written."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from realtime.testing.waiting import wait_until
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

INSTALLED = """async () => {
    await navigator.serviceWorker.ready;
    const names = await caches.keys();
    const cache = await caches.open(names.find((name) => name.startsWith("carillon-shell-")));
    return (await cache.keys()).length;
}"""
KEPT = """async (text) => {
    const opened = await new Promise((resolve, reject) => {
        const asked = indexedDB.open("carillon-" + localStorage.getItem("carillon.user"));
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
    if (!opened.objectStoreNames.contains("messages")) return false;
    const rooms = await new Promise((resolve) => {
        const asked = opened.transaction("messages").objectStore("messages").getAll();
        asked.onsuccess = () => resolve(asked.result);
    });
    opened.close();
    return rooms.some(({ messages }) => messages.some((message) => message.text === text));
}"""
FORGOTTEN = "async () => (await indexedDB.databases()).every(({ name }) => !name.startsWith('carillon-'))"
LEADERS = """async () => {
    const { held } = await navigator.locks.query();
    return held.filter(({ name }) => name.startsWith("carillon.socket")).length;
}"""


def ready_for_offline(window: Window, text: str) -> None:
    """The page's files are kept, and the message that says this."""
    wait_until(lambda: window.page.evaluate(INSTALLED), "the page's files are kept", timeout_s=30.0)
    wait_until(lambda: window.page.evaluate(KEPT, text), "the message is kept", timeout_s=30.0)


def another_tab(window: Window) -> Window:
    tab = Window(window.page.context.new_page())
    tab.page.goto(window.page.url)
    expect(tab.composer).to_be_visible()
    return tab


def test_it_opens_offline_and_sends_what_was_written_once_it_is_back(
    open_window: Callable[..., Window],
) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Bo Diddley")
    bo.open_room("Ada Lovelace")
    bo.say("Before the tunnel")
    expect(ada.message("Before the tunnel")).to_be_visible()
    ready_for_offline(ada, "Before the tunnel")
    context = ada.page.context
    context.set_offline(True)
    ada.page.reload()
    expect(ada.message("Before the tunnel")).to_be_visible()
    for number in range(1, 4):
        ada.say(f"tunnel {number}")
    expect(ada.message("tunnel 3").get_by_text("On its way")).to_be_attached()
    # The tab is closed, and another one opened, still without a network.
    address = ada.page.url
    ada.page.close()
    ada = Window(context.new_page())
    ada.page.goto(address)
    expect(ada.message("tunnel 3").get_by_text("On its way")).to_be_attached()
    context.set_offline(False)
    expect(bo.message("tunnel 3")).to_be_visible()
    expect(ada.page.get_by_text("On its way")).to_have_count(0)
    assert [text for text in bo.history(bo.room) if text.startswith("tunnel")] == [
        f"tunnel {number}" for number in range(1, 4)
    ]
    assert not ada.bugs + bo.bugs


def test_tabs_share_a_socket_and_hand_it_over(open_window: Callable[..., Window]) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Bo Diddley")
    bo.open_room("Ada Lovelace")
    sockets: list[Page] = []
    ada.page.context.on("page", lambda page: page.on("websocket", lambda _: sockets.append(page)))
    second, third = another_tab(ada), another_tab(ada)
    second.say("From the second tab")
    for tab in (ada, second, third, bo):
        expect(tab.message("From the second tab")).to_have_count(1)
    assert sockets == [], "the first tab's socket serves all three"
    assert ada.page.evaluate(LEADERS) == 1
    ada.page.close()
    bo.say("Whoever leads now")
    third.say("And from the third")
    for tab in (second, third, bo):
        expect(tab.message("Whoever leads now")).to_have_count(1)
        expect(tab.message("And from the third")).to_have_count(1)
    expect(third.page.get_by_text("On its way")).to_have_count(0)
    assert len(sockets) == 1
    said = ["From the second tab", "Whoever leads now", "And from the third"]
    assert sorted(text for text in bo.history(bo.room) if text in said) == sorted(said)
    assert not second.bugs + third.bugs + bo.bugs


def test_logging_out_leaves_nothing_in_the_browser(open_window: Callable[..., Window]) -> None:
    ada = open_window("ada")
    ada.open_room("Lobby")
    ready_for_offline(ada, "Lunch at one.")
    ada.page.get_by_role("button", name=re.compile("^Your account")).click()
    ada.page.get_by_role("menuitem", name="Log out").click()
    expect(ada.page.get_by_label("Username")).to_be_visible()
    wait_until(lambda: ada.page.evaluate(FORGOTTEN), "the databases are gone", timeout_s=30.0)
    assert ada.page.evaluate("localStorage.getItem('carillon.user')") is None
    assert ada.errors == []
