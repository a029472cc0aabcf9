from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from accounts.models import User
from chat import amending, services
from chat.errors import MessageDeleted, MessageNotFound, RoomNotFound
from chat.files.errors import QuotaExceeded
from chat.files.payloads import File
from chat.files.services import file_describe, file_remove, forget_some, limits_of
from chat.models import Mention, Message, Upload
from chat.payloads import Message as MessagePayload
from chat.selectors import messages_before
from chat.sending import message_send
from chat.threads.errors import ForwardedIsFixed
from chat.threads.forwarding import message_forward
from tests.support.clock import later
from tests.support.notices import published
from tests.support.people import client_id, make_room
from tests.support.together import all_together
from tests.support.uploads import image, upload

pytestmark = pytest.mark.django_db(transaction=True)


def say(author: User, room: int, text: str) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id()).message


def forward(user: User, message: int, room: int, **more: Any) -> int:
    return message_forward(
        user=user, message=message, room=room, **{"client_id": client_id(), **more}
    ).message


def last(user: User, room: int) -> MessagePayload:
    return messages_before(user.pk, room, before=None, limit=1).items[0]


def test_a_forwarded_message_says_whose_words_it_has_and_notifies_nobody_they_name(
    ada: User, bo: User, cy: User
) -> None:
    here, there = make_room(ada, bo), make_room(bo, cy)
    say(ada, here, "before")
    forward(bo, say(ada, here, "@cy and @room: tea"), there)
    seen = last(cy, there)
    assert (seen.author.id, seen.text, seen.mentions) == (bo.pk, "@cy and @room: tea", [])
    assert seen.forwarded is not None
    assert (seen.forwarded.author.id, seen.forwarded.room, seen.forwarded.number) == (ada.pk, here, 2)
    assert not Mention.objects.filter(room=there).exists()
    (event,) = published(f"room:{there}", "chat.message_created")
    assert event["message"]["forwarded"]["author"]["username"] == "ada"


def test_the_words_of_a_forwarded_message_stay_and_stay_its_authors(ada: User, bo: User, cy: User) -> None:
    here, there, beyond = make_room(ada, bo), make_room(bo, cy), make_room(cy)
    source = say(ada, here, "tea")
    copy = forward(bo, source, there)
    amending.message_edit(user=ada, message=source, text="coffee", client_id=client_id())
    amending.message_delete(user=ada, message=source, client_id=client_id())
    assert last(cy, there).text == "tea"
    with pytest.raises(ForwardedIsFixed):
        amending.message_edit(user=bo, message=copy, text="poison", client_id=client_id())
    forward(cy, copy, beyond)
    seen = last(cy, beyond).forwarded
    assert seen is not None
    assert (seen.author.id, seen.room) == (ada.pk, here)
    User.objects.filter(pk=ada.pk).update(display_name="Somebody else")
    again = last(cy, beyond).forwarded
    assert again is not None
    assert again.author.display_name == "Somebody else"


def test_only_what_one_may_read_is_forwarded_and_only_to_where_one_may_write(
    ada: User, bo: User, cy: User
) -> None:
    here, there = make_room(ada, bo), make_room(bo, cy)
    source, gone = say(ada, here, "tea"), say(ada, here, "gone")
    amending.message_delete(user=ada, message=gone, client_id=client_id())
    for message in (source, 999_999, -1, 2**70):
        with pytest.raises(MessageNotFound):
            forward(cy, message, there)
    for room in (there, 999_999, -1):
        with pytest.raises(RoomNotFound):
            forward(ada, source, room)
    with pytest.raises(MessageDeleted):
        forward(bo, gone, there)
    services.room_kick(user=ada, room=here, kicked=bo.pk, client_id=client_id())
    with pytest.raises(MessageNotFound):
        forward(bo, source, there)
    assert not Message.objects.filter(room=there).exists()


def test_again_is_the_first_copy_even_when_the_source_is_gone(ada: User, bo: User) -> None:
    here, there = make_room(ada, bo), make_room(bo)
    source = say(ada, here, "tea")
    first = forward(bo, source, there, client_id="same")
    amending.message_delete(user=ada, message=source, client_id=client_id())
    assert forward(bo, source, there, client_id="same") == first
    assert Message.objects.filter(room=there).count() == 1


# ---- files


