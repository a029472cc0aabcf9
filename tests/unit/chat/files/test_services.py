"""Uploads, what is changed about them, and what makes them go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.core.files.storage import storages
from PIL import Image

from accounts.models import User
from chat import amending, selectors
from chat.errors import NotAuthor
from chat.files import services, storing
from chat.files.errors import (
    BadDescription,
    FileNotFound,
    FileRefused,
    FileTooLarge,
    LastFile,
    QuotaExceeded,
    ScannerAway,
    UnsupportedFile,
    UploadGoesOn,
)
from chat.files.payloads import File
from chat.models import Message, Upload
from chat.sending import message_send
from notifications import upkeep
from realtime.log.models import Event
from tests.support.clock import later
from tests.support.people import client_id, make_room
from tests.support.together import together
from tests.support.uploads import form_file, image, photograph, upload

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = b"hello"


def send(author: User, room: int, *files: File, text: str = "") -> int:
    ids = [file.id for file in files]
    return message_send(author=author, room=room, text=text, client_id=client_id(), files=ids).message


def stored(file: File) -> bool:
    """Whether the storage has its bytes."""
    return storages["files"].exists(storing.path_of(key_of(file)))


def key_of(file: File) -> str:
    return file.url.split("/")[2]


def remove(user: User, file: File) -> None:
    services.file_remove(user=user, file=file.id, client_id=client_id())


# ---- uploads


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_file_is_stored_under_a_random_name_and_told_with_what_a_page_needs(
    ada: User, on_disk: bool
) -> None:
    content = form_file(image("PNG", (900, 600)), "../My holiday.png", on_disk=on_disk)
    file = services.upload_create(user=ada, content=content, client_id="1", alt=" A  beach ")
    key = key_of(file)
    assert len(key) == 32
    assert file == File(
        id=file.id,
        url=f"/files/{key}/My%20holiday.png",
        name="My holiday.png",
        kind="image",
        type="image/png",
        bytes=storages["files"].size(f"{key[:2]}/{key}.original"),
        width=900,
        height=600,
        small=f"/files/{key}/My%20holiday.png?size=small",
        large=None,
        alt="A beach",
    )
    with storages["files"].open(f"{key[:2]}/{key}.small") as small:
        assert Image.open(small).size == (480, 320)


def test_a_photograph_is_told_as_it_is_shown(ada: User) -> None:
    file = upload(ada, photograph((60, 40), orientation=6), "IMG_1.JPG")
    assert (file.width, file.height, file.type) == (40, 60, "image/jpeg")


def test_other_files_are_stored_as_they_are(ada: User) -> None:
    file = upload(ada, TEXT, "notes.txt")
    assert (file.kind, file.type, file.bytes, file.width, file.small) == ("file", "text/plain", 5, None, None)
    with storages["files"].open(storing.path_of(key_of(file))) as content:
        assert content.read() == TEXT


def test_again_with_the_same_client_id_is_the_first_file(ada: User, bo: User) -> None:
    first = upload(ada, TEXT, "a.txt", client_id="same")
    assert upload(ada, b"other", "b.txt", client_id="same") == first
    assert upload(bo, TEXT, "a.txt", client_id="same") != first
    assert Upload.objects.count() == 2


def test_the_same_upload_twice_at_once_is_stored_once(ada: User) -> None:
    def once_more() -> object:
        try:
            return upload(ada, TEXT, "a.txt", client_id="same").id
        except UploadGoesOn:
            return "busy"

    outcomes = together(4, once_more)
    assert Upload.objects.filter(ready=True).count() == 1
    assert set(outcomes) <= {Upload.objects.get().pk, "busy"}
    folders, _ = storages["files"].listdir("")
    kept = [name for folder in folders for name in storages["files"].listdir(folder)[1]]
    assert sum(name.startswith(Upload.objects.get().key) for name in kept) == 1


def test_an_upload_that_died_half_way_keeps_its_place_for_a_while_only(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(services, "_store", die)
        patched.setattr(services, "_forget_bytes", die)
        with pytest.raises(Killed):
            upload(ada, TEXT, "a.txt", client_id="same")
    assert not Upload.objects.get().ready
    with pytest.raises(UploadGoesOn):
        upload(ada, TEXT, "a.txt", client_id="same")
    later(monkeypatch, timedelta(minutes=3))
    assert upload(ada, TEXT, "a.txt", client_id="same").name == "a.txt"
    upkeep.keep_up()
    assert Upload.objects.get().ready


def test_what_fails_leaves_nothing(ada: User) -> None:
    with pytest.raises(UnsupportedFile):
        upload(ada, image()[:-30])
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("content", "name"), [(b"", "a.txt"), (b"<html>", "a.png"), (b"MZ\0\0", "a.exe")])
def test_what_cannot_be_shared_is_refused(ada: User, content: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFile):
        upload(ada, content, name)


def test_a_file_over_the_limit_is_refused(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_file_bytes": 10}
    upload(ada, b"x" * 10, "a.txt")
    with pytest.raises(FileTooLarge) as caught:
        upload(ada, b"x" * 11, "a.txt")
    assert caught.value.data == {"max": 10, "got": 11}


def test_a_person_has_so_much_room_and_gets_it_back(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"max_user_bytes": 12}
    first = upload(ada, TEXT, "a.txt")
    upload(ada, TEXT, "b.txt")
    upload(bo, TEXT, "c.txt")
    with pytest.raises(QuotaExceeded) as caught:
        upload(ada, TEXT, "d.txt")
    assert (caught.value.as_dict()["code"], caught.value.data) == ("quota_exceeded", {"used": 10, "max": 12})
    limits = services.limits_of(ada)
    assert (limits.used_bytes, limits.max_bytes) == (10, 12)
    remove(ada, first)
    upkeep.keep_up()
    upload(ada, TEXT, "d.txt")


def test_two_at_once_do_not_exceed_the_quota_together(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_user_bytes": 12}

    def one() -> str:
        try:
            upload(ada, TEXT, "a.txt")
        except QuotaExceeded:
            return "full"
        return "stored"

    assert sorted(together(4, one)) == ["full", "full", "stored", "stored"]


def test_a_description_is_plain_text(ada: User) -> None:
    assert upload(ada, TEXT, "a.txt", alt="two\n\u202elines ").alt == "two lines"
    for bad in ("x" * 501, "a" + "\u0301" * 20):
        with pytest.raises(BadDescription):
            upload(ada, TEXT, "a.txt", alt=bad)


# ---- the scanner


def no_cats(file: Any, name: str) -> str:
    return "it is a cat" if b"cat" in file.read() else ""


def broken(file: Any, name: str) -> str:
    raise OSError("no connection")


def test_a_scanner_lets_in_and_refuses(ada: User, settings: Any) -> None:
    settings.FILE_SCANNER = f"{__name__}.no_cats"
    with pytest.raises(FileRefused, match="it is a cat"):
        upload(ada, b"a cat", "a.txt")
    file = upload(ada, b"a dog", "a.txt")
    with storages["files"].open(storing.path_of(key_of(file))) as content:
        assert content.read() == b"a dog"


def test_while_the_scanner_is_away_nothing_is_let_in(ada: User, settings: Any) -> None:
    settings.FILE_SCANNER = f"{__name__}.broken"
    with pytest.raises(ScannerAway) as caught:
        upload(ada, TEXT, "a.txt")
    assert caught.value.retry
    assert not Upload.objects.exists()


# ---- in messages


def test_a_description_is_changed_before_and_after_sending(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    file = upload(ada, TEXT, "a.txt")
    other = upload(ada, TEXT, "b.txt")
    services.file_describe(user=ada, file=file.id, alt="one", client_id=client_id())
    message = send(ada, room, file, other)
    services.file_describe(user=ada, file=file.id, alt="two", client_id=client_id())
    event = Event.objects.filter(stream=f"room:{room}").latest("id")
    data = msgspec.json.decode(event.data)
    assert (event.name, [one["alt"] for one in data["files"]]) == ("chat.files_changed", ["two", ""])
    (shown,) = selectors.messages_before(bo.pk, room, before=None, limit=1).items
    assert (shown.id, [one.alt for one in shown.files]) == (message, ["two", ""])
    with pytest.raises(NotAuthor):
        services.file_describe(user=bo, file=file.id, alt="mine", client_id=client_id())


def test_a_file_is_taken_out_of_its_message_by_author_and_owner_but_not_the_last(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo, cy)
    files = [upload(bo, TEXT, f"{number}.txt") for number in range(3)]
    message = send(bo, room, *files)
    with pytest.raises(NotAuthor):
        remove(cy, files[0])
    remove(bo, files[0])
    remove(ada, files[1])
    with pytest.raises(LastFile):
        remove(bo, files[2])
    assert [
        file.id for file in selectors.messages_before(bo.pk, room, before=None, limit=1).items[0].files
    ] == [files[2].id]
    upkeep.keep_up()
    assert [stored(file) for file in files] == [False, False, True]
    with pytest.raises(FileNotFound):
        remove(bo, files[0])
    amending.message_edit(user=bo, message=message, text="words", client_id=client_id())
    remove(bo, files[2])


def test_a_file_of_somebody_else_or_of_another_room_is_not_found(ada: User, bo: User) -> None:
    mine, sent = upload(ada, TEXT, "a.txt"), upload(ada, TEXT, "b.txt")
    send(ada, make_room(ada), sent)
    for file_id in (mine.id, sent.id, 999_999, 0, -1, 2**70):
        with pytest.raises(FileNotFound):
            services.file_remove(user=bo, file=file_id, client_id=client_id())
        with pytest.raises(FileNotFound):
            services.file_describe(user=bo, file=file_id, alt="x", client_id=client_id())


# ---- what goes


def test_a_file_that_no_message_has_goes_after_a_day(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room(ada)
    left, sent = upload(ada, image("PNG", (600, 400))), upload(ada, TEXT, "b.txt")
    send(ada, room, sent)
    upkeep.keep_up()
    assert stored(left)
    later(monkeypatch, timedelta(days=1, seconds=1))
    assert upkeep.anything_due()
    upkeep.keep_up()
    assert (stored(left), stored(sent)) == (False, True)
    assert not storages["files"].exists(storing.path_of(key_of(left), "small"))
    assert Upload.objects.get().pk == sent.id


def test_files_go_with_their_message_after_the_time_to_undo_and_come_back_within_it(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    file = upload(ada, TEXT, "a.txt")
    message = send(ada, room, file)
    amending.message_delete(user=ada, message=message, client_id=client_id())
    (gone,) = selectors.messages_before(ada.pk, room, before=None, limit=1).items
    assert (gone.deleted, gone.files) == (True, [])
    upkeep.keep_up()
    assert stored(file)
    restored = amending.message_restore(user=ada, message=message, client_id=client_id()).message
    assert restored.files == [file]
    with monkeypatch.context() as patched:
        later(patched, timedelta(days=2))
        upkeep.keep_up()
        assert stored(file)
    amending.message_delete(user=ada, message=message, client_id=client_id())
    later(monkeypatch, timedelta(seconds=30))
    upkeep.keep_up()
    assert not stored(file)
    assert not Upload.objects.exists()
    assert Message.objects.get().files == "[]"


def test_an_interrupted_deletion_is_finished_by_the_next(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(ada, TEXT, "a.txt")
    remove(ada, file)

    def fail(*_: object) -> None:
        raise OSError("the storage is away")

    with monkeypatch.context() as patched:
        patched.setattr(storing, "delete", fail)
        with pytest.raises(OSError, match="away"):
            services.forget_some()
    assert Upload.objects.exists()
    services.forget_some()
    assert not Upload.objects.exists()
    assert not stored(file)


def test_the_files_of_messages_that_vanished_go_too(ada: User) -> None:
    file = upload(ada, TEXT, "a.txt")
    Message.objects.filter(pk=send(ada, make_room(ada), file)).delete()
    assert services.anything_to_forget()
    upkeep.keep_up()
    assert not stored(file)


def test_with_an_account_its_files_leave_every_message(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    files = [upload(bo, TEXT, f"{number}.txt") for number in range(3)]
    shown, deleted = send(bo, room, files[0], text="look"), send(bo, room, files[1])
    send(ada, room, kept := upload(ada, TEXT, "kept.txt"))
    amending.message_delete(user=bo, message=deleted, client_id=client_id())
    services.uploads_forget_of(bo)
    upkeep.keep_up()
    assert [stored(file) for file in (*files, kept)] == [False, False, False, True]
    first = selectors.messages_before(ada.pk, room, before=None, limit=3).items[0]
    assert (first.id, first.files) == (shown, [])
    assert amending.message_restore(user=bo, message=deleted, client_id=client_id()).message.files == []


def test_when_an_account_is_gone_for_good_what_it_never_sent_goes(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = upload(ada, TEXT, "a.txt")
    ada.delete()
    later(monkeypatch, timedelta(days=1, seconds=1))
    upkeep.keep_up()
    assert not stored(file)
