"""Who is notified of a message, when, and what becomes of it when the message is read, edited or deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from chat import amending, sending, services, telling
from chat.models import Member, Mention, Room, Untold
from chat.selectors import rooms_of
from notifications import upkeep
from notifications.models import Notification
from notifications.preferences.services import preference_scope
from notifications.selectors import inbox_page, unread_count
from realtime import LayerUnavailable
from tests.support.deliveries import choose, send_due, whys
from tests.support.elsewhere import elsewhere
from tests.support.notices import published
from tests.support.people import client_id, make_direct, make_room, make_user
from tests.support.recorder import recorder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.CHAT = {"tell_after_s": 0}


@pytest.fixture
def ada() -> User:
    return make_user("ada", display_name="Ada")


@pytest.fixture
def bo() -> User:
    return make_user("bo", display_name="Bo")


@pytest.fixture
def cy() -> User:
    return make_user("cy", display_name="Cy")


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Who is online; a real answer takes servers (tests/integration/test_mentions.py)."""
    found: set[int] = set()
    monkeypatch.setattr(telling, "online_now", lambda stream, timeout_s: found)
    return found


def say(author: User, room: int, text: str) -> int:
    return sending.message_send(author=author, room=room, text=text, client_id=client_id()).message


def read(user: User, room: int, number: int) -> None:
    services.room_read(user=user, room=room, number=number, client_id=client_id())


def tell() -> None:
    assert telling.anything_due()
    upkeep.keep_up()
    assert not Untold.objects.exists()


def titles(user: User) -> list[str]:
    return [item.title for item in inbox_page(user).items]


def mentioned(user: User, room: int) -> list[int]:
    return rooms_of(user.pk, [room])[0].mentioned


