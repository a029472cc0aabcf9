"""An administrator writes a series, sees its times beforehand, leaves one out and changes the rest."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

WRITE = "/admin/notifications/broadcast/add/"


def test_a_series_is_seen_before_it_is_written_skipped_once_edited_and_cancelled(open_window) -> None:
    admin = open_window("admin", path=WRITE)
    page = admin.page
    page.get_by_label("Title:").fill("Stand-up")
    page.get_by_label("By a cron rule").check()
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    coming = page.get_by_role("region", name="The next times")
    page.get_by_label("Cron rule:").fill("0 9 31 2 *")
    expect(coming).to_contain_text("The day of month of this cron rule, 31, cannot be.")
    page.get_by_label("Cron rule:").fill("30 2 * * SUN")
    expect(coming).to_contain_text("At 02:30 on Sunday, Europe/Berlin")
    expect(coming.locator("tbody tr")).to_have_count(5)
    page.get_by_label("On days of the week, again and again").check()
    for day in ("Monday", "Thursday"):
        page.get_by_label(day).check()
    page.get_by_label("Time:").fill("09:00:00")
    expect(coming.locator("tbody tr").first).to_contain_text("09:00")
    expect(coming).to_contain_text("Every Monday and Thursday at 09:00")
    page.get_by_role("button", name="Review before sending").click()
    page.get_by_role("button", name="Schedule for").click()
    expect(page.locator("#broadcast-status")).to_have_text("Scheduled")
    times = page.locator("#broadcast-times tbody tr")
    expect(times).to_have_count(5)
    first = times.first.get_by_role("rowheader").inner_text()
    times.first.get_by_role("button", name="Skip").click()
    expect(times).to_have_count(6)
    expect(times.filter(has_text=first)).to_contain_text("Skipped")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title:").fill("Stand-up, upstairs")
    page.get_by_label("Thursday").uncheck()
    page.get_by_role("button", name="Change what is to come").click()
    expect(page.get_by_role("heading", name="Stand-up, upstairs")).to_be_visible()
    expect(times).to_have_count(5)
    expect(times.filter(has_text="Thu")).to_have_count(0)
    page.get_by_role("button", name="Cancel this broadcast").click()
    expect(page.locator("#broadcast-status")).to_have_text("Cancelled")
    assert admin.errors == []
