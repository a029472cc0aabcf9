"""Signed task messages: whoever can write to the broker, but has no key, can make no worker do anything.

Celery's own `auth` serializer signs the arguments alone. Anybody could take a signed message and give it another task's
name, or have its bytes read as another format, pickle among them. Here the signature covers what makes a message mean
something: signer, format and body, and in the body the task's name, its id and its times (`realtime.workers.binding`).
Key, certificate and store are Celery's. A repetition is told by `realtime.workers.replay`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from celery.exceptions import SecurityError
from celery.security.certificate import Certificate, FSCertStore
from celery.security.key import PrivateKey
from celery.security.utils import get_digest_algorithm
from kombu.serialization import registry

from realtime.workers.messages import CONTENT_TYPES, SIGNED, SIGNED_TYPE, Messages

# First in everything that is signed, so that no signature made for another purpose fits.
PURPOSE = "carillon task message 1"


class Signed(msgspec.Struct, array_like=True, frozen=True):
    """A message on its way. `signature` is RSA-PSS with SHA-256 of `covered()`."""

    signer: str  # issuer and serial number of the certificate
    content_type: str
    content_encoding: str
    body: bytes
    signature: bytes = b""

    def covered(self) -> bytes:
        return msgspec.msgpack.encode(
            (PURPOSE, self.signer, self.content_type, self.content_encoding, self.body)
        )


class SignedSerializer:
    """What kombu calls to write and read a message. Files are read at the first message, not at import."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._digest = get_digest_algorithm("sha256")

    def serialize(self, data: Any) -> bytes:
        content_type, content_encoding, body = registry.dumps(data, serializer=self._messages.serializer)
        raw = body.encode() if isinstance(body, str) else bytes(body)
        message = Signed(self._certificate.get_id(), content_type, content_encoding, raw)
        signature = self._key.sign(message.covered(), self._digest)
        return msgspec.msgpack.encode(msgspec.structs.replace(message, signature=signature))

    def deserialize(self, data: bytes) -> Any:
        """Raises what kombu turns into a DecodeError, which the worker logs, with the message, and goes on."""
        message = msgspec.msgpack.decode(data, type=Signed)
        try:
            self._store[message.signer].verify(message.covered(), message.signature, self._digest)
        except SecurityError:
            raise
        except Exception as error:  # Celery means to turn a bad signature into its own error, and does not
            raise SecurityError(f"The signature of {message.signer!r} does not fit this message.") from error
        return registry.loads(
            message.body, message.content_type, message.content_encoding, accept=self._inner_types
        )

    @cached_property
    def _key(self) -> PrivateKey:
        return PrivateKey(Path(self._messages.key).read_text())

    @cached_property
    def _certificate(self) -> Certificate:
        return Certificate(Path(self._messages.certificate).read_text())

    @cached_property
    def _store(self) -> FSCertStore:
        return FSCertStore(self._messages.cert_store)

    @cached_property
    def _inner_types(self) -> Collection[str]:
        return {CONTENT_TYPES[name] for name in self._messages.inner}

    def probe(self) -> None:
        """Signs and verifies once. Raises what is wrong with the files."""
        self.deserialize(self.serialize(None))


def install(messages: Messages) -> None:
    """Makes `signed` a serializer of kombu."""
    serializer = SignedSerializer(messages)
    registry.register(
        SIGNED, serializer.serialize, serializer.deserialize, SIGNED_TYPE, content_encoding="binary"
    )
