"""The secrets of webhooks, and signatures of requests, as standardwebhooks.com writes them. Pure, but for the settings.

A hook's secrets are made of its key and the SECRET_KEY: nothing is stored that could be stolen with the database.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from chat.hooks.errors import HookRefused
from notifications.channels.webhook import signatures

TOLERANCE_S = 300
MAX_ID_CHARACTERS = 200


def secret_of(key: str, secret_key: str | None = None) -> str:
    """What signs: `whsec_…`, 32 bytes."""
    return f"whsec_{base64.b64encode(_made('chat.hooks.secret', key, secret_key)).decode()}"


def token_of(key: str, secret_key: str | None = None) -> str:
    """What may stand in `Authorization: Bearer …` instead of a signature, for programs that cannot sign."""
    return f"hook_{_made('chat.hooks.token', key, secret_key).hex()}"


def check(key: str, headers: Mapping[str, str], body: bytes, *, now_s: float) -> str:
    """The request's own id, or "" where it has none. Raises HookRefused for what the hook's program did not send now.

    `headers` by lower-case name. A signature counts for five minutes; within them the id keeps a repetition harmless.
    """
    bearer = headers.get("authorization", "")
    request_id = headers.get("webhook-id", "")
    if len(request_id) > MAX_ID_CHARACTERS:
        raise HookRefused(f"webhook-id has at most {MAX_ID_CHARACTERS} characters.")
    if bearer.startswith("Bearer "):
        if not any([constant_time_compare(bearer[7:], token_of(key, one)) for one in _keys()]):
            raise HookRefused()
        return request_id
    at = headers.get("webhook-timestamp", "")
    if not (request_id and at.isascii() and at.isdigit() and len(at) < 12):
        raise HookRefused()
    if abs(now_s - int(at)) > TOLERANCE_S:
        raise HookRefused(
            "The request was signed more than five minutes ago, or a clock is wrong. Sign it again."
        )
    given = headers.get("webhook-signature", "").split(" ")
    right = [signatures([secret_of(key, one)], request_id, int(at), body) for one in _keys()]
    if not any([constant_time_compare(some, one) for some in given[:10] for one in right]):
        raise HookRefused()
    return request_id


def _made(salt: str, key: str, secret_key: str | None) -> bytes:
    return salted_hmac(salt, key, secret=secret_key, algorithm="sha256").digest()


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def client_id_of(hook_id: int, request_id: str) -> str:
    """The client_id under which a request's message is stored, once."""
    digest = hashlib.sha256(request_id.encode()).hexdigest()[:32]
    return f"hook-{hook_id}-{digest}"
