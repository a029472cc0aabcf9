"""Files for tests: made here, so that each is what its test needs, and uploaded by the service that people reach."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile, UploadedFile
from PIL import Image

from accounts.models import User
from chat.files import services
from chat.files.payloads import File
from tests.support.people import client_id

ORIENTATION, CAMERA, PLACE = 0x0112, 0x0110, 0x8825


def image(
    format: str = "PNG", size: tuple[int, int] = (40, 30), *, colour: str = "teal", **options: Any
) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, format, **options)
    return made.getvalue()


def photograph(size: tuple[int, int] = (60, 40), *, orientation: int = 6, format: str = "JPEG") -> bytes:
    """As phones make them: lying on its side, with the place and the camera in it. Its upper half is red, as stored."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, "Secret Camera"
    exif.get_ifd(PLACE)[2] = (48.0, 8.0, 24.0)
    made = io.BytesIO()
    picture.save(made, format, exif=exif)
    return made.getvalue()


def animation(
    frames: int = 3, size: tuple[int, int] = (20, 10), format: str = "GIF", **options: Any
) -> bytes:
    pictures = [Image.new("RGB", size, (40 * number % 256, 0, 90)) for number in range(frames)]
    made = io.BytesIO()
    pictures[0].save(made, format, save_all=True, append_images=pictures[1:], duration=50, loop=0, **options)
    return made.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def form_file(content: bytes, name: str = "picture.png", *, on_disk: bool = False) -> UploadedFile:
    """As it comes out of a form: small ones in memory, others on the disk."""
    if not on_disk:
        return SimpleUploadedFile(name, content)
    file = TemporaryUploadedFile(name, "", len(content), None)
    file.write(content)
    file.seek(0)
    return file


def upload(user: User, content: bytes | None = None, name: str = "picture.png", **fields: Any) -> File:
    content = image() if content is None else content
    return services.upload_create(
        user=user, content=form_file(content, name), **{"client_id": client_id(), **fields}
    )
