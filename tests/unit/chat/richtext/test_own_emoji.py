"""The installation's own emoji: pictures made anew, with names of their own, added and removed by staff."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import User
from chat.models import OwnEmoji
from chat.richtext import own_emoji
from chat.richtext.errors import BadEmojiName, BadEmojiPicture, EmojiNameTaken, TooManyEmoji
from chat.richtext.rendering import plain, rendered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    own_emoji.forget()
    yield
    own_emoji.forget()


def picture(size: tuple[int, int] = (40, 20), form: str = "PNG") -> BytesIO:
    file = BytesIO()
    Image.new("RGBA" if form in {"PNG", "WEBP"} else "RGB", size, "teal").save(file, form)
    return BytesIO(file.getvalue())


def add(name: str = "party-parrot") -> OwnEmoji:
    emoji = own_emoji.emoji_made(name=name, file=picture())
    emoji.save()
    own_emoji.forget()
    return emoji


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_made_anew_and_small(form: str) -> None:
    emoji = own_emoji.emoji_made(name="parrot-x", file=picture((600, 300), form))
    with Image.open(BytesIO(emoji.content)) as made:
        assert (made.format, made.size) == ("WEBP", (128, 64))


@pytest.mark.parametrize("name", ["", "a", "Big", "two words", "a:b", "é1", "_x", "<b>", "a" * 33, "../x"])
def test_a_name_that_could_not_be_written_is_refused(name: str) -> None:
    with pytest.raises(BadEmojiName):
        own_emoji.emoji_made(name=name, file=picture())


def test_a_name_is_one_emojis(settings: Any) -> None:
    add("parrot-x")
    with pytest.raises(EmojiNameTaken):
        own_emoji.emoji_made(name="parrot-x", file=picture())
    with pytest.raises(EmojiNameTaken, match="character"):
        own_emoji.emoji_made(name="tada", file=picture())
    settings.CHAT = {"max_own_emoji": 1}
    with pytest.raises(TooManyEmoji):
        own_emoji.emoji_made(name="parrot-y", file=picture())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        picture().getvalue()[:60],
    ],
    ids=["nothing", "text", "svg", "cut"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadEmojiPicture):
        own_emoji.emoji_made(name="parrot-x", file=BytesIO(content))


def test_a_file_or_picture_that_is_too_large_is_refused(settings: Any) -> None:
    settings.CHAT = {"max_emoji_bytes": 50}
    with pytest.raises(BadEmojiPicture, match="at most 50 bytes"):
        own_emoji.emoji_made(name="parrot-x", file=picture())
    settings.CHAT = {"max_emoji_pixels": 1_000_000}
    with pytest.raises(BadEmojiPicture, match="1 million pixels"):
        own_emoji.emoji_made(name="parrot-x", file=picture((1001, 1000)))


def test_it_stands_in_messages_and_is_served_by_the_hash_of_its_bytes() -> None:
    emoji = add()
    assert (
        rendered(":party-parrot:", [])
        == f'<p><img class="emoji" alt=":party-parrot:" src="{emoji.path}"></p>'
    )
    assert plain("a :party-parrot:") == "a :party-parrot:"
    answer = Client().get(emoji.path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer.content == bytes(emoji.content)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert Client().get(f"/api/emoji/{'0' * 64}.webp").status_code == 404
    assert Client().get("/api/emoji/x.webp").status_code == 404


def test_the_list_of_them_is_asked_for_now_and_then() -> None:
    add()
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            rendered(":party-parrot: :nobody-knows: :tada: 10:30:20", [])
    assert len(captured) == 1


def test_people_get_the_list(ada: User) -> None:
    assert Client().get("/api/emoji").status_code == 401
    emoji = add()
    client = Client()
    client.force_login(ada)
    assert client.get("/api/emoji").json() == [{"name": "party-parrot", "url": emoji.path}]


def test_staff_add_and_remove_them_in_the_admin(admin_client: Client, admin_user: User, ada: User) -> None:
    def post(name: str, file: bytes) -> Any:
        return admin_client.post(
            "/admin/chat/ownemoji/add/", {"name": name, "picture": SimpleUploadedFile("x.png", file)}
        )

    assert post("parrot-x", picture().getvalue()).status_code == 302
    emoji = OwnEmoji.objects.get()
    assert (emoji.name, emoji.created_by, len(emoji.key)) == ("parrot-x", admin_user, 64)
    assert own_emoji.known() == {"parrot-x": emoji.path}
    refused = post("parrot-y", b"<svg onload=alert(1)>")
    assert "no picture that can be used" in refused.content.decode()
    assert emoji.path in admin_client.get("/admin/chat/ownemoji/").content.decode()
    assert admin_client.get(f"/admin/chat/ownemoji/{emoji.pk}/change/").status_code == 200

    other = Client()
    ada.is_staff = True
    ada.save()
    other.force_login(ada)
    assert other.get("/admin/chat/ownemoji/add/").status_code == 403

    admin_client.post(f"/admin/chat/ownemoji/{emoji.pk}/delete/", {"post": "yes"})
    assert own_emoji.known() == {}
