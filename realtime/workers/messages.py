"""How task messages look: serializer, compression, signature. Pure: the settings build one while they load."""

from __future__ import annotations

from dataclasses import dataclass

COMPRESSIONS = ("none", "zlib", "bzip2")
CONTENT_TYPES = {
    "json": "application/json",
    "msgpack": "application/x-msgpack",
    "yaml": "application/x-yaml",
    "pickle": "application/x-python-serialize",
}
SIGNED = "signed"
SIGNED_TYPE = "application/x-carillon-signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What the environment says about messages. `realtime.workers.checks` says what of it cannot be.

    `accept` are the serializers that are read beside the one that is written. `key`, `certificate` and `cert_store` are
    paths; with them every message is signed, and one that is not is refused.
    """

    serializer: str = "json"
    accept: tuple[str, ...] = ()
    compression: str = "none"
    allow_pickle: bool = False
    key: str = ""
    certificate: str = ""
    cert_store: str = ""

    @property
    def signed(self) -> bool:
        """Whether any of the three paths is given: half a configuration must not mean unsigned messages."""
        return bool(self.key or self.certificate or self.cert_store)

    @property
    def inner(self) -> tuple[str, ...]:
        """The serializers a message may have been written with. Pickle runs code, so asking for it is not enough."""
        wanted = dict.fromkeys((self.serializer, *self.accept))
        return tuple(name for name in wanted if name != "pickle" or self.allow_pickle)

    @property
    def task_serializer(self) -> str:
        return SIGNED if self.signed else self.serializer

    @property
    def accept_content(self) -> list[str]:
        """Celery's `accept_content`."""
        return [SIGNED] if self.signed else list(self.inner)

    @property
    def task_compression(self) -> str | None:
        return None if self.compression == "none" else self.compression
