"""A Web Push service on loopback, and browsers subscribed at it, which decrypt what they get as RFC 8291 says."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from tests.support.http_peer import HttpPeer, Received

_CURVE = ec.SECP256R1()
# Of installations in tests: what is signed with it goes to loopback only.
PRIVATE_KEY = "q_eZFUp8G893DQwZ29IFFaKogWuQSc5wVFbfvpBXsRo"


@dataclass(frozen=True, slots=True)
class Push:
    """What arrived at a subscription: the request, and what it says once decrypted."""

    request: Received
    payload: dict[str, Any]


class Subscription:
    """One browser's. Only it has the private key."""

    def __init__(self, service: HttpPeer, name: str) -> None:
        self.endpoint = f"{service.url}/push/{name}"
        self._private = ec.generate_private_key(_CURVE)
        self._auth = os.urandom(16)

    @property
    def keys(self) -> dict[str, str]:
        """As a browser gives them to the page."""
        return {"p256dh": _encoded(_point(self._private.public_key())), "auth": _encoded(self._auth)}

    def decrypted(self, body: bytes) -> bytes:
        """Of a whole aes128gcm body of one record (RFC 8188, 8291)."""
        salt, size, key_size = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + key_size], body[21 + key_size :]
        assert len(record) <= size
        shared = self._private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, sender)
        )
        info = b"WebPush: info\0" + _point(self._private.public_key()) + sender
        material = _derived(self._auth, shared, info, 32)
        key = _derived(salt, material, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
        plain, _, padding = AESGCM(key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert not padding.strip(b"\0")
        return plain


class PushService(HttpPeer):
    """Refuses, as real ones do, what is not signed for it or too large."""

    def __init__(self) -> None:
        super().__init__()
        self._subscriptions: dict[str, Subscription] = {}

    def subscribe(self, name: str) -> Subscription:
        subscription = Subscription(self, name)
        self._subscriptions[f"/push/{name}"] = subscription
        return subscription

    def pushes(self, subscription: Subscription) -> list[Push]:
        """What it got, in order, with the sender's signature verified."""
        return [self._read(one) for one in self.received if subscription.endpoint.endswith(one.path)]

    def _read(self, request: Received) -> Push:
        assert Vapid02.verify(request.headers["authorization"])
        assert claims_of(request)["aud"] == self.url
        assert len(request.body) <= 4096
        assert request.headers["content-encoding"] == "aes128gcm"
        return Push(request, json.loads(self._subscriptions[request.path].decrypted(request.body)))


def claims_of(request: Received) -> dict[str, Any]:
    """What the sender's token claims."""
    token = request.headers["authorization"].partition("t=")[2].partition(",")[0]
    claims: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return claims


@contextmanager
def running_push_service() -> Iterator[PushService]:
    service = PushService()
    with service.running():
        yield service


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
