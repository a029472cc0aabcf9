"""Texts made to run as scripts, put into every field that a person can write, and brought on a screen.

A new field is one more entry of FIELDS: `plant` writes there what PAYLOADS has, by the services that people reach, and
returns what `show` needs to bring it before the eyes of the person who reads. `plant` runs in a process of the
installation, `show` in that of the browser. `python manage.py shell -c "from tests.support.xss import plant_all; …"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import MAX_STATUS_CHARACTERS, MAX_STATUS_EMOJI_CHARACTERS, Device, User
from chat import amending, sending, services
from chat.errors import BadName
from chat.models import Member, Room
from chat.notification_types import MENTION, Mentioned
from chat.presence.services import status_set
from chat.text import MAX_TOPIC_CHARACTERS
from notifications.notify import notify
from notifications.reminders.services import reminder_set
from tests.e2e.window import PASSWORDS, Window
from tests.support.people import client_id, log_in_of, make_room

PAYLOADS: list[str] = [
    payload
    for kind in json.loads((Path(__file__).parent / "xss.json").read_text()).values()
    for payload in kind
]
READER = "xena"
FIRST, LAST = "Here it begins.", "Here it ends."
_FEW = PAYLOADS[::8]  # where a person can have only some, or each costs much


@dataclass(frozen=True)
class Cast:
    """Who writes, and who looks at it."""

    writer: User
    reader: User


@dataclass(frozen=True)
class Field:
    """Somewhere that a person can write, and where others then see it."""

    name: str
    plant: Callable[[Cast], Any]
    show: Callable[[Window, Any], None]


def plant_all() -> str:
    """Writes every payload into every field; JSON by the field's name."""
    writer = User.objects.create_user("xander", password=None)
    reader = User.objects.create_user(READER, password=PASSWORDS[READER])
    return json.dumps({field.name: _planted(field, Cast(writer, reader)) for field in FIELDS})


@transaction.atomic  # hundreds of small ones would take minutes
def _planted(field: Field, cast: Cast) -> Any:
    return field.plant(cast)


# What is written -------------------------------------------------------------------------------------------


def _texts(cast: Cast) -> int:
    room = make_room(cast.writer, cast.reader, name="All texts")
    _say(cast.writer, room, [FIRST, *PAYLOADS, LAST])
    return room


def _edits(cast: Cast) -> int:
    """Several in each, as paragraphs of their own: an edit is a transaction with a dozen statements."""
    room = make_room(cast.writer, cast.reader, name="All edits")
    texts = ["\n\n".join(PAYLOADS[start : start + 6]) for start in range(0, len(PAYLOADS), 6)]
    stored = _say(cast.writer, room, [FIRST, *(f"Before {number}" for number in range(len(texts)))])
    for message, text in zip(stored[1:], texts, strict=True):
        amending.message_edit(user=cast.writer, message=message, text=text, client_id=client_id())
    _say(cast.writer, room, [LAST])
    return room


def _room_names(cast: Cast) -> int:
    """How many of them a room can have; the others are refused."""
    return sum(_is_room_name(cast, payload) for payload in PAYLOADS)


def _is_room_name(cast: Cast, payload: str) -> bool:
    try:
        services.room_create(user=cast.reader, kind="private", name=payload, topic="", client_id=client_id())
    except BadName:
        return False
    return True


def _topics(cast: Cast) -> list[str]:
    """The names of some of these rooms: a search for each without its last digit finds all. A topic takes several."""
    packed = [""]
    for payload in PAYLOADS:
        if len(packed[-1]) + len(payload) >= MAX_TOPIC_CHARACTERS:
            packed.append("")
        packed[-1] += f" {payload}"
    for number, topic in enumerate(packed):
        services.room_create(
            user=cast.writer,
            kind="public",
            name=f"Topic {number:03}",
            topic=topic,
            client_id=client_id(),
        )
    return [f"Topic {number:03}" for number in range(0, len(packed), 10)]


def _display_names(cast: Cast) -> int:
    room = make_room(cast.writer, cast.reader, name="All names")
    _say(cast.writer, room, [FIRST])
    people = [
        User.objects.create_user(f"named{number}", password=None, display_name=payload)
        for number, payload in enumerate(PAYLOADS)
    ]
    Member.objects.bulk_create(Member(room_id=room, user=person) for person in people)
    Room.objects.filter(pk=room).update(member_count=len(people) + 2)
    some = people[::8]  # who write, too: the others are seen among the members
    sending.message_send_many([sending.Send(person, room, "It is me.", client_id()) for person in some])
    _say(cast.writer, room, [LAST])
    return room


def _statuses(cast: Cast) -> int:
    room = make_room(cast.writer, cast.reader, name="All statuses")
    _say(cast.writer, room, [FIRST])
    for number, payload in enumerate(_FEW):
        person = User.objects.create_user(f"status{number}", password=None)
        Member.objects.create(room_id=room, user=person)
        emoji, text = payload[:MAX_STATUS_EMOJI_CHARACTERS], payload[:MAX_STATUS_CHARACTERS]
        status_set(user=person, emoji=emoji, text=text, until=None, client_id=client_id())
        _say(person, room, [f"It is me, {number}."])
    Room.objects.filter(pk=room).update(member_count=len(_FEW) + 2)
    _say(cast.writer, room, [LAST])
    return room


def _notifications(cast: Cast) -> int:
    # Of rooms that the reader is in: of others the inbox says nothing.
    rooms = Member.objects.filter(user=cast.reader).values_list("room", flat=True).order_by("room")
    for number, (room, payload) in enumerate(zip(rooms[: len(_FEW)], _FEW, strict=True)):
        data = Mentioned(room=room, room_name=payload, number=1, text=payload, everybody=False)
        notify(MENTION, to=[cast.reader.pk], data=data, key=f"xss{number}", actor=cast.writer)
    return len(_FEW)


