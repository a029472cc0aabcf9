"""The inbox under the bell: lines are read, put away and come back, on every window of the person at once."""

import re

import pytest
from playwright.sync_api import Locator, expect

from realtime.testing.stack import Stack
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

TELL = """
from accounts.models import User
from notifications.notify import notify
from tests.support import notification_types

ada = User.objects.get(username="ada")
for name, key in (("bo", "one"), ("admin", "two"), ("admin", "three")):
    by = User.objects.get(username=name)
    notify("testing.liked", to=[ada.pk], data={"what": "the picnic"}, key="e2e-" + key, actor=by, group="picnic")
notify("testing.shipped", to=[ada.pk], data={"number": 7, "note": "By bike."}, key="e2e-shipped")
"""


def opened(window: Window) -> Locator:
    window.bell.click()
    return window.page.get_by_role("dialog", name="Notifications")


def line(inbox: Locator, text: str) -> Locator:
    return inbox.get_by_role("listitem").filter(has_text=text)


def choose(window: Window, inbox: Locator, text: str, action: str | re.Pattern[str]) -> None:
    line(inbox, text).get_by_role("button", name=re.compile("^More for")).click()
    window.page.get_by_role("menuitem", name=action).click()


def test_lines_are_read_put_away_and_restored_on_both_windows(open_window, site: Stack) -> None:
    here, there = open_window("ada"), open_window("ada")
    expect(here.bell).to_be_visible()
    before = here.unread()
    site.manage("shell", "--no-imports", "-c", TELL)
    expect(here.toast("Order 7 is on its way")).to_be_visible()
    for window in (here, there):
        expect(window.bell).to_have_attribute("aria-label", f"Notifications, {before + 2} unread")
    mine, theirs = opened(here), opened(there)
    expect(line(mine, "like the picnic")).to_contain_text("and 1 other like the picnic")
    line(mine, "Order 7").get_by_role("button", name="Mark as read").click()
    expect(line(theirs, "Order 7").get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(there.bell).to_have_attribute("aria-label", f"Notifications, {before + 1} unread")

    choose(here, mine, "Order 7", "Archive")
    choose(here, mine, "the picnic", re.compile("^Tomorrow"))
    for inbox in (mine, theirs):
        expect(line(inbox, "Order 7")).to_have_count(0)
        expect(line(inbox, "the picnic")).to_have_count(0)
    theirs.get_by_role("tab", name="Snoozed").click()
    expect(line(theirs, "the picnic")).to_be_visible()
    theirs.get_by_role("tab", name="Archived").click()
    line(theirs, "Order 7").get_by_role("button", name="Move to inbox").click()
    expect(line(mine, "Order 7")).to_be_visible()
    assert here.errors == there.errors == []


def test_the_inbox_fits_a_phone_in_the_dark(open_window, site: Stack) -> None:
    site.manage("shell", "--no-imports", "-c", TELL.replace("e2e-", "phone-").replace('"picnic"', '"phone"'))
    phone = open_window("ada", viewport={"width": 375, "height": 720}, color_scheme="dark")
    expect(phone.bell).to_be_visible()
    inbox = opened(phone)
    expect(line(inbox, "Order 7").first).to_be_visible()
    box = inbox.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    assert phone.errors == []
