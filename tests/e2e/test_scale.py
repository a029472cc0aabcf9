"""The page of somebody in 300 rooms, one of 10,000 members and one of 100,000 messages: quick, steady, and no larger
than what is on the screen.
"""

from collections.abc import Callable, Iterator
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from realtime.testing.stack import Databases, Stack
from tests.e2e import large
from tests.e2e.site import running_site
from tests.e2e.window import Window

pytestmark = pytest.mark.e2e

OPEN_WINDOW = Callable[..., Window]
NODES = "document.querySelectorAll('*').length"
ROWS = "document.querySelectorAll('article').length"
# Scrolls up step by step, rests where older messages are fetched, and looks how far things moved when they came.
SCROLL_BACK = """async ({ messages, stepPx }) => {
    const list = document.querySelector('[role=region][aria-label=Messages]');
    const topPx = list.getBoundingClientRect().top;
    const isShown = (row) => row.checkVisibility({ visibilityProperty: true });
    const rows = () => [...list.querySelectorAll("article")].filter(isShown);
    const numberOf = (row) => Number(/Entry (\\d+)/.exec(row.textContent)?.[1]);
    // Where their words end: above them stands who wrote them.
    const ends = () => new Map(rows().map((row) => [numberOf(row), row.getBoundingClientRect().bottom]));
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const rest = async () => { for (let frame = 0; frame < 4; frame += 1) await painted(); };
    const first = Math.min(...ends().keys());
    const seen = { jumpPx: 0, rows: 0, nodes: 0 };
    while (Math.min(...ends().keys()) > first - messages) {
        list.scrollTop -= stepPx;
        await rest();
        const before = ends();
        const isFetching = list.scrollTop < 600;
        while (list.scrollTop < 600) await painted();
        await rest();
        for (const [number, endPx] of isFetching ? ends() : []) {
            const wasPx = before.get(number);
            if (wasPx > topPx) seen.jumpPx = Math.max(seen.jumpPx, Math.abs(endPx - wasPx));
        }
        seen.rows = Math.max(seen.rows, list.querySelectorAll("article").length);
        seen.nodes = Math.max(seen.nodes, document.querySelectorAll("*").length);
    }
    return seen;
}"""


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of its own: the other tests' rooms would drown in these."""
    with running_site(databases, tmp_path_factory.mktemp("large")) as stack:
        large.fill(stack)
        yield stack


@pytest.fixture
def ada(open_window: OPEN_WINDOW) -> Window:
    window = open_window("ada", viewport={"width": 1280, "height": 800})
    expect(window.page.get_by_role("link", name="Project 299")).to_be_visible()
    return window


def open_found(window: Window, name: str) -> None:
    window.page.get_by_label("Find a room").fill(name)
    window.open_room(name)


def main_thread_ms(page: Page) -> Callable[[], float]:
    """How long the page's main thread has worked so far; a machine that is busy otherwise does not lengthen it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked_ms() -> float:
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        return 1_000 * next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    return worked_ms


def test_one_of_three_hundred_rooms_is_found_by_its_name_or_by_scrolling(ada: Window) -> None:
    rooms = ada.page.get_by_role("navigation", name="Rooms")
    assert rooms.get_by_role("link").count() >= large.ROOMS
    assert ada.page.evaluate(NODES) < 5_000
    oldest = rooms.get_by_role("link", name="Project 000")
    oldest.scroll_into_view_if_needed()
    expect(oldest).to_be_in_viewport()
    ada.page.get_by_label("Find a room").fill("project 17")
    expect(rooms.get_by_role("link", name="Project")).to_have_count(10)
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("heading", level=1, name="Project 17")).to_be_visible()


def test_of_ten_thousand_members_a_page_is_shown_and_each_is_found(ada: Window) -> None:
    open_found(ada, "Stadium")
    expect(ada.page.get_by_text("10,000 members, 1 online")).to_be_visible()
    members = ada.page.get_by_role("complementary", name="Members")
    expect(members.get_by_text("Member 00010", exact=True)).to_be_visible()
    expect(members.get_by_role("heading", name="Not online · 9,999")).to_be_visible()
    assert members.get_by_role("listitem").count() < 200
    members.get_by_label("Find a member").fill("Member 09876")
    expect(members.get_by_text("Member 09876", exact=True)).to_be_visible()
    expect(members.get_by_role("listitem")).to_have_count(1)


def test_a_long_history_opens_at_the_first_unread_and_scrolls_back_without_a_jump(ada: Window) -> None:
    open_found(ada, "Archive")
    expect(ada.messages.get_by_text("New", exact=True)).to_be_in_viewport()
    expect(ada.message(f"Entry {large.MESSAGES - large.UNREAD + 1}")).to_be_in_viewport()
    seen = ada.page.evaluate(SCROLL_BACK, {"messages": 500, "stepPx": 500})
    assert seen["jumpPx"] < 2, seen
    assert seen["rows"] < 100, seen
    assert seen["nodes"] < 9_000, seen


def test_a_link_to_the_oldest_of_a_hundred_thousand_messages_opens_there(ada: Window) -> None:
    open_found(ada, "Archive")
    ada.page.goto(f"/#/room/{ada.room}/1")
    expect(ada.messages.get_by_text("Entry 1 and some more words to it", exact=True)).to_be_in_viewport()
    assert ada.page.evaluate(ROWS) < 100


def test_a_room_that_was_opened_before_is_shown_at_once(ada: Window) -> None:
    rooms = ada.listed_rooms(12)
    worked_ms = main_thread_ms(ada.page)
    for room in rooms:
        ada.switch_ms(room)
    shown_ms, work_ms = [], []
    for room in rooms:
        before = worked_ms()
        shown_ms.append(ada.switch_ms(room))
        work_ms.append(worked_ms() - before)
    print(f"switch from cache: {median(shown_ms):.0f} ms, of them work: {median(work_ms):.0f} ms")
    assert median(work_ms) < 100
