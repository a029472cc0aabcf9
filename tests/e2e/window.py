"""One person's browser window, in the words of somebody who uses the page."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

PASSWORDS = {
    "admin": "carillon-admin",
    "iris": "carillon-iris",
    "ada": "carillon-ada",
    "bo": "carillon-bo",
    "olga": "carillon-olga",
    "xena": "carillon-xena",
}

# From the click to the frame after the one in which the room's own messages are on the screen.
SWITCH = """async (room) => {
    await new Promise(requestIdleCallback);
    const link = document.querySelector(`a[data-room="${room}"]`);
    const name = link.querySelector("[dir=auto]").textContent;
    const from = performance.now();
    link.click();
    while (document.querySelector("h1")?.textContent !== name || document.querySelector("article") === null)
        await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - from;
}"""


# What moves once has moved. What goes on for ever, as places of what is being loaded do, is not waited for.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getTiming().iterations < Infinity)
    .map((one) => one.finished.catch(() => null)))"""


class Window:
    """A page and everything that went wrong in it: exceptions, and errors on the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    @property
    def bugs(self) -> list[str]:
        """Errors that a lost connection does not explain: the browser itself notes each failed attempt."""
        return [error for error in self.errors if "net::ERR_" not in error and "WebSocket" not in error]

    # ---- who

    def log_in(self, username: str) -> None:
        """By the form."""
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORDS[username])
        self.page.get_by_role("button", name="Log in", exact=True).click()
        expect(self.page.get_by_role("navigation", name="Rooms")).to_be_visible()

    # ---- rooms and messages

    def open_room(self, name: str) -> None:
        # A link's name goes on with when and what somebody wrote there last.
        link = re.compile(f"^(Open room |Private room )?{re.escape(name)} ")
        self.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=link).click()
        expect(self.composer).to_be_visible()
        expect(self.messages.get_by_role("article").first).to_be_visible()

    def listed_rooms(self, count: int) -> list[str]:
        """The ids of the rooms that the list shows first."""
        shown: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('a[data-room]')].map((one) => one.dataset.room)"
        )
        return shown[:count]

    def switch_ms(self, room: str) -> float:
        """How long it takes from a click on a room in the list to its messages on the screen, from rest."""
        return float(self.page.evaluate(SWITCH, room))

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^Message to"))

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("region", name="Messages", exact=True)

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def attach(self, *files: tuple[str, str, bytes]) -> None:
        """Name, type and content of each."""
        self.page.get_by_label("Files to attach").set_input_files(
            [{"name": name, "mimeType": type, "buffer": content} for name, type, content in files]
        )

    @property
    def tray(self) -> Locator:
        """What is attached and not sent."""
        return self.page.get_by_role("list", name="Attached files")

    def message(self, text: str) -> Locator:
        return self.messages.get_by_role("article").filter(has_text=text)

    def act(self, message: Locator, action: str) -> None:
        """By the message's menu."""
        message.hover()
        message.get_by_role("button", name="More actions for this message").click()
        self.page.get_by_role("menuitem", name=action).click()

    def said(self, pattern: str) -> list[str]:
        """Everything on the page that matches, from top to bottom."""
        return re.findall(pattern, self.messages.inner_text())

    def history(self, room: int) -> list[str]:
        """The texts of the room's last 200 messages as the server has them."""
        answer = self.page.context.request.get(f"/api/rooms/{room}/messages?limit=200")
        assert answer.ok, answer.text()
        return [item["text"] for item in answer.json()["items"]]

    @property
    def room(self) -> int:
        """The id of the open room."""
        return int(self.page.url.rpartition("/")[2])

    # ---- notifications

    @property
    def bell(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Notifications"))

    def toast(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=re.compile("^Notification")).get_by_text(
            title, exact=True
        )

    def unread(self) -> int:
        """The number that the bell tells a screen reader."""
        found = re.search(r"(\d+) unread", self.bell.get_attribute("aria-label") or "")
        return int(found[1]) if found else 0

    def connection_status(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("status").filter(has_text=text)


def log_in_by_request(context: BrowserContext, username: str, origin: str) -> None:
    """The same session that the form gives, in a fraction of the time."""
    context.request.get("/api/session")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    answer = context.request.post(
        "/api/auth/login",
        data={"username": username, "password": PASSWORDS[username]},
        headers={"X-CSRFToken": token, "Origin": origin},
    )
    assert answer.ok, answer.text()
