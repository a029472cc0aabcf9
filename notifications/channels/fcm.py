"""Push to phones by Firebase Cloud Messaging (HTTP v1): the example of a channel for mobile apps, in one file.

Off until FCM["service_account"] names the key file of a service account; then the app registers its token as a
device of the channel `fcm`. Needs the extra `fcm` (google-auth).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import google.auth.exceptions
import google.auth.transport
import msgspec
from django.conf import settings
from django.utils import timezone
from google.oauth2.service_account import Credentials

from notifications.channels.base import Address, Gone, Message, Outcome, Refused, Retry, Sent, channel
from notifications.channels.devices import DeviceChannel
from notifications.channels.outbound import Answer, Unreachable, outcome_of, post, unsent
from notifications.conf import numbers
from notifications.errors import BadEndpoint
from notifications.models import Level, PushDevice
from realtime import Struct

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GONE = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_NOT_AUTHORISED = 401
_MAX_TEXT_CHARS = 500


@channel("fcm", label="Push to phones")
class Fcm(DeviceChannel):
    def check_device(self, endpoint: str, keys: Mapping[str, str]) -> None:
        if not (endpoint and endpoint.isascii() and endpoint.isprintable() and " " not in endpoint):
            raise BadEndpoint("That is no registration token of Firebase.")

    def send(self, address: Address, message: Message) -> Outcome:
        if message.expires_at is not None and message.expires_at <= timezone.now():
            return Refused("expired")
        account = _account(settings.FCM["service_account"])
        try:
            answer = post(
                f"{settings.FCM['url']}/v1/projects/{account.project_id}/messages:send",
                msgspec.json.encode({"message": _fields(address.value, message)}),
                {"Content-Type": "application/json", "Authorization": f"Bearer {_token(account)}"},
            )
        except google.auth.exceptions.GoogleAuthError as error:
            return Retry(f"no access token: {error}")
        except (Unreachable, BadEndpoint) as error:
            return unsent(error)
        if (code := _error_code(answer)) in _GONE:
            PushDevice.objects.filter(pk=address.key).delete()
            return Gone(code)
        if answer.status == _NOT_AUTHORISED:
            account.token = None
            return Retry("the access token was not taken")
        if answer.ok:
            PushDevice.objects.filter(pk=address.key).update(last_used_at=timezone.now())
            return Sent(msgspec.json.decode(answer.body, type=_Taken).name)
        return outcome_of(answer)


class _Taken(Struct, frozen=True):
    name: str = ""


class _Refusal(Struct, frozen=True):
    class Error(Struct, frozen=True):
        class Detail(Struct, frozen=True, rename="camel"):
            error_code: str = ""

        details: list[Detail] = []

    error: Error = Error()


def _fields(token: str, message: Message) -> dict[str, Any]:
    """A message of the FCM API: shown by the system, with what the app needs to open it."""
    high = message.critical or message.level in {Level.CRITICAL, Level.WARNING}
    keep_s = numbers().push_keep_s
    if message.expires_at is not None:
        keep_s = min(keep_s, max(0, int((message.expires_at - timezone.now()).total_seconds())))
    return {
        "token": token,
        "notification": {"title": message.title, "body": message.text[:_MAX_TEXT_CHARS]},
        "data": {
            "id": message.id,
            "link": message.link,
            "category": message.category,
            "thread": message.thread,
        },
        "android": {"priority": "high" if high else "normal", "ttl": f"{keep_s}s"},
    }


def _error_code(answer: Answer) -> str:
    if answer.ok:
        return ""
    try:
        refusal = msgspec.json.decode(answer.body, type=_Refusal)
    except msgspec.DecodeError:
        return ""
    return next((detail.error_code for detail in refusal.error.details if detail.error_code), "")


@lru_cache(maxsize=4)
def _account(path: str) -> Credentials:
    account: Credentials = Credentials.from_service_account_file(path, scopes=[_SCOPE])  # type: ignore[no-untyped-call]
    return account


_renewing = threading.Lock()


def _token(account: Credentials) -> str:
    """An access token that is valid now. Raises GoogleAuthError, and what `post` raises."""
    with _renewing:
        if not account.valid:
            account.refresh(_Transport())  # type: ignore[no-untyped-call]
        return str(account.token)


class _Transport(google.auth.transport.Request):
    """What google-auth asks for tokens through: our own requests, with their bounds."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Response:
        return _Response(post(url, body or b"", headers or {}))


class _Response(google.auth.transport.Response):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body