def share(author: User, room: int, *files: File, text: str = "") -> int:
    ids = [file.id for file in files]
    return message_send(author=author, room=room, text=text, client_id=client_id(), files=ids).message


def kept() -> int:
    """How many files are in the storage."""
    return sum(path.is_file() for path in Path(storages["files"].path("")).rglob("*"))


def test_files_are_forwarded_in_their_order_under_addresses_of_their_own(
    ada: User, bo: User, cy: User
) -> None:
    here, there, beyond = make_room(ada, bo), make_room(bo, cy), make_room(cy)
    before = kept()
    notes = upload(ada, b"hello", "notes.txt", alt="What was said")
    picture = upload(ada, image("PNG", (600, 400)), "a.png")
    source = share(ada, here, picture, notes)
    stored = kept() - before
    copy = forward(bo, source, there)
    forward(cy, copy, beyond)
    for room, reader in ((there, cy), (beyond, cy)):
        files = last(reader, room).files
        assert [(one.name, one.kind, one.alt, one.width) for one in files] == [
            ("a.png", "image", "", 600),
            ("notes.txt", "file", "What was said", None),
        ]
        assert not {one.url for one in files} & {picture.url, notes.url}
        assert files[0].small is not None
    assert kept() - before == stored
    assert Upload.objects.filter(forget_at=None, ready=True).count() == 6


def test_whichever_goes_first_the_others_keep_the_bytes_until_the_last(
    ada: User, bo: User, cy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there, beyond = make_room(ada, bo), make_room(bo, cy), make_room(cy)
    before = kept()
    source = share(ada, here, upload(ada, b"hello", "a.txt"), text="look")
    copy = forward(bo, source, there)
    third = forward(cy, copy, beyond)
    for author, message, left in ((ada, source, 1), (cy, third, 1), (bo, copy, 0)):
        amending.message_delete(user=author, message=message, client_id=client_id())
        later(monkeypatch, timedelta(minutes=10))
        while forget_some():
            pass
        assert not Upload.objects.filter(message=message).exists()
        assert kept() - before == left
    assert not Upload.objects.exists()


def test_all_at_once_leave_no_bytes_behind(ada: User, bo: User) -> None:
    here, there = make_room(ada, bo), make_room(bo)
    before = kept()
    source = share(ada, here, upload(ada, b"hello", "a.txt"), text="look")
    forward(bo, source, there)
    Upload.objects.update(forget_at="2020-01-01T00:00:00Z")
    all_together([forget_some, forget_some, forget_some])
    forget_some()
    assert (kept(), Upload.objects.count()) == (before, 0)


def test_what_is_taken_out_of_a_message_is_not_forwarded_with_it(ada: User, bo: User) -> None:
    here, there = make_room(ada, bo), make_room(bo)
    file, other = upload(ada, b"hello", "a.txt"), upload(ada, b"hello", "b.txt")
    source = share(ada, here, file, other)
    file_remove(user=ada, file=file.id, client_id=client_id())
    forward(bo, source, there)
    (seen,) = last(bo, there).files
    assert seen.name == "b.txt"
    with pytest.raises(ForwardedIsFixed):
        file_describe(user=bo, file=seen.id, alt="other words", client_id=client_id())


def test_forwarded_files_count_like_any_and_ones_own_once(ada: User, bo: User, settings: Any) -> None:
    here, there = make_room(ada, bo), make_room(ada, bo)
    source = share(ada, here, upload(ada, b"12345", "a.txt"))
    settings.CHAT = {"max_user_bytes": 8}
    forward(ada, source, there)
    assert limits_of(ada).used_bytes == 5
    forward(bo, source, there)
    assert limits_of(bo).used_bytes == 5
    second = share(ada, here, upload(ada, b"123", "b.txt"))
    forward(bo, second, there)
    third = make_room(bo)
    settings.CHAT = {"max_user_bytes": 7}
    with pytest.raises(QuotaExceeded):
        forward(bo, second, third)
    assert not Message.objects.filter(room=third).exists()
    assert Upload.objects.filter(uploader=bo).count() == 2


def test_repeating_it_attaches_nothing_twice(ada: User, bo: User) -> None:
    here, there = make_room(ada, bo), make_room(bo)
    source = share(ada, here, upload(ada, b"hello", "a.txt"))
    assert forward(bo, source, there, client_id="same") == forward(bo, source, there, client_id="same")
    assert Upload.objects.count() == 2
