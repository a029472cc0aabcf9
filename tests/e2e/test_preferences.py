"""What a person is told, how and when: chosen in one window, followed by the other, and the reason of each decision."""

import re

import pytest
from playwright.sync_api import Locator, expect

from realtime.testing.stack import Stack
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

TELL = """
from accounts.models import User
from notifications.notify import notify

notify("testing.called", to=[User.objects.get(username="ada").pk], data={"line": 3}, key="e2e-why",
       actor=User.objects.get(username="bo"))
"""


def preferences(window: Window) -> Locator:
    window.page.get_by_role("button", name=re.compile("^Your account")).click()
    window.page.get_by_role("menuitem", name="What you are told").click()
    return window.page.get_by_role("dialog", name="What you are told")


def test_a_choice_is_followed_by_all_windows_and_by_what_is_sent(open_window, site: Stack) -> None:
    here, there = open_window("ada"), open_window("ada")
    mine, theirs = preferences(here), preferences(there)
    mine.get_by_label("Calls: Recorder").click()
    expect(theirs.get_by_label("Calls: Recorder")).not_to_be_checked()
    theirs.get_by_label("Calls: Letters").select_option(label="Every morning")
    expect(mine.get_by_label("Calls: Letters")).to_have_value("daily")
    expect(mine.get_by_label("Alarms: Recorder")).to_be_disabled()

    mine.get_by_label("Quiet hours").check()
    mine.get_by_label("Quiet from").fill("21:30")
    mine.get_by_role("button", name="Sunday").click()
    mine.get_by_label("Time zone").select_option("America/St_Johns")
    mine.get_by_role("button", name="Save times").click()
    expect(theirs.get_by_label("Quiet from")).to_have_value("21:30")
    expect(theirs.get_by_role("button", name="Sunday")).to_have_attribute("aria-pressed", "false")

    mine.get_by_label("Another room").select_option(index=1)
    expect(theirs.get_by_label(re.compile("^What to tell of"))).to_have_value("mentions")
    mine.get_by_role("button", name="Mute everything: Until I end it").click()
    expect(theirs.get_by_text("Muted until you end it.")).to_be_visible()
    theirs.get_by_role("button", name="Unmute everything").click()
    expect(mine.get_by_role("button", name="Mute everything: For an hour")).to_be_visible()
    mine.get_by_role("button", name="Close").click()

    site.manage("shell", "--no-imports", "-c", TELL)
    here.bell.click()
    line = here.page.get_by_role("listitem").filter(has_text="calls")
    line.get_by_role("button", name=re.compile("^More for")).click()
    here.page.get_by_role("menuitem", name="Why did I get this?").click()
    why = here.page.get_by_role("dialog", name="Why did I get this?")
    expect(why).to_contain_text("by the preferences this kind is not told over this channel")
    # It is on the screen, so that the summary of tomorrow morning need not tell of it.
    expect(why).to_contain_text("it had been seen in the app already")
    expect(why).to_contain_text("(America/St_Johns)")

    # The tests after this one wait for what pops up, also on a Sunday and at night.
    why.get_by_role("button", name="Close").click()
    here.page.keyboard.press("Escape")
    theirs.get_by_label("Quiet hours").uncheck()
    theirs.get_by_role("button", name="Sunday").click()
    theirs.get_by_role("button", name="Save times").click()
    saved = preferences(here)
    expect(saved.get_by_label("Quiet hours")).not_to_be_checked()
    expect(saved.get_by_role("button", name="Sunday")).to_have_attribute("aria-pressed", "true")
    assert here.errors == there.errors == []


TELL_ALL = """
import uuid
from accounts.models import User
from notifications.audiences import Audience
from notifications.broadcasts.writing import NewBroadcast, broadcast_create
from notifications.notify import notify
notify("testing.alarm" if {critical} else "testing.shipped", to=[User.objects.get(username="bo").pk],
       data={data}, key=uuid.uuid4().hex)
broadcast_create(NewBroadcast(form_key=uuid.uuid4(), title="{title}", text="", level="info", link="",
    audience=Audience(kind="everybody")), created_by=None)
"""


@pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}], ids=["wide", "phone"]
)
def test_nothing_pops_up_while_one_is_muted_but_what_is_critical(open_window, site: Stack, viewport) -> None:
    title = f"Cake at {viewport['width']}"
    window: Window = open_window("bo", viewport=viewport)
    muted = preferences(window)
    muted.get_by_role("button", name="Mute everything: For an hour").click()
    expect(muted.get_by_text(re.compile("^Muted until"))).to_be_visible()
    muted.get_by_role("button", name="Close").click()

    told = TELL_ALL.replace("{title}", title)
    site.manage(
        "shell", "--no-imports", "-c", told.replace("{critical}", "False").replace("{data}", '{"number": 7}')
    )
    window.bell.click()
    inbox = window.page.get_by_role("dialog", name="Notifications")
    expect(inbox.get_by_text("Order 7 is on its way").first).to_be_visible()
    expect(inbox.get_by_text(title)).to_be_visible()
    expect(window.page.get_by_role("button", name="Dismiss")).to_have_count(0)
    site.manage("shell", "--no-imports", "-c", told.replace("{critical}", "True").replace("{data}", "{}"))
    expect(window.page.get_by_role("button", name="Dismiss")).to_have_count(1)
    window.page.get_by_role("button", name="Dismiss").click()
    window.page.keyboard.press("Escape")

    # Announcements are turned off, and on again: the inbox follows.
    choice = preferences(window)
    choice.get_by_label("Announcements: In the app").click()
    expect(choice.get_by_label("Announcements: In the app")).not_to_be_checked()
    choice.get_by_role("button", name="Close").click()
    window.bell.click()
    expect(inbox.get_by_text("Order 7 is on its way").first).to_be_visible()
    expect(inbox.get_by_text(title)).to_have_count(0)
    window.page.keyboard.press("Escape")
    choice = preferences(window)
    choice.get_by_label("Announcements: In the app").click()
    expect(choice.get_by_label("Announcements: In the app")).to_be_checked()
    choice.get_by_role("button", name="Unmute everything").click()
    choice.get_by_role("button", name="Close").click()
    window.bell.click()
    expect(inbox.get_by_text(title).first).to_be_visible()
    assert window.errors == []
