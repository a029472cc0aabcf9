"""Two people in two browsers: threads, quotes, forwarding and links to messages; and a thread on a phone."""

import re

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def thread(window) -> Locator:
    return window.page.get_by_role("complementary", name="Thread")


def replies(window) -> Locator:
    return window.page.get_by_role("region", name="Replies")


def reply(window, text: str) -> None:
    field = thread(window).get_by_role("textbox", name="Reply in thread")
    field.fill(text)
    field.press("Enter")


def test_two_people_talk_in_a_thread_beside_the_room(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Lobby")
    bo.open_room("Release")
    link = ada.page.get_by_role("navigation", name="Rooms").get_by_role("link", name=re.compile("^Threads"))
    counted = re.search(r"(\d+) unread", link.inner_text())  # what other tests have left
    unread_before = int(counted.group(1)) if counted else 0
    ada.say("Where shall we meet?")
    bo.open_room("Lobby")
    root = bo.message("Where shall we meet?")
    bo.act(root, "Reply in thread")
    expect(bo.page).to_have_url(re.compile(r"/thread/\d+$"))
    reply(bo, "In the tower")
    expect(replies(bo).get_by_text("In the tower")).to_be_visible()
    expect(bo.messages.get_by_text("In the tower")).to_have_count(0)

    # The other sees it at the root and among the threads, not as unread of the room.
    bar = ada.message("Where shall we meet?").get_by_role("button", name=re.compile("1 reply"))
    expect(bar).to_contain_text("1 new")
    expect(link).to_have_accessible_name(re.compile(f" {unread_before + 1} unread"))
    link.click()
    ada.page.get_by_role("button", name=re.compile("Where shall we meet")).click()
    expect(replies(ada).get_by_text("In the tower")).to_be_visible()
    expect(link).to_have_accessible_name(
        re.compile(f" {unread_before} unread" if unread_before else "^Threads ?$")
    )
    reply(ada, "At which bell?")
    expect(replies(bo).get_by_text("At which bell?")).to_be_visible()
    expect(root.get_by_role("button", name=re.compile("2 replies"))).to_be_visible()

    # One that the room shows too leads back to the thread.
    thread(bo).get_by_label(re.compile("Also send to")).check()
    reply(bo, "The great one")
    shown = ada.message("The great one")
    expect(shown).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(thread(ada)).to_have_count(0)
    shown.get_by_role("button", name="Replied in a thread").click()
    expect(replies(ada).get_by_text("At which bell?")).to_be_visible()

    # A deleted reply counts no longer.
    last = replies(bo).get_by_role("article").filter(has_text="The great one")
    bo.act(last, "Delete message")
    expect(root.get_by_role("button", name=re.compile("2 replies"))).to_be_visible()
    assert ada.errors == bo.errors == []


def test_a_quote_follows_its_message_and_a_message_is_forwarded(open_window) -> None:
    ada, bo = open_window("ada"), open_window("bo")
    ada.open_room("Lobby")
    bo.open_room("Lobby")
    ada.say("The bell rings at noon")
    source = bo.message("The bell rings at noon").first
    source.hover()
    source.get_by_role("button", name="More actions for this message").focus()
    bo.page.keyboard.press("q")
    expect(bo.page.get_by_role("group", name="Quoting Ada Lovelace")).to_be_visible()
    expect(bo.composer).to_be_focused()
    bo.say("Not at one?")
    expect(bo.page.get_by_role("group", name="Quoting Ada Lovelace")).to_have_count(0)
    answer = ada.message("Not at one?")
    expect(answer.get_by_role("button", name=re.compile("^Quoted: Ada Lovelace"))).to_contain_text("at noon")

    mine = ada.message("The bell rings at noon").first
    mine.hover()
    mine.get_by_role("button", name="Edit message").click()
    ada.page.get_by_role("textbox", name="Edit message").fill("The bell rings at ten")
    ada.page.keyboard.press("Enter")
    expect(bo.message("Not at one?").get_by_text("The bell rings at ten")).to_be_visible()

    bo.act(bo.message("The bell rings at ten").first, "Forward")
    dialog = bo.page.get_by_role("dialog", name="Forward this message")
    dialog.get_by_label("Find a room to forward to").fill("Release")
    dialog.get_by_role("button", name="Release", exact=True).click()
    expect(dialog).to_have_count(0)
    ada.open_room("Release")
    copy = ada.message("The bell rings at ten")
    copy.get_by_role("button", name="Forwarded from Ada Lovelace in Lobby").click()
    expect(ada.message("The bell rings at ten").first).to_be_in_viewport()
    assert ada.errors == bo.errors == []


def test_a_link_to_a_message_far_away_opens_it_with_what_is_around_and_leads_back(open_window) -> None:
    ada = open_window("ada", permissions=["clipboard-read", "clipboard-write"])
    ada.open_room("Lobby")
    room = ada.room
    found = ada.page.context.request.get(f"/api/rooms/{room}/messages?around=40&limit=200").json()["items"]
    far, newest = found[0], found[-1]
    assert newest["number"] - far["number"] > 60

    ada.page.goto(f"/#/room/{room}/{far['number'] + 20}")
    target = ada.messages.get_by_text(found[20]["text"], exact=False).first
    expect(target).to_be_in_viewport()
    ada.messages.hover()
    for _ in range(60):
        ada.page.mouse.wheel(0, 1500)
        if ada.message(newest["text"]).count():
            break
    expect(ada.message(newest["text"]).last).to_be_visible()

    ada.page.goto(f"/#/room/{room}/{far['number'] + 2}")
    expect(ada.messages.get_by_text(found[2]["text"], exact=False).first).to_be_in_viewport()
    ada.page.get_by_role("button", name=re.compile("Newest|new$")).click()
    last = ada.messages.get_by_role("article").last
    expect(last).to_be_in_viewport()
    last.hover()
    ada.act(last, "Copy link")
    expect(ada.toast("Link copied")).to_be_visible()
    assert re.search(r"/#/room/\d+/\d+$", ada.page.evaluate("navigator.clipboard.readText()"))
    assert ada.errors == []


def test_on_a_phone_a_link_to_a_reply_opens_its_thread_over_the_room(open_window) -> None:
    ada = open_window("ada", **PHONE)
    ada.page.get_by_role("link", name=re.compile("Release")).click()
    ada.say("A question from the road")
    ada.act(ada.message("A question from the road"), "Reply in thread")
    reply(ada, "and its answer")
    expect(replies(ada).get_by_text("and its answer")).to_be_visible()
    box = thread(ada).bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    thread(ada).get_by_role("button", name="Close the thread").click()
    expect(thread(ada)).to_have_count(0)

    room = ada.room
    items = ada.page.context.request.get("/api/threads").json()["items"]
    number = next(item["root"] for item in items if item["root"]["text"] == "A question from the road")[
        "number"
    ]
    answer = ada.page.context.request.get(f"/api/rooms/{room}/messages?around={number + 1}").json()["reply"]
    ada.page.goto(f"/#/room/{room}/{answer['number']}")
    expect(replies(ada).get_by_text("and its answer")).to_be_in_viewport()
    expect(ada.page).to_have_url(re.compile(rf"/thread/\d+/{answer['number']}$"))
    assert ada.errors == []
