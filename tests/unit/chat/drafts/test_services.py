from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import services
from chat.drafts.errors import TooManyDrafts
from chat.drafts.payloads import Draft as DraftPayload
from chat.drafts.selectors import drafts_of
from chat.drafts.services import draft_save
from chat.errors import BadCharacters, MessageNotFound, RoomNotFound, TooLong
from chat.files.errors import FileNotFound, TooManyFiles
from chat.files.services import file_remove, forget_some
from chat.models import Draft, Upload
from chat.sending import message_send
from tests.support.clock import later
from tests.support.notices import published
from tests.support.people import client_id, make_room, say
from tests.support.together import all_together
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db(transaction=True)


def write(
    user: User, room: int, text: str, thread: int | None = None, files: Sequence[int] = ()
) -> DraftPayload:
    return draft_save(user=user, room=room, thread=thread, text=text, files=files, client_id=client_id())


def texts(user: User) -> dict[tuple[int, int | None], str]:
    return {(one.room, one.thread): one.text for one in drafts_of(user.pk)}


def test_there_is_one_per_room_and_thread_and_it_is_ones_own(ada: User, bo: User) -> None:
    room, other = make_room(ada, bo), make_room(ada)
    (root,) = say(bo, room, "hi")
    write(ada, room, "  I th")
    write(ada, room, "  I think\n")
    write(ada, room, "in the thread", root)
    write(ada, other, "there")
    assert texts(ada) == {(room, None): "  I think\n", (room, root): "in the thread", (other, None): "there"}
    assert texts(bo) == {}
    assert not published(f"room:{room}", "chat.draft_changed")
    assert [one["draft"]["text"] for one in published(f"user:{ada.pk}", "chat.draft_changed")] == [
        "  I th",
        "  I think\n",
        "in the thread",
        "there",
    ]


def test_the_version_rises_also_over_an_end_and_says_nothing_without_a_change(ada: User) -> None:
    room = make_room(ada)
    versions = [write(ada, room, text).version for text in ("a", "b", "", "c")]
    assert versions == sorted(set(versions))
    assert write(ada, room, "c").version == versions[-1]
    assert write(ada, room, " \n ").text == ""
    assert write(ada, room, "").text == ""
    assert not Draft.objects.exists()
    assert len(published(f"user:{ada.pk}", "chat.draft_changed")) == 5


def test_the_writer_who_comes_last_wins_and_two_at_once_leave_one(ada: User) -> None:
    room = make_room(ada)
    all_together([lambda text=text: write(ada, room, text) for text in ("phone", "desk", "tablet")])
    told = [one["draft"] for one in published(f"user:{ada.pk}", "chat.draft_changed")]
    versions = [draft["version"] for draft in told]
    assert versions == sorted(set(versions))
    (draft,) = drafts_of(ada.pk)
    assert (draft.text, draft.version) == (told[-1]["text"], told[-1]["version"])


def test_it_goes_with_the_membership(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    write(bo, room, "mine")
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert texts(bo) == {}
    with pytest.raises(RoomNotFound):
        write(bo, room, "again")
    assert not Draft.objects.exists()


def test_what_may_be_in_it_and_how_many_there_are_has_bounds(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"max_drafts": 2}
    room, second, third = make_room(ada), make_room(ada), make_room(ada)
    with pytest.raises(TooLong):
        write(ada, room, "x" * 8001)
    with pytest.raises(BadCharacters):
        write(ada, room, "a\x00b")
    (elsewhere,) = say(bo, make_room(bo), "hi")
    for thread in (elsewhere, 999_999, 0, -1, 2**70):
        with pytest.raises(MessageNotFound):
            write(ada, room, "x", thread)
    write(ada, room, "x" * 8000)
    write(ada, second, "two")
    with pytest.raises(TooManyDrafts):
        write(ada, third, "three")
    write(ada, second, "")
    write(ada, third, "three")


# ---- files


def clear_up() -> int:
    """How many files are left."""
    while forget_some():
        pass
    return Upload.objects.count()


def test_it_keeps_files_in_their_order_as_long_as_it_is_there(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    second, first = upload(ada, b"2", "two.txt"), upload(ada, b"1", "one.txt")
    assert write(ada, room, "", files=[first.id, second.id]).files == [first, second]
    later(monkeypatch, timedelta(days=2))
    assert clear_up() == 2
    (draft,) = drafts_of(ada.pk)
    assert (draft.text, draft.files) == ("", [first, second])
    told = published(f"user:{ada.pk}", "chat.draft_changed")
    assert [one["name"] for one in told[-1]["draft"]["files"]] == ["one.txt", "two.txt"]
    assert write(ada, room, "", files=[first.id, second.id]).version == draft.version
    assert write(ada, room, "", files=[second.id]).files == [second]
    later(monkeypatch, timedelta(days=4))
    assert clear_up() == 1


def test_one_that_ends_gives_its_files_a_day_for_being_sent(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    sent, unsent = upload(ada, b"1", "one.txt"), upload(ada, b"2", "two.txt")
    write(ada, room, "both", files=[sent.id, unsent.id])
    message_send(author=ada, room=room, text="", client_id=client_id(), files=[sent.id])
    assert [one.files for one in drafts_of(ada.pk)] == [[unsent]]
    assert write(ada, room, "").files == []
    assert clear_up() == 2
    later(monkeypatch, timedelta(days=2))
    assert clear_up() == 1
    assert Upload.objects.get().message_id is not None


def test_one_whose_only_file_was_sent_or_removed_is_over_when_it_is_saved(ada: User) -> None:
    room = make_room(ada)
    sent, removed = upload(ada, b"1", "one.txt"), upload(ada, b"2", "two.txt")
    write(ada, room, "", files=[sent.id])
    message_send(author=ada, room=room, text="", client_id=client_id(), files=[sent.id])
    write(ada, room, "")
    write(ada, room, "", files=[removed.id])
    file_remove(user=ada, file=removed.id, client_id=client_id())
    write(ada, room, "")
    told = published(f"user:{ada.pk}", "chat.draft_changed")
    assert [len(one["draft"]["files"]) for one in told] == [1, 0, 1, 0]
    assert not Draft.objects.exists()


def test_its_files_go_with_the_membership(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    write(bo, room, "mine", files=[upload(bo, b"1", "one.txt").id])
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert clear_up() == 0


def test_it_keeps_what_is_ones_own_and_was_not_sent_and_ten_at_most(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    his, sent = upload(bo, b"1", "one.txt"), upload(ada, b"2", "two.txt")
    message_send(author=ada, room=room, text="", client_id=client_id(), files=[sent.id])
    assert write(ada, room, "", files=[his.id, sent.id, 999_999]).files == []
    assert not Draft.objects.exists()
    with pytest.raises(TooManyFiles):
        write(ada, room, "x", files=range(1, 12))
    with pytest.raises(FileNotFound):
        write(ada, room, "x", files=[-1])


def test_the_list_costs_two_queries_whatever_is_in_it(ada: User) -> None:
    for _ in range(3):
        write(ada, make_room(ada), "", files=[upload(ada, b"1", "one.txt").id, upload(ada, b"2", "b.txt").id])
    with CaptureQueriesContext(connection) as captured:
        assert len(drafts_of(ada.pk)) == 3
    assert len(captured) == 2
