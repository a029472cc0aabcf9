"""Files over HTTP: uploads with whatever people send, and who may have which file, asked at each request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from accounts.models import User
from accounts.services import token_issue
from chat import amending, services
from chat.files.payloads import File
from chat.models import Upload
from chat.sending import message_send
from chat.threads.forwarding import message_forward
from tests.support.people import client_id, make_direct, make_room, make_user
from tests.support.uploads import image, photograph, png_header, upload

pytestmark = pytest.mark.django_db(transaction=True)

EXE = b"MZ\x90\x00" + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


class People:
    """Ada owns a room with Bo; Cy is in another room of hers; Dan is in none."""

    def __init__(self) -> None:
        self.ada, self.bo, self.cy, self.dan = (make_user(name) for name in ("ada", "bo", "cy", "dan"))
        self.room = make_room(self.ada, self.bo)
        self.other_room = make_room(self.ada, self.cy)

    def send(self, *files: File, room: int = 0, author: User | None = None) -> int:
        return message_send(
            author=author or self.ada,
            room=room or self.room,
            text="",
            client_id=client_id(),
            files=[file.id for file in files],
        ).message


@pytest.fixture
def people() -> People:
    return People()


class Answer:
    def __init__(self, response: Any, body: bytes) -> None:
        self.status, self.headers, self.body = response.status_code, response.headers, body

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


async def fetch(user: User | None, url: str, method: str = "GET", **headers: str) -> Answer:
    """One request of that person's browser, with its whole body."""
    client = AsyncClient()
    if user is not None:
        await sync_to_async(client.force_login)(user)
    response = await client.generic(method, url, headers=headers)
    try:
        if response.streaming:
            return Answer(response, b"".join([piece async for piece in response]))
        return Answer(response, response.content)
    finally:
        response.close()


made = sync_to_async


def post(user: User, *, name: str = "a.png", content: bytes | None = None, **fields: Any) -> Any:
    client = Client()
    client.force_login(user)
    file = SimpleUploadedFile(name, image() if content is None else content)
    return client.post("/api/files", {"client_id": client_id(), "file": file} | fields)


# ---- who may have it


async def test_members_have_what_a_message_shows_and_nobody_else(people: People) -> None:
    file = await made(upload)(people.ada, image("PNG", (600, 400)))
    await made(people.send)(file)
    urls = [file.url, str(file.small), f"{file.url}?download"]
    for url in urls:
        assert [(await fetch(user, url)).status for user in (people.ada, people.bo)] == [200, 200]
        for user in (people.cy, people.dan):
            refused = await fetch(user, url)
            assert (refused.status, refused.code) == (404, "not_found")
        stranger = await fetch(None, url)
        assert (stranger.status, stranger.code) == (401, "auth_required")


async def test_a_forwarded_file_is_for_those_who_see_the_forwarded_message(people: People) -> None:
    file = await made(upload)(people.ada, image("PNG", (600, 400)))
    source = await made(people.send)(file)
    forwarded = await made(message_forward)(
        user=people.ada, message=source, room=people.other_room, client_id=client_id()
    )
    upload_again = await Upload.objects.aget(message=forwarded.message)
    again = File.of(upload_again)
    for url, original in ((again.url, file.url), (str(again.small), str(file.small))):
        seen = await fetch(people.cy, url)
        assert (seen.status, seen.body) == (200, (await fetch(people.bo, original)).body)
        assert file.url.split("/")[2] not in str(seen.headers)
        assert [(await fetch(user, url)).status for user in (people.bo, people.dan)] == [404, 404]
        assert (await fetch(people.cy, original)).status == 404
    await made(amending.message_delete)(user=people.ada, message=source, client_id=client_id())
    assert [(await fetch(people.cy, url)).status for url in (again.url, file.url)] == [200, 404]
    await made(amending.message_delete)(user=people.ada, message=forwarded.message, client_id=client_id())
    assert (await fetch(people.cy, again.url)).status == 404


async def test_before_it_is_sent_it_is_the_uploaders_alone(people: People) -> None:
    file = await made(upload)(people.ada)
    assert [(await fetch(user, file.url)).status for user in (people.ada, people.bo)] == [200, 404]


async def test_who_leaves_or_is_put_out_has_it_no_more_and_the_uploader_neither(people: People) -> None:
    file = await made(upload)(people.bo)
    await made(people.send)(file, author=people.bo)
    assert (await fetch(people.bo, file.url)).status == 200
    await made(services.room_kick)(
        user=people.ada, room=people.room, kicked=people.bo.pk, client_id=client_id()
    )
    assert [(await fetch(user, file.url)).status for user in (people.ada, people.bo)] == [200, 404]
    await made(services.room_invite)(
        user=people.ada, room=people.room, invited=people.bo.pk, client_id=client_id()
    )
    assert (await fetch(people.bo, file.url)).status == 200