def _reminders(cast: Cast) -> int:
    about, *_ = _say(cast.writer, make_room(cast.writer, cast.reader, name="Reminded of"), [PAYLOADS[0]])
    at = timezone.now() + timedelta(days=1)
    for payload in _FEW:
        reminder_set(cast.reader, about=f"message:{about}", at=at, note=payload, client_id=client_id())
    return len(_FEW)


def _devices(cast: Cast) -> int:
    for payload in _FEW:
        log_in_of(cast.reader, payload[: Device._meta.get_field("name").max_length])
    return len(_FEW)


def _say(author: User, room: int, texts: list[str]) -> list[int]:
    sends = [sending.Send(author, room, text, client_id()) for text in texts]
    return [outcome.message for outcome in sending.message_send_many(sends)]  # type: ignore[union-attr]


# What is seen ----------------------------------------------------------------------------------------------

# Scrolls up to the first message and down to the last, in steps, so that each was on the screen: how many looked
# different. Pages of history come as one scrolls, so a step may bring nothing new. The list is looked up each time: a
# room that has just been opened may put another in its place.
_READ_ALL = """async ([first, last]) => {
  const region = () => document.querySelector("[role=region][aria-label=Messages]");
  const frame = () => new Promise(requestAnimationFrame);
  const seen = new Set();
  const sees = async (text) => {
    await frame();
    await frame();
    const articles = [...region().querySelectorAll("article")];
    for (const article of articles) seen.add(article.innerHTML);
    window.lookForHarm();
    return articles.some((article) => article.textContent.includes(text));
  };
  for (let step = 0; step < 2000; step++) {
    region().scrollTop = 0;
    if (await sees(first)) break;
  }
  for (let step = 0; step < 2000; step++) {
    if (await sees(last)) break;
    region().scrollTop += region().clientHeight / 2;
  }
  return seen.size;
}"""


_SCROLL_MEMBERS = """(count) => {
  const people = document.querySelectorAll("aside[aria-label=Members] li");
  people[people.length - 1]?.scrollIntoView();
  return people.length >= count;
}"""


def _read_room(window: Window, room: int, least: int = 60) -> None:
    window.page.evaluate("(room) => { location.hash = `#/room/${room}`; }", room)
    expect(window.page.locator(f"a[data-room='{room}'][aria-current=page]")).to_be_attached()
    expect(window.messages.get_by_role("article").last).to_be_visible()
    different = window.page.evaluate(_READ_ALL, [FIRST, LAST])
    assert different > least


def _read_texts(window: Window, room: int) -> None:
    """Some are so much alike that they look the same."""
    _read_room(window, room, least=len(PAYLOADS) * 9 // 10)


def _look_at_rooms(window: Window, count: int) -> None:
    links = window.page.get_by_role("navigation", name="Rooms").get_by_role("link")
    expect(links.nth(count)).to_be_attached()
    window.page.evaluate("window.lookForHarm()")


def _look_at_topics(window: Window, names: list[str]) -> None:
    window.page.get_by_role("button", name="New room or conversation").click()
    dialog = window.page.get_by_role("dialog")
    search = dialog.get_by_role("searchbox", name="Find an open room")
    for name in names:
        search.fill(name[:-1])
        expect(dialog.get_by_text(name, exact=True)).to_be_attached()
        window.page.evaluate("window.lookForHarm()")
    dialog.get_by_role("button", name="Close", exact=True).click()


def _look_at_people(window: Window, room: int) -> None:
    _read_room(window, room)
    window.page.wait_for_function(_SCROLL_MEMBERS, arg=len(PAYLOADS))
    window.page.evaluate("window.lookForHarm()")


def _look_at_inbox(window: Window, count: int) -> None:
    """The inbox shows a page at a time: older ones are asked for until all are there."""
    window.bell.click()
    inbox = window.page.get_by_role("tabpanel", name="Inbox")
    lines = inbox.get_by_role("listitem").filter(has_text="mentioned you in")
    expect(lines.first).to_be_attached()
    while (shown := lines.count()) < count:
        inbox.get_by_role("button", name="Show older ones").click()
        expect(lines.nth(shown)).to_be_attached()
    window.page.evaluate("window.lookForHarm()")
    window.page.keyboard.press("Escape")


def _look_at_reminders(window: Window, count: int) -> None:
    window.bell.click()
    window.page.get_by_role("tab", name="Reminders").click()
    expect(window.page.get_by_role("tabpanel").get_by_role("listitem").nth(count - 1)).to_be_attached()
    window.page.evaluate("window.lookForHarm()")
    window.page.keyboard.press("Escape")


def _look_at_devices(window: Window, count: int) -> None:
    window.page.get_by_role("button", name=re.compile("^Your account")).click()
    window.page.get_by_role("menuitem", name="Your devices").click()
    dialog = window.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").nth(count - 1)).to_be_attached()
    window.page.evaluate("window.lookForHarm()")
    dialog.get_by_role("button", name="Close", exact=True).click()


FIELDS = [
    Field("the text of a message", _texts, _read_texts),
    Field("an edit", _edits, _read_room),
    Field("the name of a room", _room_names, _look_at_rooms),
    Field("the topic of a room", _topics, _look_at_topics),
    Field("a display name", _display_names, _look_at_people),
    Field("a status", _statuses, _read_room),
    Field("a notification", _notifications, _look_at_inbox),
    Field("the note of a reminder", _reminders, _look_at_reminders),
    Field("the name of a device", _devices, _look_at_devices),
]
