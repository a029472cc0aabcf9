"""A broadcast to five thousand people, from the empty form to its recall; and a page that finds no socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from realtime.testing.stack import Stack
from tests.e2e.listeners import listening
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

WRITE = "/admin/notifications/broadcast/add/"
PEOPLE = 5_000
TITLE = "The server moves tonight"

# Fifty of the crowd have a phone; olga has none, and comes later.
_CROWD = """
import json
from accounts.models import User
from accounts.services import token_issue
User.objects.bulk_create(
    (User(username=f"crowd{n:04}", display_name=f"Crowd {n}", password="!") for n in range(%d - 1)), batch_size=1000
)
User.objects.create_user("olga", password="carillon-olga", display_name="Olga")
crowd = list(User.objects.filter(username__startswith="crowd").order_by("pk"))
print(json.dumps({user.pk: token_issue(user, device_name="phone").access for user in crowd[:: len(crowd) // 49][:50]}))
"""
_GONE = """
from accounts.models import User
User.objects.filter(username__startswith="crowd").update(is_active=False)
"""
_STORED = """
import json
from notifications.models import Delivery, Notification
lines = Notification.objects.filter(occurrence__broadcast=%d)
decided = Delivery.objects.filter(notice__occurrence__broadcast=%d, channel="in_app", state="sent")
people = lines.values_list("recipient", flat=True)
print(json.dumps({
    "lines": lines.count(),
    "decided": decided.count(),
    "twice": lines.count() - people.distinct().count(),
    "delivered": lines.exclude(delivered_at=None, seen_at=None).count(),
    "people": list(people.filter(recipient__in=%s)),
}))
"""


@pytest.fixture
def tokens(site: Stack) -> Iterator[dict[int, str]]:
    """Of those with a phone, by user id. Afterwards the crowd is gone: "everybody" is a few people again."""
    yield {int(user): token for user, token in _answer(site, _CROWD % PEOPLE).items()}
    site.manage("shell", "--no-imports", "-c", _GONE)


@pytest.mark.timeout(240)
def test_composed_rehearsed_approved_sent_paused_resumed_recalled(
    open_window, site: Stack, tokens: dict[int, str], tmp_path: Path
) -> None:
    names = [f"crowd{n:04}" for n in range(PEOPLE - 1)]
    file = tmp_path / "customers.csv"
    file.write_text("\n".join(["username;city", *names, "nobody.at.all", "olga;Oslo", names[7]]))
    admin = open_window("admin", path=WRITE)
    _compose(admin.page, file)

    # Rehearse, when a worker has read the file.
    expect(admin.page.locator("#rehearsal-people")).to_have_text(str(PEOPLE))
    expect(admin.page.get_by_text("2 lines left out")).to_be_visible()
    expect(admin.page.get_by_role("row", name="nobody.at.all")).to_contain_text(str(PEOPLE + 1))
    expect(admin.page.locator(".rich strong").first).to_have_text("22:00")

    # Approve, by somebody else.
    admin.page.get_by_role("button", name="Ask for approval").click()
    expect(admin.page.get_by_role("button", name="Approve")).to_be_visible()
    iris = open_window("iris", path=_path(admin.page))
    iris.page.get_by_label("Note").fill("Checked.")
    iris.page.get_by_role("button", name="Approve").click()
    expect(iris.page.get_by_text("Approved by iris")).to_be_visible()
    admin.page.reload()

    with listening(f"{site.url().replace('http', 'ws')}/ws", tokens) as sockets:
        # Send, and pause at the middle.
        admin.page.get_by_label("Type the number of people").fill("5,000")
        admin.page.get_by_role("button", name=f"Send to {PEOPLE} people").click()
        expect(admin.page.locator("#broadcast-live")).to_contain_text("Live")
        expect(admin.page.locator("#broadcast-count")).to_have_text(re.compile(r"^[1-4]\d{3} of"))
        admin.page.get_by_role("button", name="Pause").click()
        expect(admin.page.locator("#broadcast-status")).to_have_text("Paused")
        shown = _figure(admin.page, "sent")
        expect(admin.page.locator("#broadcast-count")).to_have_text(f"{shown} of {PEOPLE}")
        stored = _stored(site, admin.page, tokens)
        assert 0 < shown < PEOPLE, "paused at the middle"
        assert (stored["lines"], stored["decided"], stored["twice"]) == (shown, shown, 0)
        _until(admin.page, lambda: sorted(sockets.who_got(TITLE)) == sorted(stored["people"]))

        # Resume, to the end: everybody once.
        admin.page.get_by_role("button", name="Resume").click()
        expect(admin.page.locator("#broadcast-status")).to_have_text("Sent")
        expect(_cell(admin.page, "sent")).to_have_text(str(PEOPLE))
        expect(_cell(admin.page, "queued")).to_have_text("0")
        sockets.until_all("notifications.created")
        assert sorted(sockets.who_got(TITLE)) == sorted(tokens)
        olga = open_window("olga")
        _sees_it(olga)
        expect(_cell(admin.page, "seen")).to_have_text("1")
        expect(_cell(admin.page, "delivered")).not_to_have_text("0")
        _until(
            admin.page,
            lambda: _stored(site, admin.page, tokens)["delivered"] == _figure(admin.page, "delivered"),
        )
        stored = _stored(site, admin.page, tokens)
        assert (stored["lines"], stored["decided"], stored["twice"]) == (PEOPLE, PEOPLE, 0)

        # Recall: from open pages, from sockets, and from whoever was away.
        admin.page.get_by_text("Recall…").click()
        admin.page.get_by_role("button", name="Recall it from everybody").click()
        expect(admin.page.locator("#broadcast-status")).to_have_text("Recalled")
        line = olga.page.get_by_role("dialog", name="Notifications").get_by_role("listitem")
        expect(line.filter(has_text=TITLE)).to_have_count(0)
        sockets.until_all("notifications.removed")
        assert sorted(sockets.who_lost("recalled")) == sorted(tokens)
    history = admin.page.locator(".cockpit-history")
    history.get_by_text("History").click()
    acts = [
        "wrote it",
        "asked for approval",
        "approved it",
        "submitted it",
        "paused it",
        "resumed it",
        "recalled it",
    ]
    expect(history.locator("tbody tr td:nth-child(3)")).to_contain_text(acts)
    admin.page.reload()
    expect(admin.page.locator("#broadcast-seen-before")).to_have_text("1")
    assert admin.errors == iris.errors == olga.errors == []


def test_without_a_socket_the_page_asks_and_says_so(open_window) -> None:
    admin = open_window("admin")
    admin.page.route_web_socket(re.compile(".*/ws$"), lambda socket: socket.close())
    admin.page.goto(WRITE)
    admin.page.get_by_label("Title:").fill("No socket")
    admin.page.get_by_label("Who gets it:").select_option("Named people")
    admin.page.locator(".field-users").get_by_role("searchbox").fill("ada")
    admin.page.get_by_role("option", name="ada", exact=True).click()
    admin.page.get_by_role("button", name="Review before sending").click()
    admin.page.get_by_role("button", name="Send to 1 person").click()
    expect(admin.page.locator("#broadcast-live")).to_contain_text("asks every 2 seconds")
    expect(admin.page.locator("#broadcast-status")).to_have_text("Sent")
    expect(_cell(admin.page, "sent")).to_have_text("1")


def _compose(page: Page, file: Path) -> None:
    page.get_by_label("Title:", exact=True).fill(TITLE)
    page.get_by_label("Text:", exact=True).fill("From **22:00** on. See [the plan](/rooms/1).")
    expect(page.locator("#preview-html strong")).to_have_text("22:00")
    page.get_by_label("Who gets it:").select_option("A list from a file")
    page.get_by_label("File of people:").set_input_files(file)
    page.get_by_label("People per second:").fill("1000")
    page.get_by_role("button", name="Review before sending").click()


def _sees_it(window: Window) -> None:
    window.bell.click()
    line = (
        window.page.get_by_role("dialog", name="Notifications").get_by_role("listitem").filter(has_text=TITLE)
    )
    expect(line).to_have_count(1)
    expect(line.locator(".rich strong")).to_have_text("22:00")


def _cell(page: Page, figure: str):  # type: ignore[no-untyped-def]
    return page.locator(f'#broadcast-channels [data-channel="in_app"] [data-figure="{figure}"]')


def _figure(page: Page, figure: str) -> int:
    return int(_cell(page, figure).inner_text())


def _until(page: Page, condition) -> None:  # type: ignore[no-untyped-def]
    """What happens in other threads, waited for without holding up the page."""
    for _ in range(150):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not come to that.")


def _path(page: Page) -> str:
    return page.url.partition("/admin")[1] + page.url.partition("/admin")[2]


def _stored(site: Stack, page: Page, tokens: dict[int, str]) -> dict:  # type: ignore[type-arg]
    number = int(re.search(r"/broadcast/(\d+)/", page.url)[1])  # type: ignore[index]
    return _answer(site, _STORED % (number, number, sorted(tokens)))


def _answer(site: Stack, code: str) -> dict:  # type: ignore[type-arg]
    found: dict = json.loads(site.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1])  # type: ignore[type-arg]
    return found