def test_who_is_named_is_notified_with_a_link_to_the_message(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    say(ada, room, "hello")
    say(ada, room, "  @bo,\n\nthe   kettle?")
    tell()
    (item,) = inbox_page(bo).items
    assert (item.title, item.text) == ("Ada mentioned you in Tea", "@bo, the kettle?")
    assert item.link == f"/#/room/{room}/2"
    assert titles(cy) == titles(ada) == []
    assert (mentioned(bo, room), mentioned(cy, room)) == ([2], [])


def test_several_mentions_in_a_room_are_one_line(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    for author in (ada, cy, ada):
        say(author, room, "@bo!")
    tell()
    assert titles(bo) == ["Ada and 1 other mentioned you in Tea"]
    assert mentioned(bo, room) == [1, 2, 3]


def test_the_room_is_everybody_but_the_author_once(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    say(ada, room, "@room and you too, @bo")
    tell()
    assert titles(bo) == titles(cy) == ["Ada mentioned everybody in Tea"]
    assert titles(ada) == []
    assert (mentioned(bo, room), mentioned(cy, room), mentioned(ada, room)) == ([1], [1], [])


def test_here_is_who_is_online_in_the_room(ada: User, bo: User, cy: User, online: set[int]) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    online |= {ada.pk, cy.pk, make_user("outsider").pk}
    say(ada, room, "@here: tea")
    assert mentioned(cy, room) == []
    tell()
    assert titles(cy) == ["Ada mentioned everybody in Tea"]
    assert titles(bo) == titles(ada) == []
    assert (mentioned(cy, room), mentioned(bo, room)) == ([1], [])
    assert published(f"user:{cy.pk}", "chat.mentioned") == [
        {"room": room, "number": 1, "only_in_thread": None}
    ]


def test_without_an_answer_here_waits_and_in_the_end_is_given_up(
    ada: User, bo: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT = {"tell_after_s": 0, "max_tell_attempts": 2}

    def nobody_answers(*_: Any, **__: Any) -> set[int]:
        raise LayerUnavailable("away")

    monkeypatch.setattr(telling, "online_now", nobody_answers)
    room = make_room(ada, bo)
    say(ada, room, "@here and @bo")
    telling.tell_some()
    untold = Untold.objects.get()
    assert untold.attempts == 1
    assert not telling.anything_due()
    assert titles(bo) == []
    Untold.objects.update(due_at=untold.message.created_at)
    telling.tell_some()
    assert not Untold.objects.exists()


def test_one_message_that_cannot_be_told_does_not_hold_up_the_others(
    ada: User, bo: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = make_room(ada, bo)
    broken = say(ada, room, "@bo one")
    say(ada, room, "@bo two")
    notify = telling.notify

    def stumbles(*args: Any, **kwargs: Any) -> Any:
        if kwargs["key"] == f"mention:{broken}":
            raise RuntimeError("a bug")
        return notify(*args, **kwargs)

    monkeypatch.setattr(telling, "notify", stumbles)
    telling.tell_some()
    assert [item.text for item in inbox_page(bo).items] == ["@bo two"]
    assert Untold.objects.get().message_id == broken
    assert "could not be notified" in caplog.text


def test_who_has_read_it_or_has_left_meanwhile_is_not_notified(ada: User, bo: User, cy: User) -> None:
    dee = make_user("dee")
    room = make_room(ada, bo, cy, dee)
    say(ada, room, "@bo @cy @dee")
    read(bo, room, 1)
    services.room_kick(user=ada, room=room, kicked=cy.pk, client_id=client_id())
    tell()
    assert [len(titles(user)) for user in (bo, cy, dee)] == [0, 0, 1]


def test_reading_the_room_reads_its_notifications_once_no_mention_is_left(ada: User, bo: User) -> None:
    room, other = make_room(ada, bo), make_room(ada, bo)
    for text in ("@bo one", "two", "@bo three"):
        say(ada, room, text)
    say(ada, other, "@bo elsewhere")
    tell()
    assert unread_count(bo) == 2
    read(bo, room, 2)
    assert (unread_count(bo), mentioned(bo, room)) == (2, [3])
    read(bo, room, 3)
    assert (unread_count(bo), mentioned(bo, room)) == (1, [])
    event = published(f"user:{bo.pk}", "notifications.read")[-1]
    assert event["unread"] == {"own": 1, "shared": 0}


def test_a_line_that_was_left_unread_by_writing_is_read_with_the_next_reading(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(ada, room, "@bo")
    tell()
    say(bo, room, "yes?")
    assert unread_count(bo) == 1
    read(bo, room, 2)
    assert unread_count(bo) == 0


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite a transaction that writes is alone")
@pytest.mark.parametrize("direct", [True, False])
def test_reading_at_the_moment_of_telling_leaves_nothing_unread(
    ada: User, bo: User, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read mark is set, and not committed, while the worker looks; the reader then waits for its lines."""
    room = make_direct(ada, bo) if direct else make_room(ada, bo)
    say(ada, room, "@bo")
    marked = services._read_notifications

    def told_meanwhile(*args: Any) -> None:
        elsewhere(telling.tell_some)
        marked(*args)

    monkeypatch.setattr(services, "_read_notifications", told_meanwhile)
    read(bo, room, 1)
    assert unread_count(bo) == 0
    assert Notification.objects.get(recipient=bo).read_at is not None


def test_a_direct_message_is_one_line_that_says_the_latest(ada: User, bo: User) -> None:
    room = make_direct(ada, bo)
    say(ada, room, "one")
    tell()
    say(ada, room, "two, @bo")
    tell()
    (item,) = inbox_page(bo).items
    assert (item.title, item.text, item.link) == ("Ada wrote to you", "two, @bo", f"/#/room/{room}/2")
    read(bo, room, 1)
    assert unread_count(bo) == 1
    read(bo, room, 2)
    assert unread_count(bo) == 0
    assert titles(ada) == []


def test_a_direct_message_to_several_says_so(ada: User, bo: User, cy: User) -> None:
    dee = make_user("dee")
    say(ada, make_direct(ada, bo, cy, dee), "all of you")
    tell()
    assert [titles(user) for user in (bo, cy, dee)] == [["Ada wrote to you and 2 others"]] * 3


def test_a_deleted_message_is_taken_back_told_or_not(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    first, second = say(ada, room, "@bo one"), say(ada, room, "@bo two")
    tell()
    amending.message_delete(user=ada, message=second, client_id=client_id())
    assert [item.text for item in inbox_page(bo).items] == ["@bo one"]
    amending.message_delete(user=ada, message=first, client_id=client_id())
    assert (titles(bo), unread_count(bo), mentioned(bo, room)) == ([], 0, [])
    third = say(ada, room, "@bo three")
    amending.message_delete(user=ada, message=third, client_id=client_id())
    assert not Untold.objects.exists()
    direct = make_direct(ada, bo)
    fourth = say(ada, direct, "hello")
    tell()
    amending.message_delete(user=ada, message=fourth, client_id=client_id())
    assert titles(bo) == []


def test_an_edit_changes_what_notifications_say_and_tells_those_it_adds(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo, cy)
    message = say(ada, room, "@bo se this")
    tell()
    upkeep.keep_up()
    seen = Notification.objects.get(recipient=bo)
    amending.message_edit(user=ada, message=message, text="@bo @cy see this", client_id=client_id())
    tell()
    for user in (bo, cy):
        assert [item.text for item in inbox_page(user).items] == ["@bo @cy see this"]
        assert unread_count(user) == 1
        assert mentioned(user, room) == [1]
    assert Notification.objects.get(recipient=bo).created_at == seen.created_at
    amending.message_edit(user=ada, message=message, text="nobody", client_id=client_id())
    tell()
    assert [mentioned(user, room) for user in (bo, cy)] == [[], []]
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert titles(bo) == titles(cy) == []


def test_what_an_edit_says_is_not_told_to_who_has_left(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    first, second = say(ada, room, "@bo @cy one"), say(ada, room, "@bo @cy two")
    tell()
    upkeep.keep_up()
    services.room_leave(user=bo, room=room, client_id=client_id())
    for message, text in ((first, "@bo @cy ONE"), (second, "@bo @cy TWO")):
        amending.message_edit(user=ada, message=message, text=text, client_id=client_id())
    tell()
    assert [item.text for item in inbox_page(bo).items] == ["@bo @cy two"]
    assert [item.text for item in inbox_page(cy).items] == ["@bo @cy TWO"]
    # The line stood for the first one too, which says something else by now.
    amending.message_delete(user=ada, message=second, client_id=client_id())
    assert inbox_page(bo).items == []
    assert [item.text for item in inbox_page(cy).items] == ["@bo @cy ONE"]


def test_an_edit_between_looking_and_telling_is_told_next_time(
    ada: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada, bo)
    message = say(ada, room, "@bo one")
    look: Callable[[Untold], None] = telling._say_what_it_says_now

    def edited_just_then(untold: Untold) -> None:
        look(untold)
        monkeypatch.setattr(telling, "_say_what_it_says_now", look)
        amending.message_edit(user=ada, message=message, text="@bo two", client_id=client_id())

    monkeypatch.setattr(telling, "_say_what_it_says_now", edited_just_then)
    telling.tell_some()
    assert titles(bo) == []
    tell()
    assert [item.text for item in inbox_page(bo).items] == ["@bo two"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite there are no row locks")
def test_a_message_that_another_process_holds_is_left_to_it(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(ada, room, "@bo")
    with transaction.atomic():
        list(Room.objects.get(pk=room).messages.select_for_update())
        elsewhere(telling.tell_some)
    assert titles(bo) == []
    tell()
    assert len(titles(bo)) == 1


def test_only_owners_address_everybody_in_a_large_room_unless_the_room_says_otherwise(
    ada: User, bo: User, settings: Any
) -> None:
    settings.CHAT = {"large_room_members": 1}
    room = make_room(ada, bo)

    def refused(author: User) -> list[tuple[str, str]]:
        sent = sending.message_send(author=author, room=room, text="@room @here", client_id=client_id())
        return [(one.name, one.why) for one in sent.not_reached]

    both = [("room", "not_allowed"), ("here", "not_allowed")]
    assert (refused(ada), refused(bo)) == ([], both)
    for rule, expected in (("members", []), ("owners", both), ("small_rooms", both)):
        services.room_change(
            user=ada, room=room, name=None, topic=None, mention_all=rule, client_id=client_id()
        )
        assert refused(bo) == expected
    settings.CHAT = {"large_room_members": 2}
    assert refused(bo) == []


def test_who_comes_later_was_not_mentioned(ada: User, bo: User) -> None:
    room = make_room(ada)
    say(ada, room, "@room, and @bo when you come")
    services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    tell()
    assert (titles(bo), mentioned(bo, room)) == ([], [])
    assert not Mention.objects.filter(user=bo).exists()
    assert Member.objects.get(user=bo).read_number == 1


def test_outside_the_app_nobody_is_told_who_has_read_it_or_was_put_out_meanwhile(
    ada: User, bo: User, cy: User
) -> None:
    channel = recorder()
    for user in (bo, cy):
        choose(user, "mentions", "recorder", "instant")
    dee = make_user("dee")
    choose(dee, "mentions", "recorder", "instant")
    room = make_room(ada, bo, cy, dee)
    say(ada, room, "@room")
    tell()
    assert [whys(user) for user in (bo, cy, dee)] == [["due"]] * 3
    services.room_kick(user=ada, room=room, kicked=cy.pk, client_id=client_id())
    read(bo, room, 1)
    send_due()
    assert [whys(user) for user in (bo, cy, dee)] == [["read_already"], ["read_already"], ["sent"]]
    ((place, message),) = channel.taken
    assert (place, message.thread) == (f"home of {dee.pk}", f"chat.mention:room:{room}")


def test_what_people_chose_for_a_room_holds(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    for user, follow in ((bo, "nothing"), (cy, "mentions")):
        preference_scope(user, scope=f"room:{room}", follow=follow, muted_until=None, client_id=client_id())
    say(ada, room, "@bo @cy")
    tell()
    assert [len(titles(user)) for user in (bo, cy)] == [0, 1]
