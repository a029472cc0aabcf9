"""Tasks that take longer than a click: started, watched, stopped and fetched, with a socket and without one."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from realtime.testing.stack import Stack
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

START_SLOW_WORK = """
from accounts.models import User
from realtime.jobs.services import start_job

start_job("testing.slow", User.objects.get(username="{user}"), {{"to": 600}}, key="{key}")
"""


def tasks(window: Window) -> Locator:
    window.page.goto("/#/jobs")
    return window.page.get_by_role("dialog", name="Your tasks")


def row(dialog: Locator, label: str) -> Locator:
    return dialog.get_by_role("listitem").filter(has_text=label)


def value_of(progress: Locator) -> float:
    return float(progress.get_attribute("value") or 0)


def test_an_export_is_fetched_and_slow_work_is_watched_and_cancelled_on_two_windows(
    open_window, site: Stack, tmp_path: Path
) -> None:
    here, there = open_window("ada"), open_window("ada")
    mine, theirs = tasks(here), tasks(there)
    mine.get_by_role("button", name="Export my data").click()
    for dialog in (mine, theirs):
        expect(row(dialog, "Export of your data")).to_contain_text("Ready to be downloaded. Kept until")
    with here.page.expect_download() as download:
        row(mine, "Export of your data").get_by_role("link", name=re.compile("^Download")).click()
    download.value.save_as(tmp_path / "export.zip")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        assert json.loads(archive.read("profile.json"))[0]["username"] == "ada"
    assert download.value.suggested_filename.startswith("carillon-ada-")

    site.manage("shell", "--no-imports", "-c", START_SLOW_WORK.format(user="ada", key="watched"))
    bar = row(mine, "Slow work").get_by_role("progressbar")
    expect(bar).to_have_attribute("value", re.compile(r"0\.\d+"))
    first = value_of(bar)
    expect(row(mine, "Slow work")).to_contain_text(re.compile(r"Working · \d+ of 600"))
    here.page.wait_for_function("([bar, first]) => bar.value > first", arg=[bar.element_handle(), first])
    row(mine, "Slow work").get_by_role("button", name="Cancel").click()
    for dialog in (mine, theirs):
        expect(row(dialog, "Slow work")).to_contain_text("Cancelled.")
    row(mine, "Slow work").get_by_role("button", name=re.compile("^Remove")).click()
    expect(row(theirs, "Slow work")).to_have_count(0)
    assert here.errors == there.errors == []


def test_where_sockets_are_blocked_the_page_asks_and_says_so(open_window, site: Stack) -> None:
    blocked = open_window()
    for path in ("**/ws", "**/sse*"):
        blocked.page.context.route(path, lambda route: route.abort())
        blocked.page.context.route_web_socket(path, lambda socket: socket.close())
    blocked.page.reload()
    blocked.log_in("bo")
    dialog = tasks(blocked)
    expect(dialog.get_by_role("status")).to_contain_text(
        "No live connection: this list asks the server every 3 seconds"
    )
    site.manage("shell", "--no-imports", "-c", START_SLOW_WORK.format(user="bo", key="blocked"))
    dialog.get_by_role("button", name="Export my data").click()
    expect(row(dialog, "Export of your data")).to_contain_text("Ready to be downloaded.")
    row(dialog, "Slow work").get_by_role("button", name="Cancel").click()
    expect(row(dialog, "Slow work")).to_contain_text("Cancelled.")
    assert blocked.bugs == []
