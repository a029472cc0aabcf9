"""Rich text as people use it: marks by keys, code to copy, spoilers to open, emoji to pick or complete, pasted code."""

import re

import pytest
from playwright.sync_api import expect

from realtime.testing.stack import Stack

pytestmark = pytest.mark.e2e

OWN_EMOJI = """
from io import BytesIO
from PIL import Image
from chat.models import OwnEmoji
from chat.richtext.own_emoji import emoji_made
file = BytesIO()
Image.new("RGBA", (64, 64), "orange").save(file, "PNG")
if not OwnEmoji.objects.filter(name="party-bell").exists():
    emoji_made(name="party-bell", file=BytesIO(file.getvalue())).save()
"""
PASTE = """(area, code) => {
  const data = new DataTransfer();
  data.setData("text/plain", code);
  data.setData("vscode-editor-data", JSON.stringify({ mode: "python" }));
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_marks_code_tables_and_spoilers(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo", permissions=["clipboard-read", "clipboard-write"])
    ada.open_room("Release")
    bo.open_room("Release")

    ada.composer.fill("very important")
    ada.composer.press("Control+a")
    ada.composer.press("Control+b")
    expect(ada.composer).to_have_value("**very important**")
    ada.composer.press("Control+z")
    expect(ada.composer).to_have_value("very important")
    ada.composer.press("Control+b")
    ada.composer.press("Enter")
    expect(bo.message("very important").locator("strong")).to_have_text("very important")

    ada.composer.evaluate(PASTE, "def f(x):\n    return x + 1")
    expect(ada.composer).to_have_value("```python\ndef f(x):\n    return x + 1\n```\n")
    ada.composer.press("Enter")
    code = bo.page.get_by_role("figure", name="Code in Python").last
    expect(code.locator(".hl-k").first).to_have_text("def")
    code.get_by_role("button", name="Copy code").click()
    expect(code.get_by_role("button", name="Copied")).to_be_visible()
    assert bo.page.evaluate("navigator.clipboard.readText()") == "def f(x):\n    return x + 1"

    ada.say("> quoted\nIt was ||the *gardener*||, see https://example.org\n\n|a|b|\n|-|-:|\n|1|2|")
    said = bo.message("It was")
    expect(said.get_by_role("blockquote")).to_have_text("quoted")
    expect(said.get_by_role("link", name="https://example.org")).to_have_attribute(
        "rel", re.compile("noopener")
    )
    expect(said.get_by_role("table")).to_be_visible()
    expect(said.get_by_text("gardener")).to_be_hidden()
    spoiler = said.get_by_role("button", name=re.compile("Spoiler"))
    spoiler.focus()
    bo.page.keyboard.press("Enter")
    expect(said.get_by_text("gardener")).to_be_visible()
    room = bo.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Release"))
    expect(room).to_contain_text("quoted It was ▒▒▒")

    ada.composer.press("ArrowUp")
    editor = ada.page.get_by_role("textbox", name="Edit message")
    editor.fill("only words")
    editor.press("Enter")
    expect(bo.message("only words")).to_be_visible()
    bo.message("only words").get_by_role("button", name=re.compile("Edited")).click()
    before = bo.page.get_by_role("dialog", name="What it said")
    expect(before.get_by_role("blockquote")).to_have_text("quoted")
    assert ada.errors == bo.errors == []


def test_emoji_are_completed_picked_and_ones_of_the_installation_are_pictures(
    open_window, site: Stack
) -> None:
    site.manage("shell", "--no-imports", "-c", OWN_EMOJI)
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Lobby")
    bo.open_room("Lobby")

    ada.composer.press_sequentially("Done :tad")
    names = ada.page.get_by_role("listbox", name="Emoji")
    expect(names.get_by_role("option").first).to_contain_text(":tada:")
    ada.composer.press("Tab")
    expect(ada.composer).to_have_value("Done 🎉 ")

    ada.page.get_by_role("button", name="Insert an emoji").click()
    picker = ada.page.get_by_role("dialog", name="Emoji")
    search = picker.get_by_role("searchbox", name="Search emoji")
    expect(picker.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    search.fill("party-bell")
    search.press("ArrowDown")
    expect(picker.get_by_role("button", name="party-bell")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(ada.composer).to_be_focused()
    expect(ada.composer).to_have_value("Done 🎉 :party-bell:")
    ada.composer.press("Enter")
    shown = bo.message("Done 🎉").get_by_role("img", name=":party-bell:")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 64)

    ada.page.get_by_role("button", name="Insert an emoji").click()
    last = picker.get_by_role("region", name="Used last")
    expect(last.get_by_role("button", name="party-bell")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.page.get_by_role("button", name="How to format").click()
    expect(ada.page.get_by_role("dialog", name="How to format")).to_contain_text("a spoiler")
    ada.page.keyboard.press("Escape")
    assert ada.errors == bo.errors == []


def test_on_a_phone_long_code_and_wide_tables_scroll_and_the_page_does_not(open_window) -> None:
    ada = open_window("ada", viewport={"width": 390, "height": 844})
    ada.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("Lobby")).click()
    wide = " | ".join(f"column {number}" for number in range(12))
    ada.say(
        f"```\n{'long ' * 60}\n```\n\n{wide}\n{'-|' * 11}-\n{wide}\n\n{'x' * 300} https://example.org/{'y' * 300}"
    )
    table = ada.page.get_by_role("region", name="Table").last
    expect(table).to_be_visible()
    code = ada.page.get_by_role("figure", name="Code").last.locator("pre")
    for box in (table, code):
        assert box.evaluate("(box) => box.scrollWidth > box.clientWidth + 100")
    assert ada.messages.evaluate("(list) => list.scrollWidth <= list.clientWidth")
    ada.page.get_by_role("button", name="Insert an emoji").click()
    picker = ada.page.get_by_role("dialog", name="Emoji")
    picker.get_by_role("button", name="grinning face", exact=True).click()
    expect(ada.composer).to_have_value("😀")
    assert ada.errors == []
