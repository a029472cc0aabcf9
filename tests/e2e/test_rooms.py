"""People look for what was said, keep rooms in order, and let others in by a link."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_message_is_found_by_operators_that_complete_themselves_and_opened_in_its_room(open_window) -> None:
    ada = open_window("ada")
    ada.open_room("Lobby")
    ada.say("The kingfisher has landed")
    expect(ada.message("The kingfisher has landed")).to_be_visible()
    ada.page.get_by_role("heading", level=1).click()
    ada.page.keyboard.press("/")
    dialog = ada.page.get_by_role("dialog", name="Search")
    field = dialog.get_by_role("combobox", name="Search messages")
    expect(field).to_be_focused()
    field.press_sequentially("kingfisher fr")
    dialog.get_by_role("option", name=re.compile("^from:")).click()
    field.press_sequentially("ad")
    expect(dialog.get_by_role("option", name=re.compile("from:ada"))).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("kingfisher from:ada ")
    field.press_sequentially("in:lob")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("kingfisher from:ada in:Lobby ")
    found = dialog.get_by_role("list", name="Found messages").get_by_role("link")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text("kingfisher")

    field.fill("kingfisher from:nobody-at-all")
    expect(dialog.get_by_role("alert")).to_contain_text("Nobody has the user name")
    field.fill('"the projector"')
    expect(found.first).to_contain_text("the projector")
    field.press("ArrowDown")
    expect(found.first).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(ada.message("projector").last).to_be_in_viewport()
    # The browser notes the name that nobody has, and what was asked for while a name was being written.
    assert [error for error in ada.errors if "400 (Bad Request)" not in error] == []


def test_what_was_deleted_is_not_found_on_a_phone(open_window) -> None:
    phone = open_window("bo", viewport={"width": 390, "height": 844})
    phone.open_room("Lobby")
    phone.say("A wandering albatross")
    expect(phone.message("A wandering albatross")).to_be_visible()
    phone.page.get_by_role("button", name="Room actions").click()
    phone.page.get_by_role("menuitem", name="Search in this room").click()
    dialog = phone.page.get_by_role("dialog", name="Search")
    field = dialog.get_by_role("combobox", name="Search messages")
    expect(field).to_have_value("in:Lobby ")
    field.press_sequentially("albatross")
    found = dialog.get_by_role("list", name="Found messages").get_by_role("link")
    expect(found).to_have_count(1)
    box = found.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    found.click()
    expect(phone.message("A wandering albatross")).to_be_in_viewport()
    answer = phone.history(phone_room(phone))
    assert "A wandering albatross" in answer
    delete(phone, "A wandering albatross")
    phone.page.get_by_role("button", name="Room actions").click()
    phone.page.get_by_role("menuitem", name="Search in this room").click()
    field.press_sequentially("albatross")
    expect(dialog.get_by_text("Nothing was found.")).to_be_visible()
    assert phone.errors == []


def phone_room(window) -> int:
    """The open room; the address may name a message in it."""
    found = re.search(r"#/room/(\d+)", window.page.url)
    assert found is not None
    return int(found[1])


def delete(window, text: str) -> None:
    """By the API: a phone has no pointer that hovers over a message."""
    room = phone_room(window)
    items = window.page.context.request.get(f"/api/rooms/{room}/messages?limit=50").json()["items"]
    message = next(item["id"] for item in items if item["text"] == text)
    token = next(one["value"] for one in window.page.context.cookies() if one["name"] == "csrftoken")
    origin = re.sub(r"/#.*", "", window.page.url).rstrip("/")
    answer = window.page.context.request.delete(
        f"/api/messages/{message}?client_id=gone-{message}", headers={"X-CSRFToken": token, "Origin": origin}
    )
    assert answer.ok, answer.text()


def test_a_room_is_made_a_favourite_opened_by_a_link_and_archived(open_window) -> None:
    ada, bo, olga = open_window("ada"), open_window("bo"), open_window()
    ada.page.get_by_role("button", name="New room", exact=True).click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Create").click()
    dialog.get_by_label("Name").fill("Aviary")
    dialog.get_by_label("Private").check()
    dialog.get_by_role("button", name="Create room").click()
    expect(ada.composer).to_have_accessible_name("Message to Aviary")

    actions = ada.page.get_by_role("button", name="Room actions")
    actions.click()
    ada.page.get_by_role("menuitem", name="Add to favourites").click()
    favourites = ada.page.get_by_role("region", name="Favourites")
    expect(favourites.get_by_role("link", name=re.compile("Aviary"))).to_be_visible()

    actions.click()
    ada.page.get_by_role("menuitem", name="Invite somebody").click()
    dialog.get_by_text("Invite with a link").click()
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="The new link").input_value()
    assert "/#/join/" in link
    dialog.get_by_role("button", name="Close").click()

    bo.page.goto(link)
    join = bo.page.get_by_role("dialog", name="Join Aviary?")
    expect(join).to_contain_text("A private room")
    join.get_by_role("button", name="Join").click()
    expect(bo.composer).to_have_accessible_name("Message to Aviary")

    olga.page.goto(link)
    olga.page.reload()
    expect(olga.page.get_by_role("status")).to_contain_text("Log in to follow the link")
    expect(olga.page.get_by_text("Aviary")).to_have_count(0)

    actions.click()
    ada.page.get_by_role("menuitem", name="Archive this room").click()
    expect(bo.page.get_by_text("This room is archived")).to_be_visible()
    expect(bo.composer).to_have_count(0)
    expect(bo.page.get_by_role("list", name="Archived rooms").get_by_role("link")).to_be_visible()
    expect(favourites).to_have_count(0)
    assert ada.errors == bo.errors == []


def test_rooms_are_browsed_and_keywords_kept(open_window) -> None:
    ada = open_window("ada")
    ada.page.get_by_role("button", name="Browse rooms").click()
    dialog = ada.page.get_by_role("dialog", name="Browse rooms")
    rooms = dialog.get_by_role("list", name="Open rooms")
    expect(rooms.get_by_role("button", name=re.compile("Lobby"))).to_be_visible()
    dialog.get_by_role("combobox", name="Sort by").select_option("name")
    dialog.get_by_role("searchbox", name="Find an open room").fill("releas")
    expect(rooms.get_by_role("button")).to_have_count(1)
    dialog.get_by_role("combobox", name="Which rooms").select_option("no")
    expect(dialog.get_by_text("There is no such open room.")).to_be_visible()
    dialog.get_by_role("combobox", name="Which rooms").select_option("any")
    rooms.get_by_role("button", name=re.compile("Release")).click()
    expect(ada.composer).to_have_accessible_name("Message to Release")

    ada.page.get_by_role("button", name=re.compile("^Your account")).click()
    ada.page.get_by_role("menuitem", name="What you are told").click()
    told = ada.page.get_by_role("dialog", name="What you are told")
    told.get_by_label("Another keyword").fill("pelican")
    told.get_by_label("Another keyword").press("Enter")
    words = told.get_by_role("list", name="Your keywords").get_by_role("listitem")
    expect(words).to_have_text(["pelican"])
    told.get_by_role("button", name="Close").click()
    bo = open_window("bo")
    bo.open_room("Lobby")
    bo.say("Has anybody seen the pelican?")
    expect(ada.toast("Bo Diddley used one of your words in Lobby")).to_be_visible()
    assert ada.errors == bo.errors == []
