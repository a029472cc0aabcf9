"""The files of one job, in a folder with a random name of the storage `jobs` (STORAGES in the settings).

Nothing serves that storage: a result leaves through `realtime.jobs.download`, for its owner. Where several machines
work, it has to be one that they share.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages


def new_folder() -> str:
    return secrets.token_hex(16)


class JobFiles:
    """What a job keeps while it works, and leaves."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def write(self, name: str, content: bytes | IO[bytes]) -> None:
        """Writes a file, over one of that name: a step that runs again leaves the same."""
        _storage().delete(self._path(name))
        wrapped: File[Any] = ContentFile(content) if isinstance(content, bytes) else File(content)
        _storage().save(self._path(name), wrapped)

    def open(self, name: str) -> Any:
        """The file, to read bytes from. Raises FileNotFoundError."""
        return _storage().open(self._path(name))

    def size(self, name: str) -> int:
        """In bytes. Raises FileNotFoundError."""
        return _storage().size(self._path(name))

    def delete(self, *, but: str = "") -> None:
        """Deletes them all, except one."""
        storage = _storage()
        try:
            _, names = storage.listdir(self._folder)
        except FileNotFoundError:
            return
        for name in names:
            if name != but:
                storage.delete(self._path(name))
        if not but:
            storage.delete(self._folder)

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"


def delete_folders_except(known: Iterable[str], among: Iterable[str]) -> None:
    """Deletes those folders whose job is gone."""
    for folder in set(among) - set(known):
        JobFiles(folder).delete()


def folders() -> list[str]:
    """Every folder there is."""
    try:
        return _storage().listdir("")[0]
    except FileNotFoundError:
        return []


def _storage() -> Storage:
    return storages["jobs"]
