"""A browser is told what happens while the page is closed: turned on by a click, encrypted for it, shown by its worker.

Only the way from the push service into the browser is not the real one: that service belongs to the browser's maker.
"""

import json

import pytest
from playwright.sync_api import expect

from realtime.testing.stack import Stack
from realtime.testing.waiting import wait_until
from tests.e2e.window import Window
from tests.support.push_service import PushService, Subscription

pytestmark = pytest.mark.e2e

SUBSCRIBED_AT = """(subscription) => {
    if (location.protocol === "about:") return;
    const made = { ...subscription, options: {}, toJSON: () => subscription };
    made.unsubscribe = async () => (kept = null, true);
    let kept = sessionStorage.getItem("subscribed") ? made : null;
    PushManager.prototype.getSubscription = async () => kept;
    PushManager.prototype.subscribe = async () => (sessionStorage.setItem("subscribed", "1"), kept = made);
}"""
TELL = """
from accounts.models import User
from notifications.notify import notify
notify("testing.parcel", to=[User.objects.get(username="bo").pk], data={"where": "Iris's"}, key="e2e-push")
"""


def subscribing_at(window: Window, browser: Subscription) -> None:
    """The page's next subscription is that one."""
    made = json.dumps({"endpoint": browser.endpoint, "keys": browser.keys})
    window.page.add_init_script(f"({SUBSCRIBED_AT})({made})")
    window.page.reload()


def shown(window: Window) -> list[dict[str, str]]:
    """The notifications that the browser shows for this site."""
    found: list[dict[str, str]] = window.page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
            .map(({ title, body }) => ({ title, body }))"""
    )
    return found


def test_what_happens_while_the_page_is_closed_is_shown(
    open_window, site: Stack, push_service: PushService
) -> None:
    browser = push_service.subscribe("bo")
    window: Window = open_window("bo", permissions=["notifications"])
    subscribing_at(window, browser)
    window.bell.click()
    inbox = window.page.get_by_role("dialog", name="Notifications")
    inbox.get_by_role("button", name="Turn on").click()
    expect(inbox.get_by_text("You are told here when this page is closed")).to_be_visible()

    worker = Worker(window, site.url())
    window.page.goto("about:blank")
    site.manage("shell", "--no-imports", "-c", TELL)
    wait_until(lambda: bool(push_service.pushes(browser)), "the push arrives", timeout_s=30)
    (push,) = push_service.pushes(browser)
    assert push.payload["link"].endswith("/rooms/1")
    worker.deliver(json.dumps(push.payload))
    worker.deliver(json.dumps(push.payload))  # a repetition replaces what is shown

    window.page.goto("/")
    assert shown(window) == [{"title": "Your parcel is at Iris's", "body": "Fetch it until Friday."}]
    window.bell.click()
    inbox.get_by_role("button", name="Turn off").click()
    expect(inbox.get_by_role("button", name="Turn on")).to_be_visible()
    assert window.page.request.get("/api/push").json()["devices"] == []
    assert window.errors == []


RENEWED = """async (given) => {
    const event = new ExtendableEvent("pushsubscriptionchange");
    let renewed;
    // Only the browser's own events may be waited for.
    Object.defineProperty(event, "waitUntil", { value: (promise) => { renewed = promise; } });
    if (given.told) Object.defineProperty(event, "newSubscription", { value: { toJSON: () => given } });
    else PushManager.prototype.subscribe = async () => ({ toJSON: () => given });
    self.dispatchEvent(event);
    await renewed;
}"""


def test_a_browser_that_gets_another_address_tells_the_server(open_window, push_service: PushService) -> None:
    window: Window = open_window("bo", permissions=["notifications"])
    first = push_service.subscribe("renewed-first")
    subscribing_at(window, first)
    window.bell.click()
    inbox = window.page.get_by_role("dialog", name="Notifications")
    inbox.get_by_role("button", name="Turn on").click()
    expect(inbox.get_by_text("You are told here when this page is closed")).to_be_visible()
    window.page.wait_for_function("navigator.serviceWorker.controller !== null")
    (worker,) = window.page.context.service_workers

    def endpoints() -> set[str]:
        answer = window.page.request.get("/api/push").json()
        return {device["endpoint"] for device in answer["devices"]}

    # The push service says which one; or the worker has to subscribe anew.
    for name, told in (("renewed-told", True), ("renewed-asked", False)):
        browser = push_service.subscribe(name)
        worker.evaluate(RENEWED, {"endpoint": browser.endpoint, "keys": browser.keys, "told": told})
        assert browser.endpoint in endpoints()

    # Nobody is to be notified where nobody is logged in.
    before = endpoints()
    window.page.context.clear_cookies()
    browser = push_service.subscribe("renewed-late")
    worker.evaluate(RENEWED, {"endpoint": browser.endpoint, "keys": browser.keys, "told": True})
    again: Window = open_window("bo")
    answer = again.page.request.get("/api/push").json()
    assert browser.endpoint not in {device["endpoint"] for device in answer["devices"]}
    assert first.endpoint in before


class Worker:
    """The site's service worker, as the browser's maker reaches it."""

    def __init__(self, window: Window, origin: str) -> None:
        self._session = window.page.context.new_cdp_session(window.page)
        self._origin = origin
        found: list[str] = []
        self._session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
        )
        self._session.send("ServiceWorker.enable")
        window.page.wait_for_function("navigator.serviceWorker.controller !== null")
        (self._registration,) = set(found)

    def deliver(self, data: str) -> None:
        push = {"origin": self._origin, "registrationId": self._registration, "data": data}
        self._session.send("ServiceWorker.deliverPushMessage", push)
