"""Which messages show which pages: found, renewed, taken away, kept for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import amending, selectors
from chat.errors import MessageNotFound, NotAuthor, NotRoomOwner
from chat.files import storing
from chat.models import LinkedPage, Preview, Unpreviewed
from chat.payloads import Message
from chat.previews import services
from chat.previews.errors import PreviewNotFound
from chat.sending import Send, message_send, message_send_many
from notifications import upkeep
from realtime.log.models import Event
from tests.support.clock import later
from tests.support.people import client_id, make_direct, make_room
from tests.support.uploads import image
from tests.support.web_pages import WebPages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(ada: User, bo: User) -> int:
    return make_room(ada, bo)


def say(author: User, room: int, text: str) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id()).message


def look() -> None:
    """A worker does what is owed."""
    for message_id in list(Unpreviewed.objects.values_list("pk", flat=True)):
        services.preview_message(message_id)


def edit(user: User, message: int, text: str) -> None:
    amending.message_edit(user=user, message=message, text=text, client_id=client_id())


def last(user: User, room: int) -> Message:
    return selectors.messages_before(user.pk, room, before=None, limit=1).items[0]


def titles(user: User, room: int) -> list[str]:
    return [preview.title for preview in last(user, room).previews]


def last_event(room: int) -> tuple[str, Any]:
    event = Event.objects.filter(stream=f"room:{room}").latest("id")
    return event.name, msgspec.json.decode(event.data)


def remove(user: User, message: int, url: str) -> None:
    services.preview_remove(user=user, message=message, url=url, client_id=client_id())


def test_a_link_gets_a_preview_in_history_and_in_an_event(
    ada: User, bo: User, room: int, web: WebPages
) -> None:
    web.page("/picture.png", image("PNG", (900, 600)), type="image/png")
    url = web.page(
        "/a", "<title>A</title><meta name=description content=d><meta property=og:image content=/picture.png>"
    )
    message = say(ada, room, f"Look: {url}, and {web.page('/b', '<title>B</title>')}")
    assert titles(bo, room) == []
    look()
    name, data = last_event(room)
    assert (name, data["id"], data["number"]) == ("chat.previews_changed", message, 1)
    assert [one["title"] for one in data["previews"]] == titles(bo, room) == ["A", "B"]
    first, second = last(bo, room).previews
    assert (first.url, first.site, first.description) == (url, "127.0.0.1", "d")
    assert (first.width, first.height, second.image) == (480, 320, None)
    assert first.image is not None
    assert not Unpreviewed.objects.exists()


def test_plain_messages_owe_nothing_and_links_cost_one_statement(ada: User, bo: User, room: int) -> None:
    def statements(text: str, count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            message_send_many([Send(ada, room, text, client_id()) for _ in range(count)])
        return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured)

    statements("first", 1)
    assert [statements(text, 5) for text in ("plain", "`https://example.org`", "ftp://x")] == [11, 11, 11]
    assert statements("https://example.org", 5) == 12
    assert Unpreviewed.objects.count() == 5


def test_the_tick_hands_each_message_to_one_worker_and_again_where_that_died(
    ada: User, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = say(ada, room, "https://example.org")
    later(monkeypatch, timedelta(seconds=1))
    assert services.anything_due()
    assert services.claim_due() == [message]
    assert services.claim_due() == []
    for _ in range(2):
        later(monkeypatch, timedelta(seconds=100))
        assert services.claim_due() == [message]
    later(monkeypatch, timedelta(seconds=100))
    assert services.claim_due() == []
    assert not Unpreviewed.objects.exists()


def test_at_most_three_are_shown(ada: User, room: int, web: WebPages) -> None:
    say(ada, room, " ".join(web.page(f"/{n}", f"<title>{n}</title>") for n in range(5)))
    look()
    assert titles(ada, room) == ["0", "1", "2"]


def test_an_address_is_fetched_once_a_day(
    ada: User, room: int, web: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = web.page("/a", "<title>First</title>")
    for _ in range(2):
        say(ada, room, url)
        look()
    assert web.paths == ["/a"]
    web.page("/a", "<title>Second</title>")
    later(monkeypatch, timedelta(days=1, seconds=1))
    say(ada, room, url)
    look()
    shown = selectors.messages_before(ada.pk, room, before=None, limit=3).items
    assert [message.previews[0].title for message in shown] == ["First", "First", "Second"]


def test_an_address_that_says_nothing_is_left_alone_for_a_while(ada: User, room: int, web: WebPages) -> None:
    for _ in range(2):
        say(ada, room, web.url("/nothing"))
        look()
    assert (web.paths, titles(ada, room)) == (["/nothing"], [])
    assert last_event(room)[0] == "chat.message_created"


def test_who_asks_for_patience_is_asked_again_later_and_then_the_rest_is_shown(
    ada: User, room: int, web: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = web.page("/good", "<title>Good</title>")
    message = say(ada, room, f"{web.page('/busy', '', status=503)} {good}")
    for attempt in range(3):
        later(monkeypatch, timedelta(minutes=2 * (attempt + 1)))
        assert services.claim_due() == [message]
        services.preview_message(message)
    assert web.paths.count("/busy") == 3
    assert titles(ada, room) == ["Good"]


def test_edits_renew_what_is_shown(ada: User, room: int, web: WebPages) -> None:
    a, b = web.page("/a", "<title>A</title>"), web.page("/b", "<title>B</title>")
    message = say(ada, room, a)
    look()
    edit(ada, message, f"{b} {a}")
    look()
    assert titles(ada, room) == ["B", "A"]
    edit(ada, message, "no link")
    look()
    assert (titles(ada, room), last_event(room)[1]["previews"]) == ([], [])
    edit(ada, message, a)
    look()
    assert (titles(ada, room), web.paths) == (["A"], ["/a", "/b"])


def test_an_edit_while_a_page_is_fetched_wins(
    ada: User, room: int, web: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = web.page("/a", "<title>A</title>"), web.page("/b", "<title>B</title>")
    message = say(ada, room, a)
    original = services.page_at

    def slowly(url: str) -> Any:
        monkeypatch.setattr(services, "page_at", original)
        edit(ada, message, b)
        return original(url)

    monkeypatch.setattr(services, "page_at", slowly)
    look()
    assert titles(ada, room) == []
    look()
    assert titles(ada, room) == ["B"]


def test_one_that_was_taken_away_stays_away(ada: User, bo: User, cy: User, web: WebPages) -> None:
    room = make_room(ada, bo, cy)
    a, b = web.page("/a", "<title>A</title>"), web.page("/b", "<title>B</title>")
    message = say(bo, room, f"{a} {b}")
    look()
    with pytest.raises(NotAuthor):
        remove(cy, message, a)
    with pytest.raises(PreviewNotFound):
        remove(bo, message, "https://example.org/")
    remove(bo, message, a)
    with pytest.raises(PreviewNotFound):
        remove(bo, message, a)
    assert titles(ada, room) == [one["title"] for one in last_event(room)[1]["previews"]] == ["B"]
    edit(bo, message, f"{a} and {b} once more")
    look()
    assert titles(ada, room) == ["B"]
    remove(ada, message, b)
    assert titles(ada, room) == []


def test_a_message_of_another_room_is_not_found(ada: User, bo: User, web: WebPages) -> None:
    url = web.page("/a", "<title>A</title>")
    message = say(ada, make_room(ada), url)
    look()
    for target in (message, 999_999, -1):
        with pytest.raises(MessageNotFound):
            remove(bo, target, url)


def test_a_deleted_message_shows_nothing_and_gets_its_previews_back(
    ada: User, room: int, web: WebPages
) -> None:
    message = say(ada, room, web.page("/a", "<title>A</title>"))
    look()
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert last(ada, room).previews == []
    assert not Preview.objects.exists()
    restored = amending.message_restore(user=ada, message=message, client_id=client_id()).message
    assert restored.previews == []
    look()
    assert (titles(ada, room), web.paths) == (["A"], ["/a"])


def test_a_deletion_while_a_page_is_fetched_wins(ada: User, room: int, web: WebPages) -> None:
    message = say(ada, room, web.page("/a", "<title>A</title>"))
    amending.message_delete(user=ada, message=message, client_id=client_id())
    services.preview_message(message)
    assert (web.paths, last(ada, room).previews) == ([], [])


def test_a_room_or_the_installation_does_without(
    ada: User, bo: User, room: int, web: WebPages, settings: Any
) -> None:
    url = web.page("/a", "<title>A</title>")
    with pytest.raises(NotRoomOwner):
        services.room_previews_switch(user=bo, room=room, on=False, client_id=client_id())
    waiting = say(ada, room, url)
    services.room_previews_switch(user=ada, room=room, on=False, client_id=client_id())
    assert last_event(room) == ("chat.room_previews_changed", {"room": room, "link_previews": False})
    say(ada, room, url)
    assert list(Unpreviewed.objects.values_list("pk", flat=True)) == [waiting]
    look()
    assert (web.paths, selectors.rooms_of(bo.pk)[0].link_previews) == ([], False)
    services.room_previews_switch(user=ada, room=room, on=True, client_id=client_id())
    settings.CHAT = {"link_previews": False}
    say(ada, room, url)
    assert not Unpreviewed.objects.exists()


def test_direct_conversations_have_previews_too(ada: User, bo: User, web: WebPages) -> None:
    room = make_direct(ada, bo)
    say(ada, room, web.page("/a", "<title>A</title>"))
    look()
    assert titles(bo, room) == ["A"]


def test_pages_go_when_no_message_shows_them_any_more(
    ada: User, room: int, web: WebPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.page("/picture.png", image("PNG", (100, 60)), type="image/png")
    url = web.page("/a", "<title>A</title><meta property=og:image content=/picture.png>")
    message = say(ada, room, url)
    look()
    path = storing.path_of(str(LinkedPage.objects.get().image))
    later(monkeypatch, timedelta(days=30))
    upkeep.keep_up()
    assert storages["files"].exists(path)
    amending.message_delete(user=ada, message=message, client_id=client_id())
    upkeep.keep_up()
    assert LinkedPage.objects.exists()
    later(monkeypatch, timedelta(days=1, seconds=1))
    assert services.anything_to_forget()
    upkeep.keep_up()
    assert not LinkedPage.objects.exists()
    assert not storages["files"].exists(path)
