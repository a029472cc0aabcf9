"""Keywords: the list, and who hears of what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from chat import amending, services
from chat.keywords.errors import BadKeyword, TooManyKeywords
from chat.keywords.services import keywords_of, keywords_set
from chat.models import Mention, Message, Untold
from chat.search import index
from chat.selectors import rooms_of
from notifications import upkeep
from notifications.models import Notification
from notifications.selectors import inbox_page, unread_count
from tests.support.people import client_id, make_direct, make_room, make_user, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.CHAT = {"tell_after_s": 0}


def listen(user: User, *words: str) -> list[str]:
    return keywords_set(user=user, words=words, client_id=client_id()).words


def titles(user: User) -> list[str]:
    return [item.title for item in inbox_page(user).items]


def test_a_list_is_kept_as_written_and_each_word_once(ada: User) -> None:
    assert listen(ada, " Deploy ", "on  fire", "DEPLOY", "日本") == ["Deploy", "on fire", "日本"]
    assert keywords_of(ada).words == ["Deploy", "on fire", "日本"]
    assert listen(ada) == []


def test_a_list_has_bounds(ada: User, settings: Any) -> None:
    for bad in ("", "!!!", "x" * 61, "x" * 500):
        with pytest.raises(BadKeyword):
            listen(ada, bad)
    settings.CHAT = {"max_keywords": 1}
    with pytest.raises(TooManyKeywords):
        listen(ada, "one", "two")


def test_whole_words_in_any_case_notify_those_in_the_room(ada: User, bo: User, cy: User) -> None:
    room, elsewhere = make_room(ada, bo, name="Tea"), make_room(bo)
    listen(ada, "deploy", "on fire")
    listen(cy, "deploy")
    say(bo, room, "The DEPLOY is done", "deployed", "fire on", "it is on   fire!")
    say(bo, elsewhere, "deploy elsewhere")
    upkeep.keep_up()
    assert titles(ada) == ["bo used one of your words in Tea"] * 1
    (line,) = inbox_page(ada).items
    assert (line.count, line.link) == (2, f"/#/room/{room}/4")
    assert unread_count(cy) == 0
    assert rooms_of(ada.pk, [room])[0].mentioned == []


def test_nobody_hears_themselves_nor_direct_messages_twice_nor_a_mention_and_a_word(
    ada: User, bo: User
) -> None:
    room, direct = make_room(ada, bo, name="Tea"), make_direct(ada, bo)
    for user in (ada, bo):
        listen(user, "deploy")
    say(bo, room, "@ada deploy")
    say(bo, direct, "deploy")
    upkeep.keep_up()
    assert sorted(titles(ada)) == ["bo mentioned you in Tea", "bo wrote to you"]
    assert titles(bo) == []


def test_reading_takes_it_along_and_what_was_read_is_not_told(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    listen(ada, "deploy")
    say(bo, room, "deploy")
    upkeep.keep_up()
    assert unread_count(ada) == 1
    services.room_read(user=ada, room=room, number=1, client_id=client_id())
    assert unread_count(ada) == 0
    say(bo, room, "deploy")
    services.room_read(user=ada, room=room, number=2, client_id=client_id())
    upkeep.keep_up()
    assert unread_count(ada) == 0


def test_edits_and_deletions_count(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    listen(ada, "deploy")
    (message,) = say(bo, room, "nothing")
    upkeep.keep_up()
    amending.message_edit(user=bo, message=message, text="deploy now", client_id=client_id())
    upkeep.keep_up()
    assert unread_count(ada) == 1
    amending.message_edit(user=bo, message=message, text="deploy later", client_id=client_id())
    upkeep.keep_up()
    assert [item.text for item in inbox_page(ada).items] == ["deploy later"]
    amending.message_edit(user=bo, message=message, text="no", client_id=client_id())
    assert not Mention.objects.filter(kind=Mention.Kind.WORD).exists()
    amending.message_delete(user=bo, message=message, client_id=client_id())
    upkeep.keep_up()
    assert inbox_page(ada).items == []


def test_a_message_that_is_being_told_of_is_told_to_those_who_hear_a_word_too(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    listen(cy, "deploy")
    say(bo, room, "@ada deploy")
    upkeep.keep_up()
    assert titles(ada) == ["bo mentioned you in Tea"]
    assert titles(cy) == ["bo used one of your words in Tea"]
    assert not Untold.objects.exists()


def test_old_messages_are_indexed_and_tell_nobody(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    listen(ada, "deploy")
    (message,) = say(bo, room, "deploy")
    Message.objects.filter(pk=message).update(created_at=timezone.now() - timedelta(hours=2))
    while index.index_some():
        pass
    upkeep.keep_up()
    assert not Notification.objects.exists()


def test_a_step_costs_as_many_queries_however_many_listen(
    ada: User, django_assert_max_num_queries: Any
) -> None:
    room = make_room(ada, *(listeners := [make_user() for _ in range(12)]))
    for user in listeners:
        listen(user, "deploy", "fire")
    say(ada, room, "deploy")
    with django_assert_max_num_queries(20):
        index.index_some()
    assert Mention.objects.filter(kind=Mention.Kind.WORD).count() == 12
