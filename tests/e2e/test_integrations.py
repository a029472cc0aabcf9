"""A program writes into a room by its webhook, and commands are written like messages."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from realtime.testing.stack import Stack

pytestmark = pytest.mark.e2e


def test_an_owner_adds_a_webhook_and_a_program_writes_into_the_room(open_window, site: Stack) -> None:
    admin, bo = open_window("admin"), open_window("bo", viewport={"width": 390, "height": 844})
    admin.open_room("Release")
    bo.open_room("Release")
    admin.page.get_by_role("button", name="Room actions").click()
    admin.page.get_by_role("menuitem", name="Integrations").click()
    dialog = admin.page.get_by_role("dialog", name="Integrations")
    dialog.get_by_role("button", name="Add an incoming webhook").click()
    dialog.get_by_label("Name").fill("Build server")
    dialog.get_by_role("button", name="Add", exact=True).click()
    hook = dialog.get_by_role("listitem").filter(has_text="Build server")
    hook.get_by_role("button", name="Show secrets").click()
    address, token = (hook.get_by_role("definition").nth(number).inner_text() for number in (0, 1))
    request = urllib.request.Request(
        address,
        json.dumps({"text": "Build 7 passed"}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    said = bo.message("Build 7 passed")
    expect(said).to_be_visible()
    expect(said.get_by_text("BOT", exact=True)).to_be_visible()
    hook.get_by_role("button", name="Remove").click()
    expect(hook).to_have_count(0)
    admin.page.keyboard.press("Escape")
    assert admin.errors == bo.errors == []


def test_commands_are_offered_carried_out_and_explained(open_window) -> None:
    ada = open_window("ada")
    ada.open_room("Release")
    ada.composer.press_sequentially("/m")
    offered = ada.page.get_by_role("list", name="Commands")
    expect(offered.get_by_role("button").filter(has_text="/me")).to_be_visible()
    ada.composer.press("Tab")
    expect(ada.composer).to_have_value("/me ")
    ada.composer.press_sequentially("waves")
    ada.composer.press("Enter")
    expect(ada.message("Ada Lovelace waves")).to_be_visible()
    ada.composer.fill("/topik Lunch")
    ada.composer.press("Enter")
    answer = ada.page.get_by_role("status").filter(has_text="Do you mean /topic?")
    expect(answer).to_be_visible()
    expect(ada.composer).to_have_value("/topik Lunch")
    ada.composer.fill("/help")
    ada.composer.press("Enter")
    expect(ada.page.get_by_role("status").filter(has_text="/invite @name")).to_be_visible()
    ada.page.get_by_role("button", name="Dismiss").click()
    assert ada.errors == []
