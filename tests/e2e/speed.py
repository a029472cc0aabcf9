"""How fast the page is in a headless Chromium whose CPU is slowed four times, as a table on standard output.

`python -m pytest -s tests/e2e/speed.py`. Not a test: what a machine takes is written into `docs/page.md` by hand.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from realtime.testing.stack import Stack
from tests.e2e import large
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

SLOWED = 4
OBSERVE = """
    window.longTasks = [];
    const note = ({ startTime, duration }) => longTasks.push([startTime, duration]);
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: "longtask", buffered: true });
"""
PAINTED = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""
BLOCKED = """([from, to]) => longTasks.filter(([start]) => start >= from && start < to)
    .reduce((sum, [, lasts]) => sum + Math.max(0, lasts - 50), 0)"""
SCROLL = """async () => {
    const list = document.querySelector('[role=region][aria-label=Messages]');
    const frames = [];
    let before = performance.now();
    const until = before + 4000;
    while (before < until) {
        list.scrollTop -= 120;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - before);
        before = now;
    }
    frames.sort((a, b) => a - b);
    return { frames: frames.length, p50: frames[frames.length >> 1], p95: frames[Math.floor(frames.length * 0.95)],
             rows: document.querySelectorAll("article").length, heapMB: performance.memory?.usedJSHeapSize / 1e6 };
}"""


@pytest.fixture(scope="module")
def large_site(site: Stack) -> Stack:
    large.fill(site)
    return site


def slow(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})


def usable(window: Window, at: str) -> None:
    """From the start of the navigation to a room that can be written in."""
    page = window.page
    page.goto("about:blank")
    page.goto(at)
    expect(window.composer).to_be_visible()
    expect(window.messages.get_by_role("article").first).to_be_visible()
    ready = page.evaluate("() => performance.now()")
    page.wait_for_timeout(1_500)
    painted = page.evaluate(PAINTED)
    blocked = page.evaluate(BLOCKED, [0, ready])
    print(
        f"first contentful paint {painted:,.0f} ms, usable {ready:,.0f} ms, blocked {blocked:,.0f} ms", end=""
    )


def test_start(open_window: Callable[..., Window]) -> None:
    window = open_window("ada")
    window.page.add_init_script(OBSERVE)
    slow(window.page)
    for name in ("first visit", "second visit", "third visit"):
        print(f"\n{name}: ", end="")
        usable(window, "/#/room/1")


def switch(window: Window) -> None:
    rooms = window.listed_rooms(12)
    for name in ("never opened", "from cache"):
        times = sorted(window.switch_ms(room) for room in rooms)
        median, slowest = times[len(times) // 2], times[-1]
        print(f"\nswitch to a room, {name}: median {median:,.0f} ms, slowest {slowest:,.0f} ms")


def test_switch(open_window: Callable[..., Window]) -> None:
    window = open_window("ada")
    window.page.goto("/#/room/1")
    expect(window.messages.get_by_role("article").first).to_be_visible()
    switch(window)
    print("\nslowed:", end="")
    slow(window.page)
    switch(window)


def test_rooms(open_window: Callable[..., Window], large_site: Stack) -> None:
    window = open_window("ada")
    window.page.add_init_script(OBSERVE)
    slow(window.page)
    print("\n300 rooms: ", end="")
    usable(window, "/#/room/1")
    switch(window)
    window.page.get_by_label("Find a room").fill("Archive")
    window.open_room("Archive")
    print("scrolling up through 100,000 messages:", window.page.evaluate(SCROLL))
