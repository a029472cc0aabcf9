"""Three people: a moderator at work, somebody who misbehaves, and somebody who minds."""

import re

import pytest
from playwright.sync_api import Page, expect

from realtime.testing.stack import Stack
from tests.e2e.site import HELD_WORD
from tests.support.uploads import image

pytestmark = pytest.mark.e2e
PHONE = {"width": 390, "height": 844}
# Its rules change and somebody is banned: in a room of its own, so that the other tests find theirs as it was.
RULED = """
from accounts.models import User
from tests.support.people import make_room, say
admin, bo = (User.objects.get(username=name) for name in ("admin", "bo"))
say(admin, make_room(admin, bo, kind="public", name="Strict"), "Here are rules")
"""


def menu_of(page: Page, name: str) -> None:
    page.get_by_role("complementary", name="Members").get_by_role(
        "button", name=f"Actions for {name}"
    ).click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name=name).click()


def show_members(page: Page) -> None:
    hidden = page.get_by_role("button", name="Show members")
    # The panel comes after the room; its button says at once whether it will.
    expect(hidden.or_(page.get_by_role("button", name="Hide members", pressed=True))).to_be_visible()
    if hidden.is_visible():
        hidden.click()
    panel = page.get_by_role("complementary", name="Members")
    expect(panel.get_by_role("listitem").first).to_be_visible()


