"""What administrators do reaches people: broadcasts from the form, rows in another administrator's list."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

WRITE = "/admin/notifications/broadcast/add/"
ITEMS = "/admin/notifications/statusitem/"


def test_a_broadcast_now_reaches_everybody_as_toast_and_in_the_inbox(open_window) -> None:
    ada, bo, admin = open_window("ada"), open_window("bo"), open_window("admin", path=WRITE)
    for window in (ada, bo):
        expect(window.bell).to_be_visible()
    before = {window: window.unread() for window in (ada, bo)}
    _write(admin.page, "Tea is ready", "In the kitchen.")
    expect(admin.page.get_by_text("This reaches")).to_contain_text("people")
    admin.page.get_by_role("button", name="Review before sending").click()
    expect(admin.page.get_by_text("Nothing is sent yet. It goes to")).to_be_visible()
    admin.page.get_by_role("button", name="Send to").click()
    expect(admin.page.locator("#broadcast-status")).to_have_text("Sent")
    _arrives("Tea is ready", before)
    assert ada.errors == bo.errors == admin.errors == []


def test_a_broadcast_five_seconds_ahead_goes_out_by_beat_and_worker(open_window) -> None:
    ada, bo, admin = open_window("ada"), open_window("bo"), open_window("admin", path=WRITE)
    for window in (ada, bo):
        expect(window.bell).to_be_visible()
    before = {window: window.unread() for window in (ada, bo)}
    _write(admin.page, "Fire drill", "Leave by the stairs.")
    admin.page.get_by_label("At a time").check()
    admin.page.get_by_label("Time zone").select_option("UTC")
    due = datetime.now(UTC) + timedelta(seconds=5)
    admin.page.get_by_label("Date:").fill(f"{due:%Y-%m-%d}")
    admin.page.get_by_label("Time:").fill(f"{due:%H:%M:%S}")
    admin.page.get_by_role("button", name="Review before sending").click()
    admin.page.get_by_role("button", name="Schedule for").click()
    expect(admin.page.locator("#broadcast-status")).to_have_text("Scheduled")
    _arrives("Fire drill", before)
    assert datetime.now(UTC) >= due.replace(microsecond=0), "not before its time"
    expect(admin.page.locator("#broadcast-status")).to_have_text("Sent")
    assert ada.errors == bo.errors == admin.errors == []


def test_a_broadcast_that_is_recalled_leaves_screens_and_inboxes(open_window) -> None:
    ada, admin = open_window("ada"), open_window("admin", path=WRITE)
    expect(ada.bell).to_be_visible()
    before = ada.unread()
    _write(admin.page, "Wrong kitchen", "Not that one.")
    admin.page.get_by_role("button", name="Review before sending").click()
    admin.page.get_by_role("button", name="Send to").click()
    expect(ada.toast("Wrong kitchen")).to_be_visible()
    ada.bell.click()
    line = ada.page.get_by_role("dialog", name="Notifications").get_by_role("listitem")
    expect(line.filter(has_text="Wrong kitchen")).to_be_visible()
    expect(admin.page.locator('[data-channel="in_app"] [data-figure="seen"]')).to_have_text("1")
    admin.page.get_by_text("Recall…").click()
    admin.page.get_by_role("button", name="Recall it from everybody").click()
    expect(admin.page.locator("#broadcast-status")).to_have_text("Recalled")
    expect(line.filter(has_text="Wrong kitchen")).to_have_count(0)
    expect(ada.toast("Wrong kitchen")).to_have_count(0)
    assert ada.unread() == before
    assert ada.errors == admin.errors == []


def test_a_row_that_one_administrator_edits_changes_in_the_others_list(open_window) -> None:
    admin, iris = open_window("admin", path=ITEMS), open_window("iris", path=ITEMS)
    expect(iris.page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    iris.page.evaluate("window.notReloaded = true")
    admin.page.goto(f"{ITEMS}add/")
    admin.page.get_by_label("Name:").fill("Mail gateway")
    admin.page.get_by_role("button", name="Save", exact=True).click()
    row = iris.page.get_by_role("row").filter(has_text="Mail gateway")
    expect(row).to_contain_text("Operational")
    admin.page.get_by_role("link", name="Mail gateway").first.click()
    admin.page.get_by_label("State:").select_option("Outage")
    admin.page.get_by_label("Note:").fill("Queue is full")
    admin.page.get_by_role("button", name="Save", exact=True).click()
    expect(row).to_contain_text("Outage")
    expect(row).to_contain_text("Queue is full")
    assert iris.page.evaluate("window.notReloaded")
    assert admin.errors == iris.errors == []


def _write(page: Page, title: str, text: str) -> None:
    page.get_by_label("Title:").fill(title)
    page.get_by_label("Text:").fill(text)
    page.get_by_label("Who gets it:").select_option("Everybody")


def _arrives(title: str, unread_before: dict[Window, int]) -> None:
    """A toast, one more on the bell, and an entry in the list behind it, for everybody."""
    for window in unread_before:
        expect(window.toast(title)).to_be_visible()
    for window, before in unread_before.items():
        assert window.unread() == before + 1
        window.bell.click()
        inbox = window.page.get_by_role("dialog", name="Notifications")
        expect(inbox.get_by_role("listitem").filter(has_text=title)).to_have_count(1)
        inbox.get_by_role("button", name="Mark all as read").click()
        expect(window.page.get_by_role("button", name="Notifications", exact=True)).to_be_attached()
