"""Files in a bucket: the same uploads and downloads over S3, against a server that speaks it (moto)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import storages

from accounts.models import User
from chat.files import services, storing
from realtime.testing.stack import free_port
from realtime.testing.waiting import wait_until
from tests.integration.test_files_http import fetch
from tests.support.people import client_id, make_user
from tests.support.uploads import image, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server with an empty bucket "chat"."""
    port = free_port()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "moto.server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with suppress(URLError, ConnectionError), urlopen(f"{address}/moto-api/"):
            return True
        return False

    try:
        wait_until(answers, "the S3 server answers", timeout_s=90)
        yield address
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def bucket(s3: str, settings: Any) -> Any:
    options = {
        "bucket_name": "chat",
        "endpoint_url": s3,
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        "addressing_style": "path",
        "default_acl": None,
        "querystring_auth": False,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    storage: Any = storages["files"]
    storage.connection.create_bucket(Bucket="chat")
    return storage.bucket


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def keys(bucket: Any) -> list[str]:
    return sorted(one.key for one in bucket.objects.all())


def test_what_is_uploaded_is_in_the_bucket_and_what_is_deleted_is_not(ada: User, bucket: Any) -> None:
    file, text = upload(ada, image("PNG", (900, 600))), upload(ada, b"hello", "a.txt")
    key, text_key = file.url.split("/")[2], text.url.split("/")[2]
    assert keys(bucket) == sorted(
        [f"{key[:2]}/{key}.original", f"{key[:2]}/{key}.small", f"{text_key[:2]}/{text_key}.original"]
    )
    for one in (file, text):
        services.file_remove(user=ada, file=one.id, client_id=client_id())
    services.forget_some()
    assert keys(bucket) == []


async def test_it_comes_out_through_the_server_whole_or_in_part(ada: User, bucket: Any) -> None:
    content = os.urandom(1_000_000)
    file = await sync_to_async(upload)(ada, content, "a.bin")
    whole = await fetch(ada, file.url)
    assert (whole.status, whole.body == content) == (200, True)
    part = await fetch(ada, file.url, Range="bytes=500000-500009")
    assert (part.status, part.body) == (206, content[500_000:500_010])
    assert "X-Amz-Signature" not in str(whole.headers)
    await sync_to_async(storing.delete)(file.url.split("/")[2])
    assert (await fetch(ada, file.url)).status == 404
