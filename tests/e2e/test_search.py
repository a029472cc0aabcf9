"""Search in a browser: hits that are replies, quote something, hide it, or are of somebody who is blocked."""

import re

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.e2e


def hits(window, query: str) -> Locator:
    window.page.get_by_role("button", name="Search in this room").click()
    field = window.page.get_by_role("combobox", name="Search messages")
    field.fill(query)
    answered = window.page.locator("[aria-busy=false]")  # not what was found for an earlier query
    return answered.get_by_role("list", name="Found messages").get_by_role("listitem")


def test_a_hit_is_shown_as_the_room_shows_it_and_leads_to_its_place(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    for window in (ada, bo):
        window.open_room("Lobby")
    ada.say("Who broke the samovar?")
    bo.act(bo.message("Who broke the samovar?"), "Reply in thread")
    field = bo.page.get_by_role("complementary", name="Thread").get_by_role("textbox")
    field.fill("The samovar was broken by ||the gardener||")
    field.press("Enter")
    expect(
        ada.message("Who broke the samovar?").get_by_role("button", name=re.compile("1 reply"))
    ).to_be_visible()
    ada.act(ada.message("Who broke the samovar?"), "Quote")
    ada.say("About the samovar again")

    found = hits(ada, "samovar")
    reply = found.filter(has_text="Replied in a thread")
    expect(reply).to_contain_text("was broken by ▒▒▒")
    expect(found.filter(has_text="again")).to_contain_text("Who broke the samovar?")
    reply.get_by_role("link").click()
    expect(ada.page).to_have_url(re.compile(r"/thread/\d+/\d+$"))
    expect(ada.page.get_by_role("region", name="Replies")).to_contain_text("The samovar was broken by")


def test_a_hit_of_somebody_who_is_blocked_is_covered(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    for window in (ada, bo):
        window.open_room("Lobby")
    bo.say("A rude periwinkle")
    expect(ada.message("A rude periwinkle")).to_be_visible()
    ada.page.get_by_role("article").get_by_role("button", name="Bo Diddley", exact=True).last.click()
    ada.page.get_by_role("menuitem", name="Block Bo Diddley").click()
    expect(ada.messages.get_by_text("You block this person.").last).to_be_visible()

    hit = hits(ada, "periwinkle")
    expect(hit).to_contain_text("You block this person.")
    expect(hit).not_to_contain_text("periwinkle")
    hit.get_by_role("button", name="Show the message").click()
    expect(hit.get_by_role("link")).to_contain_text("A rude periwinkle")

    # Back to how other tests find it.
    ada.page.keyboard.press("Escape")
    ada.page.get_by_role("article").get_by_role("button", name="Bo Diddley", exact=True).last.click()
    ada.page.get_by_role("menuitem", name="Unblock Bo Diddley").click()
    expect(ada.message("A rude periwinkle")).to_be_visible()
    assert ada.bugs == bo.bugs == []
