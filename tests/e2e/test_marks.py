"""Two people, one of them on two devices: what is put on messages and kept, drafts, and what is sent later."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
PHONE = {"width": 390, "height": 844}


def test_reactions_pins_and_saved_messages_are_seen_by_others_at_once(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    for window in (ada, bo):
        window.open_room("Release")
    ada.say("Shall we mark this?")

    bo.message("mark this").hover()
    bo.message("mark this").get_by_role("button", name="Add a reaction").first.click()
    bo.page.get_by_role("button", name="React with 🎉").press("Enter")
    pill = ada.message("mark this").get_by_role("button", name=re.compile("^🎉 1: Bo"))
    expect(pill).to_have_attribute("aria-pressed", "false")
    pill.click()
    both = bo.message("mark this").get_by_role("button", name=re.compile("^🎉 2: You and Ada"))
    expect(both).to_have_attribute("aria-pressed", "true")
    ada.message("mark this").get_by_role("button", name="Who reacted").click()
    people = ada.page.get_by_role("dialog", name="Reactions")
    expect(people.get_by_role("listitem")).to_have_count(2)
    people.get_by_role("button", name="Close").click()
    both.click()
    expect(ada.message("mark this").get_by_role("button", name=re.compile("^🎉 1: You"))).to_be_visible()

    bo.act(bo.message("mark this"), "Pin to this room")
    expect(ada.message("mark this").get_by_text("Pinned")).to_be_visible()
    ada.page.get_by_role("button", name=re.compile("pinned message")).click()
    pinned = ada.page.get_by_role("dialog", name="Pinned messages")
    expect(pinned.get_by_text("Shall we mark this?")).to_be_visible()
    pinned.get_by_role("button", name="Unpin").first.click()
    expect(bo.message("mark this").get_by_text("Pinned")).to_have_count(0)
    pinned.get_by_role("button", name="Close").click()

    bo.act(bo.message("mark this"), "Save for later")
    expect(bo.message("mark this").get_by_text("Saved")).to_be_visible()
    ada.page.get_by_role("button", name="Edit message").last.click()
    ada.page.get_by_role("textbox", name="Edit message").fill("Shall we keep this?")
    ada.page.get_by_role("textbox", name="Edit message").press("Enter")
    expect(bo.message("keep this")).to_be_visible()
    bo.page.get_by_role("button", name=re.compile("^Your account")).click()
    bo.page.get_by_role("menuitem", name="Saved messages").click()
    saved = bo.page.get_by_role("dialog", name="Saved messages")
    expect(saved.get_by_text("Shall we keep this?")).to_be_visible()
    saved.get_by_role("button", name="Remove").first.click()
    expect(saved.get_by_text("Nothing saved")).to_be_visible()
    assert ada.errors == bo.errors == []


def test_a_poll_is_made_voted_on_and_ended_at_phone_width(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo", viewport=PHONE)
    for window in (ada, bo):
        window.open_room("Lobby")
    ada.composer.fill("Which day?")
    ada.page.get_by_role("button", name="More ways to send").click()
    ada.page.get_by_role("menuitem", name="Make a poll…").click()
    editor = ada.page.get_by_role("dialog", name="Make a poll")
    expect(editor.get_by_label("Question")).to_have_value("Which day?")
    editor.get_by_label("Answer 1", exact=True).fill("Monday")
    editor.get_by_label("Answer 2", exact=True).fill("Friday")
    editor.get_by_role("button", name="Send the poll").click()
    expect(ada.composer).to_have_value("")

    poll = bo.page.get_by_role("group", name="Poll: Which day?")
    friday = poll.get_by_role("button", name=re.compile("^Friday"))
    friday.click()
    expect(friday).to_have_attribute("aria-pressed", "true")
    expect(poll.get_by_text("1 person has voted")).to_be_visible()
    seen = ada.page.get_by_role("group", name="Poll: Which day?")
    expect(seen.get_by_role("button", name="Friday: 1 vote")).to_be_visible()
    seen.get_by_role("button", name="Who voted").click()
    voters = ada.page.get_by_role("dialog", name="Who voted")
    expect(voters.get_by_text("Bo Diddley")).to_be_visible()
    voters.get_by_role("button", name="Close").click()
    ada.act(ada.message("Which day?"), "End this poll")
    expect(poll.get_by_text("Ended")).to_be_visible()
    expect(friday).to_be_disabled()
    assert bo.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert ada.errors == bo.errors == []


def test_who_is_asked_acknowledges_and_who_asked_sees_who_has_not(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    for window in (ada, bo):
        window.open_room("Release")
    ada.composer.fill("Read the release notes")
    ada.page.get_by_role("button", name="More ways to send").click()
    ada.page.get_by_role("menuitem", name="Send, and ask to acknowledge it").click()
    asked = bo.message("Read the release notes")
    asked.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(asked.get_by_text("You have acknowledged this.")).to_be_visible()
    ada.message("Read the release notes").get_by_role("button", name="Acknowledged by 1").click()
    people = ada.page.get_by_role("dialog", name="Acknowledgements")
    expect(people.get_by_role("region", name="Acknowledged").get_by_text("Bo Diddley")).to_be_visible()
    expect(
        people.get_by_role("region", name="Not yet").get_by_text("Cleo", exact=False).first
    ).to_be_visible()
    assert ada.errors == bo.errors == []


def test_drafts_and_unread_marks_follow_to_another_device(open_window) -> None:
    desk, phone = open_window("ada"), open_window("ada", viewport=PHONE)
    bo = open_window("bo")
    bo.open_room("Release")
    desk.open_room("Release")
    desk.composer.press_sequentially("As I was say")
    link = phone.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Release"))
    expect(link.get_by_text("Draft:")).to_be_visible()
    phone.open_room("Release")
    expect(phone.composer).to_have_value("As I was say")
    phone.composer.press_sequentially("ing")
    expect(desk.composer).to_have_value("As I was saying")
    desk.composer.press("Enter")
    expect(phone.composer).to_have_value("")

    bo.say("Look at this again")
    expect(desk.message("Look at this again")).to_be_visible()
    phone.page.get_by_role("button", name="Back to the rooms").click()
    expect(link.get_by_text("unread")).to_have_count(0)
    desk.act(desk.message("Look at this again"), "Mark unread from here")
    expect(link.get_by_text("1 unread")).to_be_attached()
    expect(desk.messages.get_by_text("New", exact=True)).to_be_visible()
    phone.open_room("Release")
    room = desk.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Release"))
    expect(room.get_by_text("unread")).to_have_count(0)
    assert desk.errors == phone.errors == bo.errors == []


def test_a_message_is_sent_later_changed_and_cancelled(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    for window in (ada, bo):
        window.open_room("Lobby")
    ada.say("Bells at noon")
    ada.attach(("later.txt", "text/plain", b"later"))
    for text in ("Later, please", "Never mind"):
        ada.act(ada.message("Bells at noon"), "Quote")
        ada.composer.fill(text)
        ada.page.get_by_role("button", name="More ways to send").click()
        ada.page.get_by_role("menuitem", name="Send later…").click()
        later = ada.page.get_by_role("dialog", name="Send later")
        expect(later.get_by_text(re.compile("^Time zone: "))).to_be_visible()
        later.get_by_role("button", name=re.compile("^In an hour")).click()
        expect(ada.composer).to_have_value("")
    ada.page.get_by_role("link", name="Open", exact=True).first.click()
    waiting = ada.page.get_by_role("dialog", name="Scheduled messages")
    never = waiting.get_by_role("listitem").filter(has_text="Never mind")
    never.get_by_role("button", name="Edit").click()
    never.get_by_label("With a quote").uncheck()
    never.get_by_role("button", name="Save").click()
    expect(never.get_by_text("With a quote")).to_have_count(0)
    never.get_by_role("button", name="Cancel sending").click()
    expect(never).to_have_count(0)
    expect(waiting.get_by_text("With a quote")).to_be_visible()
    expect(waiting.get_by_text("later.txt")).to_be_visible()
    waiting.get_by_role("button", name="Edit").click()
    waiting.get_by_label("Message").fill("Sooner, please")
    # In the form of the field, to the second: the minute that comes next could be a minute away.
    soon = (datetime.now() + timedelta(seconds=5)).isoformat(timespec="seconds")
    at = waiting.get_by_label("Send at")
    at.evaluate("(field) => { field.step = '1'; field.min = ''; }")
    at.fill(soon)
    waiting.get_by_role("button", name="Save").click()
    sent = bo.message("Sooner, please")
    expect(sent.get_by_role("link", name="Download later.txt")).to_be_visible()
    expect(sent.get_by_role("button", name=re.compile("^Quoted: Ada Lovelace"))).to_contain_text(
        "Bells at noon"
    )
    expect(waiting.get_by_text("Nothing scheduled")).to_be_visible()
    assert ada.errors == bo.errors == []
