from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from chat import amending, services
from chat.acks import reminding
from chat.acks.errors import NothingToAcknowledge, OwnMessage
from chat.acks.selectors import acks_of
from chat.acks.services import ack_ask, ack_give
from chat.errors import MessageNotFound
from chat.marks.payloads import AckInfo
from chat.models import Ack, AckRequest
from chat.selectors import messages_before
from notifications import upkeep
from notifications.selectors import inbox_page, unread_count
from tests.support.notices import published
from tests.support.people import client_id, make_direct, make_room, make_user, say
from tests.support.together import all_together, together

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user: User, room: int) -> int:
    return ack_ask(user=user, room=room, text="Read this", client_id=client_id()).message


def give(user: User, message: int) -> AckInfo:
    return ack_give(user=user, message=message, client_id=client_id()).ack


def seen(user: User, room: int) -> AckInfo | None:
    return messages_before(user.pk, room, before=None, limit=1).items[0].ack


def missing(user: User, message: int) -> list[str] | None:
    found = acks_of(user.pk, message).missing
    return None if found is None else [person.username for person in found]


def remind(message: int) -> None:
    """As when the time has come."""
    AckRequest.objects.filter(pk=message, remind_at__isnull=False).update(remind_at=timezone.now())
    upkeep.keep_up()


def titles(user: User) -> list[str]:
    return [item.title for item in inbox_page(user).items if not item.read]


def test_everybody_sees_who_has_and_its_author_who_has_not(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    message = ask(ada, room)
    assert published(f"room:{room}", "chat.message_created")[-1]["message"]["ack"] == {
        "count": 0,
        "users": [],
    }
    assert give(bo, message) == give(bo, message) == AckInfo(1, [bo.pk])
    assert seen(cy, room) == AckInfo(1, [bo.pk])
    assert (missing(ada, message), missing(cy, message)) == (["cy"], None)
    assert [one.person.username for one in acks_of(cy.pk, message).given] == ["bo"]
    (told,) = published(f"room:{room}", "chat.ack_changed")
    assert (told["ack"], told["user"]) == ({"count": 1, "users": [bo.pk]}, bo.pk)


def test_in_a_large_room_its_author_is_not_told_who_has_not(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"ack_room_members": 2}
    room = make_room(ada, bo)
    message = ask(ada, room)
    assert missing(ada, message) == ["bo"]
    services.room_invite(user=ada, room=room, invited=make_user().pk, client_id=client_id())
    assert missing(ada, message) is None


def test_only_members_other_than_the_author_acknowledge_what_asks_for_it(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo)
    message, (plain,) = ask(ada, room), say(ada, room, "hi")
    with pytest.raises(OwnMessage):
        give(ada, message)
    with pytest.raises(NothingToAcknowledge):
        give(bo, plain)
    for attempt in (lambda: give(cy, message), lambda: acks_of(cy.pk, message)):
        with pytest.raises(MessageNotFound):
            attempt()


def test_who_has_not_is_reminded_so_often_and_no_more(ada: User, bo: User, cy: User, settings: Any) -> None:
    settings.CHAT = {"max_ack_reminders": 2}
    room = make_room(ada, bo, cy, name="Tea")
    message = ask(ada, room)
    upkeep.keep_up()
    assert titles(bo) == titles(cy) == []
    give(bo, message)
    for _ in range(3):
        remind(message)
    assert titles(cy) == ["ada asks you to acknowledge a message in Tea"]
    assert (titles(bo), titles(ada)) == ([], [])
    assert inbox_page(cy).items[0].link == f"/#/room/{room}/1"
    assert len(published(f"user:{cy.pk}", "notifications.created")) == 2
    assert (AckRequest.objects.get().reminders, AckRequest.objects.get().remind_at) == (2, None)


def test_acknowledging_reads_the_reminder_and_ends_them(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    message = ask(ada, room)
    remind(message)
    assert unread_count(bo) == 1
    give(bo, message)
    assert unread_count(bo) == 0
    remind(message)
    assert (unread_count(bo), AckRequest.objects.get().remind_at) == (0, None)


def test_who_left_or_came_later_is_or_is_not_reminded(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    message = ask(ada, room)
    services.room_invite(user=ada, room=room, invited=cy.pk, client_id=client_id())
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    remind(message)
    assert (len(titles(cy)), titles(bo), missing(ada, message)) == (1, [], ["cy"])


def test_in_a_direct_conversation_no_room_is_named(ada: User, bo: User) -> None:
    remind(ask(ada, make_direct(ada, bo)))
    assert "ada asks you to acknowledge a message" in titles(bo)


def test_a_deletion_takes_the_reminders_back(ada: User, bo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room(ada, bo)
    message = ask(ada, room)
    remind(message)
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert (titles(bo), seen(bo, room)) == ([], None)
    for attempt in (lambda: give(bo, message), lambda: acks_of(ada.pk, message)):
        with pytest.raises(NothingToAcknowledge):
            attempt()
    remind(message)
    assert titles(bo) == []
    after = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: after)
    upkeep.keep_up()
    assert not AckRequest.objects.exists()


def test_two_workers_remind_once_and_all_who_acknowledge_at_once_are_counted(ada: User) -> None:
    people = [make_user() for _ in range(4)]
    room = make_room(ada, *people)
    message = ask(ada, room)
    AckRequest.objects.update(remind_at=timezone.now())
    together(2, reminding.remind_some)
    assert all(len(titles(user)) == 1 for user in people)
    all_together([lambda user=user: give(user, message) for user in people])
    assert (Ack.objects.count(), acks_of(ada.pk, message).missing) == (4, [])
    assert published(f"room:{room}", "chat.ack_changed")[-1]["ack"]["count"] == 4
    assert not any(titles(user) for user in people)
