"""A real browser on a whole installation with the demo in it. These tests run in a pytest process of their own:
Playwright's synchronous interface and async tests cannot share one. They never touch the ORM, only what a person or
a script can reach: pages, the HTTP API, management commands, signals to processes.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from realtime.testing.stack import BASE, Databases, Stack
from tests.e2e.site import running_site
from tests.e2e.window import Window, log_in_by_request
from tests.support import chromium
from tests.support.push_service import PushService, running_push_service

TIMEOUT_MS = 30_000
SCREENSHOTS = BASE / "var" / "screenshots"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MS)
    chromium.choose_driver()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def push_service() -> Iterator[PushService]:
    """Where browsers of the site are subscribed."""
    with running_push_service() as service:
        yield service


@pytest.fixture(scope="session")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """With a worker and beat."""
    with running_site(databases, tmp_path_factory.mktemp("site")) as stack:
        stack.start_worker()
        stack.start_beat()
        yield stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":  # type: ignore[attr-defined]
        item.stash[_failed] = report.failed  # type: ignore[attr-defined]
    return report


_failed = pytest.StashKey[bool]()


@pytest.fixture
def open_window(
    browser: Browser, site: Stack, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """`open_window("ada")`: a window of its own (own cookies) where that person is logged in; None: nobody is.

    Keywords go to Playwright's `new_context`: viewport, color_scheme and so on. After a failed test there is a
    picture of each window in `var/screenshots/`; after a passed one no window may have broken its content policy.
    """
    windows: list[Window] = []

    def open_for(username: str | None = None, *, path: str = "/", **options: object) -> Window:
        context = browser.new_context(base_url=site.url(), **options)
        context.set_default_timeout(TIMEOUT_MS)
        if username is not None:
            log_in_by_request(context, username, site.url())
        window = Window(context.new_page())
        windows.append(window)
        window.page.goto(path)
        return window

    yield open_for
    failed = request.node.stash.get(_failed, True)
    if failed:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        print(site.logs())
    for number, window in enumerate(windows):
        if failed:
            window.page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{number}.png")
            print(number, window.page.url, window.errors)
        window.page.context.close()
    violations = [error for window in windows for error in window.errors if "Content Security" in error]
    assert not violations
