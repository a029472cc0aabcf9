"""Notifications in browsers while the page is closed: Web Push (RFC 8030), encrypted (8291) and signed (VAPID, 8292).

Off until WEB_PUSH has a private key; `manage.py push_keys` makes one. The service worker that shows them is
`frontend/app/worker`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import time
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone
from py_vapid import Vapid02, VapidException

from notifications.channels.base import Address, Gone, Message, Outcome, Refused, channel
from notifications.channels.devices import DeviceChannel
from notifications.channels.outbound import Unreachable, checked_target, outcome_of, post, unsent
from notifications.conf import numbers
from notifications.errors import BadEndpoint, PushKeysWrong
from notifications.models import Level, PushDevice
from realtime import Struct

# A push service need take no more than 4,096 bytes (RFC 8030, 7.2), 103 of which are the encryption's.
MAX_PLAIN_BYTES = 4096 - 103
MAX_TEXT_CHARS = 500  # no system shows more
_SIGNED_FOR_S = 12 * 3600  # at most a day (RFC 8292, 2)
_GONE = frozenset({404, 410})
_TOPIC_CHARS = 32
_PRIVATE_KEY_BYTES = 32


class Payload(Struct, frozen=True):
    """What the service worker gets to show. `tag` is the same for what replaces one another on the screen."""

    id: str
    title: str
    text: str
    link: str
    tag: str
    level: str
    language: str
    unread: int


@channel("web_push", label="Push to browsers")
class WebPush(DeviceChannel):
    def is_set_up(self) -> bool:
        return is_on()

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        return super().addresses_of(user_ids) if is_on() else {}

    def check_device(self, endpoint: str, keys: Mapping[str, str]) -> None:
        if not is_on():
            raise BadEndpoint("Push to browsers is switched off here.")
        _public_key_of(keys), _secret_of(keys)
        checked_target(endpoint)

    def send(self, address: Address, message: Message) -> Outcome:
        now = timezone.now()
        if message.expires_at is not None and message.expires_at <= now:
            return Refused("expired")
        device = PushDevice.objects.filter(pk=address.key).first()
        if device is None:
            return Gone("removed by its owner")
        try:
            answer = post(
                device.endpoint,
                _encrypted(encode(message), msgspec.json.decode(device.keys, type=dict[str, str])),
                {
                    "Authorization": authorization(device.endpoint),
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(_time_to_live_s(message, now.timestamp())),
                    "Urgency": _urgency(message),
                    **({"Topic": _topic(message.thread)} if message.thread else {}),
                },
            )
        except (Unreachable, BadEndpoint) as error:
            return unsent(error)
        except PushKeysWrong as error:
            return Refused(str(error))
        if answer.status in _GONE:
            device.delete()
            return Gone(f"answered {answer.status}")
        if answer.ok:
            PushDevice.objects.filter(pk=device.pk).update(last_used_at=now)
        return outcome_of(answer)


def is_on() -> bool:
    return bool(settings.WEB_PUSH["private_key"])


def public_key() -> str:
    """What a browser subscribes with: base64url, "" while push is off. Raises PushKeysWrong."""
    return _encoded(_public_bytes(_keys(settings.WEB_PUSH["private_key"]))) if is_on() else ""


def new_private_key() -> str:
    """A fresh one, as WEB_PUSH["private_key"] takes it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _encoded(number.to_bytes(_PRIVATE_KEY_BYTES, "big"))


def authorization(endpoint: str) -> str:
    """The header that tells this push service, and no other, who sends. Raises PushKeysWrong."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + _SIGNED_FOR_S,
        "sub": settings.WEB_PUSH["contact"],
    }
    try:
        return str(_keys(settings.WEB_PUSH["private_key"]).sign(claims)["Authorization"])
    except VapidException as error:
        raise PushKeysWrong(f"WEB_PUSH_CONTACT is no mailto: or https: address: {error}.") from error


def encode(message: Message) -> bytes:
    """The payload as JSON, its text cut to what is shown, and left out where even that is too much."""
    text = message.text if len(message.text) <= MAX_TEXT_CHARS else message.text[: MAX_TEXT_CHARS - 1] + "…"
    encoded = b""
    for shown in (text, ""):
        payload = Payload(
            id=message.id,
            title=message.title,
            text=shown,
            link=message.link,
            tag=_topic(message.thread or message.id),
            level=message.level,
            language=message.language,
            unread=message.unread,
        )
        encoded = msgspec.json.encode(payload)
        if len(encoded) <= MAX_PLAIN_BYTES:
            break
    return encoded


def _encrypted(plain: bytes, keys: Mapping[str, str]) -> bytes:
    encrypted: bytes = http_ece.encrypt(
        plain,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_public_key_of(keys),
        auth_secret=_secret_of(keys),
        version="aes128gcm",
    )
    return encrypted


def _time_to_live_s(message: Message, now_s: float) -> int:
    if message.expires_at is None:
        return numbers().push_keep_s
    return min(numbers().push_keep_s, max(0, int(message.expires_at.timestamp() - now_s)))


def _urgency(message: Message) -> str:
    """`high` reaches a phone that saves its battery too (RFC 8030, 5.3)."""
    return "high" if message.critical or message.level in {Level.CRITICAL, Level.WARNING} else "normal"


def _topic(thread: str) -> str:
    """A name of the form that push services take; a later message of a topic replaces one still on the way."""
    return _encoded(hashlib.sha256(thread.encode()).digest())[:_TOPIC_CHARS]


@lru_cache(maxsize=4)
def _keys(private_key: str) -> Vapid02:
    wrong = PushKeysWrong("WEB_PUSH_PRIVATE_KEY is no key: make one by `manage.py push_keys`.")
    if len(_decoded(private_key)) != _PRIVATE_KEY_BYTES:
        raise wrong
    try:
        return Vapid02.from_raw(private_key.encode())
    except (ValueError, VapidException) as error:
        raise wrong from error


def _public_bytes(keys: Vapid02) -> bytes:
    encoded: bytes = keys.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return encoded


def _public_key_of(keys: Mapping[str, str]) -> bytes:
    """The browser's key, which must be a point of the curve. Raises BadEndpoint."""
    point = _decoded(keys.get("p256dh", ""))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise BadEndpoint("keys.p256dh is no public key of a push subscription.") from None
    return point


def _secret_of(keys: Mapping[str, str]) -> bytes:
    secret = _decoded(keys.get("auth", ""))
    if len(secret) != 16:
        raise BadEndpoint("keys.auth is no secret of a push subscription.")
    return secret


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text[:200] + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
