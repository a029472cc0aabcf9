"""Where the bytes are: the storage `files` of STORAGES, under names that say nothing. No URL leads there.

ab/abcdef….original, and .small and .large of images
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import Storage, storages

ORIGINAL = "original"
SMALLER = ("small", "large")


def new_key() -> str:
    """128 random bits: whoever has not been told it, does not find it."""
    return secrets.token_hex(16)


def path_of(key: str, size: str = ORIGINAL) -> str:
    return f"{key[:2]}/{key}.{size}"


def store(key: str, content: File[Any] | Path, size: str = ORIGINAL) -> None:
    """Keeps a file as it is."""
    if isinstance(content, Path):
        with content.open("rb") as opened:
            storage().save(path_of(key, size), File(opened))
    else:
        content.seek(0)
        storage().save(path_of(key, size), content)


def delete(key: str, sizes: Iterable[str] = (ORIGINAL, *SMALLER)) -> None:
    """All that is kept under a key. Again, and of what never was there, is fine."""
    for size in sizes:
        storage().delete(path_of(key, size))


def opened(path: str, first: int, last: int) -> Any:
    """The bytes from `first` on, to `read` and `close`. Raises FileNotFoundError.

    Of an object in a bucket only those bytes are fetched; as a file of Django's it would come as a whole.
    """
    content = storage().open(path)
    remote = getattr(content, "obj", None)
    if remote is not None:
        return remote.get(Range=f"bytes={first}-{last}")["Body"]
    content.seek(first)
    return content


def bytes_of(path: str) -> int:
    """Raises FileNotFoundError."""
    return storage().size(path)


def storage() -> Storage:
    return storages["files"]
