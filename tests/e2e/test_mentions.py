"""Two people in two browsers: a mention with its list of names, a conversation of three, and a deletion undone."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_mention_is_chosen_from_a_list_shown_counted_notified_and_read(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    bo.open_room("Lobby")
    unread = bo.unread()
    ada.open_room("Release")

    ada.composer.press_sequentially("Ready, @")
    names = ada.page.get_by_role("listbox", name="People to mention")
    expect(names.get_by_role("option", name=re.compile("Bo Diddley"))).to_be_visible()
    ada.composer.press_sequentially("bo")
    expect(names.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    ada.composer.press("Escape")
    expect(names).to_have_count(0)
    ada.composer.press_sequentially(" @did")
    names.get_by_role("option", name=re.compile("Bo Diddley")).click()
    ada.composer.press_sequentially("or not? `@bo`")
    expect(ada.composer).to_have_value("Ready, @bo @bo or not? `@bo`")
    ada.composer.press("Enter")

    room = bo.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Release"))
    expect(room.get_by_text("1 mention of you")).to_be_attached()
    expect(bo.toast("Ada Lovelace mentioned you in Release")).to_be_visible()
    expect(bo.bell).to_have_accessible_name(re.compile(f"{unread + 1} unread"))
    bo.page.get_by_role("link", name="Open", exact=True).first.click()
    expect(bo.message("or not?")).to_be_in_viewport()
    called = bo.message("or not?").get_by_text("@bo", exact=True)
    expect(called.and_(bo.page.locator(":not(code)"))).to_have_count(2)
    expect(bo.message("or not?").get_by_role("code")).to_have_text("@bo")
    expect(room.get_by_text("mention of you")).to_have_count(0)
    expect(bo.bell).not_to_have_accessible_name(re.compile(f"{unread + 1} unread"))

    ada.say("@cleo and @iris?")
    note = ada.page.get_by_role("status").filter(has_text="iris is not in this conversation")
    note.get_by_role("button", name="Dismiss").click()
    expect(note).to_have_count(0)
    assert ada.errors == bo.errors == []


def test_three_people_talk_directly_and_a_deletion_is_undone(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    bo.open_room("Lobby")
    unread = bo.unread()
    ada.page.get_by_role("button", name="New message").click()
    dialog = ada.page.get_by_role("dialog")
    for name in ("Bo Diddley", "Cleo"):
        dialog.get_by_role("button", name=re.compile(f"{name}.*Add")).click()
    dialog.get_by_role("button", name="Write to these people").click()
    expect(ada.composer).to_have_accessible_name("Message to Bo Diddley, Cleo")
    ada.say("The three of us")

    direct = bo.page.get_by_role("region", name="Direct messages")
    expect(bo.toast("Ada Lovelace wrote to you and 1 other")).to_be_visible()
    direct.get_by_role("link", name=re.compile("Ada Lovelace, Cleo")).click()
    expect(bo.message("The three of us")).to_be_visible()
    expect(bo.bell).not_to_have_accessible_name(re.compile(f"{unread + 1} unread"))

    ada.act(ada.message("The three of us"), "Delete message")
    expect(bo.message("Message deleted")).to_be_visible()
    ada.page.get_by_role("button", name="Undo").click()
    expect(bo.message("The three of us")).to_be_visible()
    assert ada.errors == bo.errors == []


def test_a_group_is_made_in_the_page_by_who_may_and_seen_by_everybody(open_window) -> None:
    admin, ada = open_window("admin"), open_window("ada")
    groups = admin.page.get_by_role("dialog", name="Groups of people")
    for window in (admin, ada):
        window.page.get_by_role("button", name=re.compile("^Your account")).click()
        window.page.get_by_role("menuitem", name="Groups of people").click()
    expect(ada.page.get_by_text("There is no group yet.")).to_be_visible()
    expect(ada.page.get_by_role("button", name="New group")).to_have_count(0)

    groups.get_by_role("button", name="New group").click()
    form = admin.page.get_by_role("dialog", name="New group")
    form.get_by_label("Name", exact=False).first.fill("ringers")
    form.get_by_label("Description").fill("On duty this week")
    form.get_by_role("button", name="Add people").click()
    form.get_by_label("Find somebody").fill("bo")
    form.get_by_role("button", name=re.compile("Bo Diddley.*Add")).click()
    form.get_by_role("button", name="Save").click()
    made = groups.get_by_role("button", name=re.compile("@ringers.*1 person"))
    expect(made).to_be_visible()

    ada.page.keyboard.press("Escape")
    ada.page.get_by_role("button", name=re.compile("^Your account")).click()
    ada.page.get_by_role("menuitem", name="Groups of people").click()
    ada.page.get_by_role("button", name=re.compile("@ringers")).click()
    seen = ada.page.get_by_role("dialog", name="@ringers")
    expect(seen.get_by_role("listitem").filter(has_text="Bo Diddley")).to_be_visible()
    expect(seen.get_by_role("button", name="Save")).to_have_count(0)

    made.click()
    admin.page.get_by_role("button", name="Remove group").click()
    admin.page.get_by_role("button", name="Remove it for good").click()
    expect(groups.get_by_text("There is no group yet.")).to_be_visible()
    assert admin.errors == ada.errors == []