async def test_a_public_room_shows_its_files_to_those_who_joined(people: People) -> None:
    room = await made(make_room)(people.ada, kind="public")
    file = await made(upload)(people.ada)
    await made(people.send)(file, room=room)
    assert (await fetch(people.dan, file.url)).status == 404
    await made(services.room_join)(user=people.dan, room=room, client_id=client_id())
    assert (await fetch(people.dan, file.url)).status == 200


async def test_a_direct_conversation_keeps_its_files(people: People) -> None:
    room = await made(make_direct)(people.bo, people.cy)
    file = await made(upload)(people.bo)
    await made(people.send)(file, room=room, author=people.bo)
    assert [(await fetch(user, file.url)).status for user in (people.cy, people.ada)] == [200, 404]


async def test_a_deleted_message_shows_none_until_it_comes_back(people: People) -> None:
    file = await made(upload)(people.ada)
    message = await made(people.send)(file)
    await made(amending.message_delete)(user=people.ada, message=message, client_id=client_id())
    assert [(await fetch(user, file.url)).status for user in (people.ada, people.bo)] == [404, 404]
    await made(amending.message_restore)(user=people.ada, message=message, client_id=client_id())
    assert (await fetch(people.bo, file.url)).status == 200


async def test_a_token_opens_it_and_a_bad_one_or_a_disabled_account_does_not(people: People) -> None:
    file = await made(upload)(people.ada)
    token = (await made(token_issue)(people.ada, device_name="phone")).access
    assert (await fetch(None, file.url, Authorization=f"Bearer {token}")).status == 200
    assert (await fetch(None, file.url, Authorization="Bearer nonsense")).status == 401
    await made(User.objects.filter(pk=people.ada.pk).update)(is_active=False)
    assert (await fetch(None, file.url, Authorization=f"Bearer {token}")).status == 401


async def test_nothing_else_has_an_address(people: People) -> None:
    file = await made(upload)(people.ada)
    key = file.url.split("/")[2]
    for url in (
        f"/files/{'0' * 32}/a.png",
        f"/files/{key}",
        f"/files/{key}/",
        f"/files/{key.upper()}/a.png",
        f"/files/{key}/../{key}",
        f"/files/{key}/%2e%2e%2f{key}",
        f"/files/{key[:2]}/{key}.original",
        f"{file.url}?size=small",
        f"{file.url}?size=../original",
        f"/previews/{key}.webp",
    ):
        assert (await fetch(people.ada, url)).status == 404, url


# ---- how it leaves


async def test_images_are_shown_by_the_type_that_was_found_and_everything_is_locked_in(
    people: People,
) -> None:
    file = await made(upload)(people.ada, photograph(), "holiday.png")
    answer = await fetch(people.ada, file.url)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == 'inline; filename="holiday.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert b"Secret Camera" not in answer.body
    assert int(answer.headers["Content-Length"]) == len(answer.body) == file.bytes


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SVG, "drawing.svg"),
        (b"<!doctype html><script>alert(1)</script>", "page.html"),
        (b"%PDF-1.7", "a.pdf"),
        (b"x", "a.js"),
    ],
)
async def test_whatever_a_browser_might_run_is_a_download_without_a_type(
    people: People, content: bytes, name: str
) -> None:
    file = await made(upload)(people.ada, content, name)
    for query in ("", "?download", "?inline"):
        answer = await fetch(people.ada, file.url + query)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.body == content


@pytest.mark.parametrize("name", ['a"b\\c.txt', "grüße 日本.txt", "x\u202etxt.gpj", "a;b=c.txt", "CON.txt"])
async def test_no_name_breaks_a_header(people: People, name: str) -> None:
    file = await made(upload)(people.ada, b"x", name)
    answer = await fetch(people.ada, file.url)
    assert answer.status == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert not {"\r", "\n", "\u202e"} & set(disposition)
    assert disposition.isascii()