def close_dialog(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Close").first.click()


def test_a_message_is_reported_taken_up_by_one_of_two_moderators_and_dealt_with(open_window) -> None:
    admin, ada, bo = open_window("admin"), open_window("ada"), open_window("bo", viewport=PHONE)
    admin.open_room("Lobby")
    show_members(admin.page)
    menu_of(admin.page, "Ada Lovelace")
    choose(admin.page, "Make a moderator")
    expect(
        admin.page.get_by_role("listitem").filter(has_text="Ada Lovelace").get_by_text("Moderator")
    ).to_be_visible()
    ada.open_room("Lobby")

    admin.say("Buy my watches, now or never")
    bo.open_room("Lobby")
    bo.act(bo.message("Buy my watches"), "Report message")
    dialog = bo.page.get_by_role("dialog", name="Report to the moderators")
    dialog.get_by_label("Spam").check()
    dialog.get_by_label("What should they know?").fill("Every day the same")
    dialog.get_by_role("button", name="Report", exact=True).click()
    expect(bo.page.get_by_role("status").filter(has_text="The moderators will look at it")).to_be_visible()
    bo.page.get_by_role("button", name="Done").click()

    ada.page.goto("/#/moderation")
    queue = ada.page.get_by_role("dialog", name="Moderation")
    report = queue.get_by_role("listitem").filter(has_text="Ines Admin").first
    report.get_by_role("button", expanded=False).click()
    expect(report.get_by_text("Every day the same")).to_be_visible()
    expect(report.get_by_role("list", name="What was said").get_by_text("Buy my watches")).to_be_visible()
    report.get_by_role("button", name="I take it").click()
    expect(report.get_by_role("button", name="Leave it to others")).to_be_visible()
    report.get_by_label("What to do").select_option("delete")
    report.get_by_label("Reason").fill("No advertising")
    report.get_by_role("button", name="Close the report").click()
    expect(queue.get_by_text("Nothing is open. Well done.")).to_be_visible()
    expect(bo.message("Message deleted").last).to_be_visible()
    expect(bo.toast("Your report about Ines Admin was looked at: something was done")).to_be_visible()
    close_dialog(ada.page)

    ada.open_room("Lobby")
    show_members(ada.page)
    menu_of(ada.page, "Bo Diddley")
    choose(ada.page, "Mute…")
    mute = ada.page.get_by_role("dialog", name="Mute Bo Diddley?")
    mute.get_by_label("For how long").select_option("10")
    mute.get_by_label("Reason").fill("A short break")
    mute.get_by_role("button", name="Mute", exact=True).click()
    note = bo.page.get_by_role("status").filter(has_text="You are muted in this room.")
    expect(note).to_contain_text("Reason: A short break")
    expect(bo.composer).to_have_count(0)
    expect(
        ada.page.get_by_role("listitem").filter(has_text="Bo Diddley").get_by_text("Muted")
    ).to_be_visible()
    menu_of(ada.page, "Bo Diddley")
    choose(ada.page, "Let them write again")
    expect(bo.composer).to_be_visible()
    assert admin.bugs == ada.bugs == bo.bugs == []


def test_a_moderator_sees_a_held_message_with_its_files_and_lets_it_through(open_window) -> None:
    admin, bo = open_window("admin"), open_window("bo")
    for window in (admin, bo):
        window.open_room("Lobby")
    bo.attach(("fever.png", "image/png", image(size=(800, 500))), ("fever.txt", "text/plain", b"38.5"))
    expect(bo.tray.get_by_role("listitem")).to_have_count(2)
    bo.say(f"We are in {HELD_WORD}")
    kept = bo.message(HELD_WORD)
    expect(kept.get_by_role("alert")).to_contain_text("A moderator will look at this message")
    expect(admin.message(HELD_WORD)).to_have_count(0)

    admin.page.goto("/#/moderation")
    queue = admin.page.get_by_role("dialog", name="Moderation")
    queue.get_by_role("tab", name="Held · 1").click()
    held = queue.get_by_role("list", name="Held messages").get_by_role("listitem").first
    expect(held).to_contain_text("We are in quarantine")
    expect(held.locator("img")).to_have_js_property("naturalWidth", 480)
    with admin.page.expect_download() as download:
        held.get_by_role("link", name="Download fever.txt").click()
    assert download.value.path().read_bytes() == b"38.5"
    held.get_by_role("button", name="Let through").click()
    expect(queue.get_by_text("No message waits.")).to_be_visible()
    close_dialog(admin.page)
    said = admin.message(HELD_WORD)
    expect(said.get_by_role("link", name="Download fever.txt")).to_be_visible()
    assert admin.bugs == bo.bugs == []


def test_rules_of_a_room_and_a_ban_with_its_reason(open_window, site: Stack) -> None:
    site.manage("shell", "--no-imports", "-c", RULED)
    admin, bo = open_window("admin"), open_window("bo")
    admin.open_room("Strict")
    bo.open_room("Strict")
    admin.page.get_by_role("button", name="Room actions").click()
    choose(admin.page, "Change name or topic")
    change = admin.page.get_by_role("dialog", name="Change this room")
    change.get_by_label("Slow mode").select_option("30")
    change.get_by_role("button", name="Save").click()
    expect(bo.page.get_by_text("Slow mode: one message every 30 s.")).to_be_visible()
    bo.say("One is enough")
    expect(bo.page.get_by_text(re.compile(r"Slow mode: you can write again in \d+ s\."))).to_be_visible()
    bo.composer.fill("And another")
    expect(bo.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    bo.composer.fill("")

    admin.page.get_by_role("button", name="Room actions").click()
    choose(admin.page, "Change name or topic")
    change.get_by_label("Slow mode").select_option("0")
    change.get_by_label("Who may write").select_option("owners")
    change.get_by_role("button", name="Save").click()
    expect(
        bo.page.get_by_role("status").filter(has_text="Only owners may write in this room.")
    ).to_be_visible()

    show_members(admin.page)
    menu_of(admin.page, "Bo Diddley")
    choose(admin.page, "Ban from the room…")
    ban = admin.page.get_by_role("dialog", name="Ban Bo Diddley?")
    ban.get_by_label("Reason").fill("Enough")
    ban.get_by_role("button", name="Ban", exact=True).click()
    expect(bo.toast("You were banned from Strict")).to_be_visible()
    expect(
        bo.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Strict"))
    ).to_have_count(0)

    admin.page.get_by_role("button", name="Room actions").click()
    choose(admin.page, "What was done here")
    log = admin.page.get_by_role("list", name="What was done")
    expect(log.get_by_role("listitem").first).to_contain_text("Ines Admin banned Bo Diddley")
    close_dialog(admin.page)
    admin.page.get_by_role("button", name="Room actions").click()
    choose(admin.page, "Who is banned")
    admin.page.get_by_role("button", name="Lift the ban of Bo Diddley").click()
    expect(admin.page.get_by_text("Nobody is banned.")).to_be_visible()
    close_dialog(admin.page)

    # Everybody may write in this room again, as the tests after this one do.
    admin.page.get_by_role("button", name="Room actions").click()
    choose(admin.page, "Change name or topic")
    change.get_by_label("Who may write").select_option("everybody")
    change.get_by_role("button", name="Save").click()
    expect(change).to_have_count(0)
    assert admin.bugs == bo.bugs == []


def test_a_blocked_person_is_covered_on_all_devices(open_window) -> None:
    ada, phone, bo = open_window("ada"), open_window("ada", viewport=PHONE), open_window("bo")
    ada.open_room("Lobby")
    phone.open_room("Lobby")
    bo.open_room("Lobby")
    bo.say("Can you hear me?")
    expect(ada.message("Can you hear me?")).to_be_visible()
    ada.message("Can you hear me?").get_by_role("button", name="Bo Diddley").or_(
        ada.page.get_by_role("article").get_by_role("button", name="Bo Diddley", exact=True).last
    ).last.click()
    choose(ada.page, "Block Bo Diddley")
    for window in (ada, phone):
        expect(window.message("Can you hear me?")).to_have_count(0)
        expect(window.messages.get_by_text("You block this person.").last).to_be_visible()
    phone.messages.get_by_role("button", name="Show the message").last.click()
    expect(phone.message("Can you hear me?")).to_be_visible()

    ada.page.get_by_role("button", name=re.compile("^Your account")).click()
    choose(ada.page, "People you block")
    ada.page.get_by_role("button", name="Unblock Bo Diddley").click()
    expect(ada.page.get_by_text("You block nobody.")).to_be_visible()
    close_dialog(ada.page)
    expect(ada.message("Can you hear me?")).to_be_visible()
    assert ada.bugs == phone.bugs == bo.bugs == []
