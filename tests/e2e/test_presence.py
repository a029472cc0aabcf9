"""Two people see each other: busy, invisible, what they say of themselves, and what they have read."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}


def open_status(window: Window) -> None:
    window.page.get_by_role("button", name=re.compile("^Your account")).click()
    window.page.get_by_role("menuitem", name="Your status").click()


def write_to_bo(window: Window) -> None:
    window.page.get_by_role("button", name="New message").click()
    dialog = window.page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("Bo Diddley.*Add")).click()
    dialog.get_by_role("button", name="Write", exact=True).click()


def test_a_status_and_do_not_disturb_are_seen_at_once_and_end(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo", viewport=PHONE)
    write_to_bo(ada)
    head = ada.page.get_by_role("region", name="Bo Diddley")
    expect(head.get_by_text("Online", exact=True)).to_be_visible()
    open_status(bo)
    dialog = bo.page.get_by_role("dialog", name="Your status")
    dialog.get_by_role("button", name="On holiday").click()
    dialog.get_by_role("radio", name=re.compile("^Do not disturb")).check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(head.get_by_text("Do not disturb", exact=True)).to_be_visible()

    open_status(bo)
    expect(dialog.get_by_role("textbox", name="What others see")).to_have_value("On holiday")
    dialog.get_by_role("radio", name=re.compile("^Invisible")).check()
    dialog.get_by_role("button", name="Save").click()
    expect(head.get_by_text("Not online", exact=True)).to_be_visible()
    open_status(bo)
    dialog.get_by_role("radio", name=re.compile("^As I am")).check()
    dialog.get_by_role("button", name="Save").click()
    expect(head.get_by_text("Online", exact=True)).to_be_visible()
    open_status(bo)
    dialog.get_by_role("button", name="Clear status").click()
    expect(dialog).to_have_count(0)
    assert ada.errors == bo.errors == []


def test_a_message_is_delivered_and_read_before_the_eyes_of_its_author(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    bo.open_room("Lobby")
    write_to_bo(ada)
    ada.say("Are you there?")
    mine = ada.message("Are you there?")
    expect(mine.get_by_text("Delivered", exact=True)).to_be_visible()
    bo.page.get_by_role("region", name="Direct messages").get_by_role(
        "link", name=re.compile("^Ada Lovelace ")
    ).click()
    expect(bo.message("Are you there?")).to_be_visible()
    expect(mine.get_by_text("Read", exact=True)).to_be_visible()
    ada.act(mine, "Who has read this")
    readers = ada.page.get_by_role("dialog", name="Who has read this")
    expect(readers.get_by_text("Bo Diddley")).to_be_visible()
    ada.page.keyboard.press("Escape")
    assert ada.errors == bo.errors == []
