"""What files look like to a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import msgspec

from realtime import Struct

if TYPE_CHECKING:
    from chat.models import Upload


class File(Struct, frozen=True):
    """A file in a message, or one of one's own that is to come into one.

    `url` is for those who may see the message, at the moment of each request. `small` and `large` are WebP images for a
    list and for a screen; null where the image itself is no larger, or moves. Their proportions are those of the image.
    """

    id: int
    url: str
    name: str  # safe to show and to store under
    kind: Literal["image", "audio", "video", "file"]  # all but "file" can be shown in the page
    type: str  # as found in the content, such as "image/png"
    bytes: int
    width: int | None = None  # of an image, in pixels, as it is shown
    height: int | None = None
    small: str | None = None
    large: str | None = None
    alt: str = ""  # what is to be seen or heard, in the uploader's words

    @classmethod
    def of(cls, upload: Upload) -> File:
        return cls.made(
            id=upload.pk,
            key=upload.key,
            name=upload.name,
            kind=upload.kind,
            type=upload.type,
            bytes=upload.bytes,
            width=upload.width,
            height=upload.height,
            small=upload.small,
            large=upload.large,
            alt=upload.alt,
        )

    @classmethod
    def made(cls, *, id: int, key: str, name: str, small: bool, large: bool, **facts: object) -> File:
        """From the columns of an Upload."""
        url = f"/files/{key}/{quote(name, safe='')}"
        return cls(
            id=id,
            url=url,
            name=name,
            small=f"{url}?size=small" if small else None,
            large=f"{url}?size=large" if large else None,
            **facts,  # type: ignore[arg-type]
        )


class FileRemoved(Struct, frozen=True):
    file: int


class FileLimits(Struct, frozen=True):
    """What one may upload, and how much of one's room is taken."""

    max_files: int  # in a message
    max_file_bytes: int
    used_bytes: int
    max_bytes: int


def files_loaded(text: str) -> list[File]:
    """The files of a stored message, from their JSON."""
    return msgspec.json.decode(text, type=list[File]) if text != "[]" else []


def files_stored(files: list[File]) -> str:
    """As a message keeps them."""
    return msgspec.json.encode(files).decode() if files else "[]"
