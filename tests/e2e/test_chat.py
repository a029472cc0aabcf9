"""Two people in two browsers: writing, typing, presence, a lost network, a killed server, a phone."""

import re
import threading

import pytest
from playwright.sync_api import expect

from realtime.testing.waiting import wait_until

pytestmark = pytest.mark.e2e

# Tall enough that the list keeps every row of the test in the page.
TALL = {"viewport": {"width": 1280, "height": 6000}}
# The wait between two attempts to connect grows up to 20 s.
RECONNECTED_MS = 30_000
LINES = 20  # each; the page loads fifty at a time
SAYS = r"(?:ada|bo) says \d+(?= |$|\n)"


def test_two_people_log_in_and_chat_both_ways(open_window) -> None:
    ada, bo = open_window(), open_window()
    ada.log_in("ada")
    bo.log_in("bo")
    ada.open_room("Bo Diddley")
    bo.open_room("Ada Lovelace")
    ada.say("Shall we?")
    expect(bo.message("Shall we?")).to_be_visible()
    bo.say("We shall.")
    expect(ada.message("We shall.")).to_be_visible()
    expect(ada.message("Shall we?")).to_have_count(1)
    expect(ada.page.get_by_text("On its way")).to_have_count(0)
    assert ada.errors == bo.errors == []


def test_one_sees_that_the_other_is_online_and_is_writing(open_window) -> None:
    ada = open_window("ada")
    ada.open_room("Lobby")
    members = ada.page.get_by_role("complementary", name="Members")
    expect(members.get_by_role("region", name="Not online").get_by_text("Bo Diddley")).to_be_visible()
    bo = open_window("bo")
    bo.open_room("Lobby")
    expect(members.get_by_role("region", name="Online", exact=True).get_by_text("Bo Diddley")).to_be_visible()
    bo.composer.press_sequentially("Hm")
    expect(ada.page.get_by_text("Bo Diddley is writing")).to_be_visible()
    bo.page.context.close()
    expect(members.get_by_role("region", name="Not online").get_by_text("Bo Diddley")).to_be_visible()
    assert ada.errors == bo.errors == []


def test_a_lost_network_is_shown_and_heals(open_window) -> None:
    ada, bo = open_window("ada", **TALL), open_window("bo", **TALL)
    ada.open_room("Bo Diddley")
    bo.open_room("Ada Lovelace")
    bo.page.context.set_offline(True)
    expect(bo.connection_status(re.compile("You are offline|No connection"))).to_be_visible()
    bo.say("Written in the tunnel")
    expect(bo.message("Written in the tunnel").get_by_text("On its way")).to_be_attached()
    ada.say("Are you there?")
    expect(ada.message("Are you there?")).to_be_visible()
    expect(bo.message("Are you there?")).to_have_count(0)
    bo.page.context.set_offline(False)
    for window in (ada, bo):
        expect(window.message("Are you there?")).to_have_count(1)
        expect(window.message("Written in the tunnel")).to_have_count(1)
    expect(bo.page.get_by_text("On its way")).to_have_count(0)
    expect(bo.connection_status(re.compile("offline|No connection"))).to_have_count(0)
    assert not ada.bugs + bo.bugs


def test_a_killed_server_costs_no_message_and_doubles_none(open_window, site) -> None:
    ada, bo = open_window("ada", **TALL), open_window("bo", **TALL)
    ada.open_room("Bo Diddley")
    bo.open_room("Ada Lovelace")
    starting = threading.Thread(target=site.start_web)
    for number in range(1, LINES + 1):
        bo.say(f"bo says {number}")
        ada.composer.press_sequentially(f"ada says {number}")
        ada.composer.press("Enter")
        if number == 6:
            site.kill()
        if number == 8:
            starting.start()
    ada.composer.press_sequentially("and a dra")
    starting.join()
    ada.composer.press_sequentially("ft")
    for window in (ada, bo):
        expect(window.message(f"bo says {LINES}")).to_be_visible(timeout=RECONNECTED_MS)
        expect(window.message(f"ada says {LINES}")).to_be_visible(timeout=RECONNECTED_MS)
        expect(window.page.get_by_text("On its way")).to_have_count(0)
    history = [text for text in ada.history(ada.room) if re.fullmatch(SAYS, text)]
    assert sorted(history) == sorted(
        f"{who} says {number}" for who in ("ada", "bo") for number in range(1, LINES + 1)
    )
    shows_all(ada, history)
    shows_all(bo, history)
    assert [text for text in history if text.startswith("bo")] == [
        f"bo says {n}" for n in range(1, LINES + 1)
    ]
    expect(ada.composer).to_have_value("and a draft")
    ada.page.reload()
    expect(ada.message(f"bo says {LINES}")).to_be_visible()
    shows_all(ada, history)  # what the browser had kept comes first, and may lack the last ones
    assert not ada.bugs + bo.bugs


def shows_all(window, history) -> None:
    wait_until(lambda: window.said(SAYS) == history, "every message is on the page, once")


def test_the_page_works_on_a_phone(open_window) -> None:
    ada = open_window("ada", viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    ada.open_room("Release")
    expect(ada.page.get_by_role("navigation", name="Rooms")).to_be_hidden()
    ada.composer.fill("From the bus")
    ada.page.get_by_role("button", name="Send", exact=True).tap()
    expect(ada.message("From the bus")).to_be_visible()
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing to scroll sideways"
    )
    ada.page.get_by_role("button", name="Back to the rooms").tap()
    expect(ada.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    assert ada.errors == []