async def test_a_browser_that_has_it_is_told_so_as_long_as_it_may_see_it(people: People) -> None:
    file = await made(upload)(people.ada, image("PNG", (600, 400)))
    await made(people.send)(file)
    first, small = await fetch(people.bo, file.url), await fetch(people.bo, str(file.small))
    assert first.headers["ETag"] != small.headers["ETag"]
    again = await fetch(people.bo, file.url, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    refused = await fetch(people.cy, file.url, **{"If-None-Match": first.headers["ETag"]})
    assert refused.status == 404


async def test_a_part_is_sent_as_asked(people: People) -> None:
    file = await made(upload)(people.ada, b"0123456789", "a.txt")

    async def part(header: str, **more: str) -> tuple[int, bytes, str | None]:
        answer = await fetch(people.ada, file.url, Range=header, **more)
        return answer.status, answer.body, answer.headers.get("Content-Range")

    assert await part("bytes=2-4") == (206, b"234", "bytes 2-4/10")
    assert await part("bytes=7-") == (206, b"789", "bytes 7-9/10")
    assert await part("bytes=-2") == (206, b"89", "bytes 8-9/10")
    assert await part("bytes=5-1") == (416, b"", "bytes */10")
    assert await part("bytes=10-") == (416, b"", "bytes */10")
    many = ",".join(f"{n % 10}-{n % 10}" for n in range(1000))
    assert await part(f"bytes={many}") == (200, b"0123456789", None)
    assert await part("bytes=2-4", **{"If-Range": '"another"'}) == (200, b"0123456789", None)
    head = await fetch(people.ada, file.url, "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "10")
    assert head.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_it_can_only_be_read(people: People, method: str) -> None:
    file = await made(upload)(people.ada)
    assert (await fetch(people.ada, file.url, method)).status == 405


async def test_a_proxy_may_send_it_instead(people: People, settings: Any) -> None:
    settings.FILES_ACCEL = "/stored-files/"
    file = await made(upload)(people.ada, b"x", "a.txt")
    answer = await fetch(people.ada, file.url)
    key = file.url.split("/")[2]
    assert answer.headers["X-Accel-Redirect"] == f"/stored-files/{key[:2]}/{key}.original"
    assert (answer.body, answer.headers["Content-Type"]) == (b"", "application/octet-stream")
    assert (await fetch(people.bo, file.url)).status == 404


async def test_a_file_that_the_storage_lost_is_not_found(people: People) -> None:
    file = await made(upload)(people.ada)
    await made(Upload.objects.filter(pk=file.id).update)(stored="f" * 32)
    answer = await fetch(people.ada, file.url)
    assert (answer.status, answer.code) == (404, "not_found")


# ---- uploads


def test_an_upload_is_answered_with_the_file(people: People) -> None:
    answer = post(
        people.ada, name="ä.png", content=image("PNG", (600, 400)), alt="A square", client_id="same"
    )
    assert answer.status_code == 200
    file = answer.json()
    assert (file["name"], file["kind"], file["width"], file["alt"]) == ("ä.png", "image", 600, "A square")
    assert post(people.ada, client_id="same").json() == file


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("empty.txt", b"", 415, "unsupported_file"),
        ("a.png", b"<html>", 415, "unsupported_file"),
        ("a.png", b"\x89PNG\r\n\x1a\n", 415, "unsupported_file"),
        ("a.png", png_header(65_535, 65_535), 413, "image_too_large"),
        ("a.exe", EXE, 415, "unsupported_file"),
        ("a.pdf.exe", b"%PDF-1.7", 415, "unsupported_file"),
        ("a.jpg", EXE, 415, "unsupported_file"),
        ("a.svg.png", SVG, 415, "unsupported_file"),
        ("a.docx", b"PK\x03\x04" + b"\0" * 100, 415, "unsupported_file"),
    ],
)
def test_bad_files_are_told_what_is_wrong(
    people: People, name: str, content: bytes, status: int, code: str
) -> None:
    answer = post(people.ada, name=name, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_told_the_limit(people: People, settings: Any) -> None:
    settings.CHAT = {"max_file_bytes": 10}
    answer = post(people.ada, name="a.txt", content=b"x" * 11)
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (
        413,
        "too_large",
        {"max": 10, "got": 11},
    )


@pytest.mark.parametrize("bad", ["", "x" * 65, "é", "a b"])
def test_bad_client_ids_are_told_so(people: People, bad: str) -> None:
    assert post(people.ada, client_id=bad).json()["code"] == "bad_client_id"


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ("{}", "application/json"),
        ("", "multipart/form-data; boundary=x"),
        ("--x\r\nnonsense", "multipart/form-data; boundary=x"),
        ("x", "multipart/form-data"),
        ("x", "multipart/form-data; boundary=" + "y" * 500),
        ("client_id=1", "application/x-www-form-urlencoded"),
        (
            '--x\r\nContent-Disposition: form-data; name="file"; filename="'
            + "a" * 5000
            + '"\r\n\r\nx\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (
            '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\nx\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_form_that_is_none_is_a_bad_request(people: People, body: str, type: str) -> None:
    client = Client()
    client.force_login(people.ada)
    answer = client.generic("POST", "/api/files", body, content_type=type)
    assert (answer.status_code, answer.json()["type"]) == (400, "error"), answer.content


def test_what_one_may_upload_is_told(people: People) -> None:
    client = Client()
    client.force_login(people.ada)
    upload(people.ada, b"hello", "a.txt")
    assert client.get("/api/files/limits").json() == {
        "max_files": 10,
        "max_file_bytes": 52_428_800,
        "used_bytes": 5,
        "max_bytes": 2_147_483_648,
    }
