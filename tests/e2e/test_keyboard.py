"""The page by keyboard, in another language, on a phone with fingers, and for whoever hears it read out."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.window import SETTLED, Window

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SWIPE = """([selector, from, to]) => {
    const element = document.querySelector(selector);
    const { top } = element.getBoundingClientRect();
    const touch = (x) => new Touch({ identifier: 1, target: element, clientX: x, clientY: top + 10 });
    const fire = (name, x, touches) => element.dispatchEvent(
        new TouchEvent(name, { bubbles: true, touches: touches ? [touch(x)] : [], changedTouches: [touch(x)] }));
    fire("touchstart", from, true);
    fire("touchend", to, false);
}"""
DOWN_AND_UP = """() => {
    for (const key of ["ArrowDown", "ArrowUp"])
        window.dispatchEvent(new KeyboardEvent("keydown", { key, altKey: true }));
}"""


def problems(page: Page) -> list[str]:
    """What axe finds, each with the first element that it is about."""
    page.evaluate(SETTLED)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_everything_is_found_by_its_name(open_window: Callable[..., Window]) -> None:
    ada = open_window("ada")
    expect(ada.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    ada.page.keyboard.press("Control+k")
    palette = ada.page.get_by_role("dialog", name="Go to")
    expect(palette.get_by_role("combobox")).to_be_focused()
    ada.page.keyboard.type("lob")
    expect(palette.get_by_role("option", name=re.compile("Lobby"))).to_be_visible()
    ada.page.keyboard.press("Enter")
    expect(palette).to_have_count(0)
    expect(ada.page.get_by_role("heading", name="Lobby")).to_be_visible()
    lobby = ada.page.url
    ada.page.keyboard.press("Alt+ArrowDown")
    expect(ada.page).not_to_have_url(lobby)
    ada.page.keyboard.press("Alt+ArrowUp")
    expect(ada.page).to_have_url(lobby)
    ada.page.evaluate(DOWN_AND_UP)  # faster than the page shows where it is
    expect(ada.page).to_have_url(lobby)
    ada.page.keyboard.press("Control+k")
    ada.page.keyboard.type("Bo Did")
    expect(palette.get_by_role("option", name=re.compile("Bo Diddley")).first).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(palette).to_have_count(0)
    ada.page.keyboard.press("Control+/")
    expect(ada.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert ada.errors == []


def test_the_title_says_what_is_unread_and_a_screen_reader_hears_what_arrives(
    open_window: Callable[..., Window],
) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    bo.open_room("Ada Lovelace")
    ada.open_room("Lobby")
    bo.say("Knock knock")
    expect(ada.page).to_have_title(re.compile(r"^\(@?\d+\) Carillon$"))
    expect(ada.page.locator("link[rel=icon]")).to_have_attribute(
        "href", re.compile("icon-(unread|mentioned)")
    )
    ada.open_room("Bo Diddley")
    expect(ada.message("Knock knock")).to_be_visible()
    bo.say("Who hears this?")
    live = ada.page.locator("[aria-live=polite]").filter(has_text="Bo Diddley: Who hears this?")
    expect(live).to_have_count(1)
    assert ada.errors == bo.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_main_views(open_window: Callable[..., Window], scheme: str) -> None:
    stranger = open_window(color_scheme=scheme)
    expect(stranger.page.locator("input[type=password]")).to_be_visible()
    assert problems(stranger.page) == []
    ada = open_window("ada", color_scheme=scheme, viewport={"width": 1280, "height": 800})
    ada.open_room("Lobby")
    assert problems(ada.page) == []
    ada.page.keyboard.press("Control+k")
    expect(ada.page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    assert problems(ada.page) == []
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+/")
    expect(ada.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert problems(ada.page) == []
    ada.page.keyboard.press("Escape")
    ada.bell.click()
    expect(ada.page.get_by_role("dialog", name="Notifications")).to_be_visible()
    assert problems(ada.page) == []
    ada.page.get_by_role("button", name="What you are told").click()
    expect(ada.page.get_by_role("button", name="Times are saved")).to_be_visible()
    assert problems(ada.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(open_window: Callable[..., Window], scheme: str) -> None:
    ada = open_window("ada", color_scheme=scheme, **PHONE)
    expect(ada.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    assert problems(ada.page) == []
    ada.open_room("Lobby")
    assert problems(ada.page) == []
    ada.page.get_by_role("button", name="Show members").tap()
    expect(ada.page.get_by_role("complementary", name="Members")).to_be_visible()
    assert problems(ada.page) == []


def test_a_swipe_goes_back_to_the_rooms(open_window: Callable[..., Window]) -> None:
    ada = open_window("ada", **PHONE)
    ada.open_room("Lobby")
    ada.page.evaluate(SWIPE, ["article", 60, 260])
    expect(ada.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    expect(ada.composer).to_have_count(0)
    assert ada.errors == []


def test_it_speaks_arabic_from_right_to_left(open_window: Callable[..., Window]) -> None:
    ada = open_window("ada", locale="ar-EG")
    rooms = ada.page.get_by_role("navigation", name="الغرف")
    expect(rooms).to_be_visible()
    assert ada.page.evaluate("document.documentElement.dir") == "rtl"
    rooms.get_by_role("link", name=re.compile("Lobby")).click()
    expect(ada.page.get_by_role("textbox", name=re.compile("رسالة إلى .*Lobby"))).to_be_visible()
    list_box, room_box = rooms.bounding_box(), ada.page.get_by_role("region", name="Lobby").bounding_box()
    assert list_box is not None
    assert room_box is not None
    assert list_box["x"] > room_box["x"]
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems(ada.page) == []
    assert ada.errors == []


def test_the_language_of_the_preferences_is_the_page_s(open_window: Callable[..., Window]) -> None:
    iris = open_window("iris")
    expect(iris.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    iris.page.keyboard.press("Control+k")
    iris.page.get_by_role("option", name="What you are told").click()
    language = iris.page.get_by_role("combobox", name="Language of messages")
    language.select_option("de")
    iris.page.get_by_role("button", name="Save times").click()
    expect(iris.page.get_by_role("navigation", name="Räume")).to_be_visible()
    iris.page.reload()
    expect(iris.page.get_by_role("navigation", name="Räume")).to_be_visible()
    assert iris.page.evaluate("document.documentElement.lang") == "de"
    iris.page.keyboard.press("Control+k")
    iris.page.get_by_role("option", name="Was Sie erfahren").click()
    iris.page.get_by_role("combobox", name="Sprache").select_option("")
    iris.page.get_by_role("button", name="Zeiten speichern").click()
    expect(iris.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    assert iris.errors == []


AWAY = """
    window.shown = [];
    window.Notification = class {
        static permission = "PERMISSION";
        static requestPermission = async () => "granted";
        constructor(title) { shown.push(title); }
        close() {}
    };
    document.hasFocus = () => false;
"""


def test_whoever_looks_away_is_told_by_the_system(open_window: Callable[..., Window]) -> None:
    bo = open_window("bo")
    bo.open_room("Ada Lovelace")
    ada = open_window("ada")
    ada.page.add_init_script(AWAY.replace("PERMISSION", "granted"))
    ada.page.reload()
    expect(ada.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    bo.say("Look here")
    ada.page.wait_for_function("() => shown.length > 0")
    assert "Bo Diddley" in ada.page.evaluate("shown[0]")


def test_permission_is_asked_on_the_return_from_something_missed(open_window: Callable[..., Window]) -> None:
    bo = open_window("bo")
    bo.open_room("Ada Lovelace")
    ada = open_window("ada")
    ada.page.add_init_script(AWAY.replace("PERMISSION", "default"))
    ada.page.reload()
    expect(ada.page.get_by_role("link", name="Open room Lobby")).to_be_visible()
    question = ada.toast("Something came while you were away")
    ada.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(question).to_have_count(0)
    bo.say("Where are you?")
    ada.page.wait_for_function("() => localStorage.getItem('carillon.asked') !== null")
    ada.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(question).to_be_visible()
    assert ada.page.evaluate("shown") == []
