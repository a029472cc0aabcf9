"""A real browser on a whole installation with the demo in it. These tests run in a pytest process of their own:
Playwright's synchronous interface and async tests cannot share one. They never touch the ORM, only what a person or
a script can reach: pages, the HTTP API, management commands, signals to processes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support import chromium
from tests.support.stack import Databases, Stack, running_stack

PASSWORDS = {"admin": "carillon-admin", "ada": "carillon-ada", "bo": "carillon-bo"}
TIMEOUT_MS = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Redis, one server process, a worker and beat, with the demo accounts and rooms; one per test file."""
    directory = tmp_path_factory.mktemp("site")
    with running_stack(directory, database_url=databases.fresh()) as stack:
        stack.manage("demo")
        stack.start_web()
        stack.start_worker()
        stack.start_beat()
        yield stack


@dataclass
class Window:
    """One person's browser window, and everything that went wrong in it."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def watch(self) -> "Window":
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        return self

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


@pytest.fixture
def open_window(browser: Browser, site: Stack) -> Iterator[Callable[..., Window]]:
    """`open_window("ada")`: a window of its own (own cookies) where that person is logged in; None: nobody is.

    Keywords go to Playwright's `new_context`: viewport, color_scheme and so on.
    """
    contexts: list[BrowserContext] = []

    def open_for(username: str | None = None, **options: object) -> Window:
        context = browser.new_context(base_url=site.url(), **options)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        if username is not None:
            token = _csrf_token(context)
            answer = context.request.post(
                "/api/auth/login",
                data={"username": username, "password": PASSWORDS[username]},
                headers={"X-CSRFToken": token, "Origin": site.url()},
            )
            assert answer.ok, answer.text()
        window = Window(context.new_page()).watch()
        window.page.goto("/")
        return window

    yield open_for
    for context in contexts:
        context.close()


def _csrf_token(context: BrowserContext) -> str:
    context.request.get("/api/session")
    return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
