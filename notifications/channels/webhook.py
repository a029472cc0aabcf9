"""Notifications as signed HTTP requests to addresses that an administrator set up (standardwebhooks.com).

Each request names its message in `webhook-id`, the same at each attempt, and is signed over that, the time and the
body. While a secret is being changed, both sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from notifications.channels.base import Address, Gone, Message, Outcome, Refused, channel
from notifications.channels.outbound import Unreachable, outcome_of, post, unsent
from notifications.conf import numbers
from notifications.errors import BadEndpoint
from notifications.models import WebhookEndpoint, new_webhook_secret
from notifications.sealed import is_of_present_key, is_sealed
from realtime import Struct

_GONE = 410


class WebhookMessage(Struct, frozen=True):
    """A message, and `recipient`: the id of the person whom it tells."""

    id: str
    recipient: int
    category: str
    level: str
    critical: bool
    title: str
    text: str
    link: str
    language: str
    thread: str
    expires_at: datetime | None


class WebhookBody(Struct, frozen=True):
    type: str
    timestamp: datetime
    data: WebhookMessage


@channel("webhook", label="Webhook")
class Webhook:
    name: str
    label: str
    digests: bool

    def is_set_up(self) -> bool:
        return WebhookEndpoint.objects.filter(active=True).exists()

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        """Their own endpoints, and those that get everybody's. One query."""
        rows = WebhookEndpoint.objects.filter(Q(user=None) | Q(user__in=user_ids), active=True)
        found: dict[int, list[Address]] = {}
        for pk, owner, url in rows.order_by("pk").values_list("pk", "user_id", "url"):
            for user_id in user_ids if owner is None else [owner]:
                found.setdefault(user_id, []).append(Address(f"{pk}:{user_id}", url))
        return found

    def send(self, address: Address, message: Message) -> Outcome:
        pk, _, user_id = address.key.partition(":")
        endpoint = WebhookEndpoint.objects.filter(pk=pk, active=True).first()
        if endpoint is None:
            return Gone("switched off")
        secrets = secrets_of(endpoint)
        if not secrets:
            return Refused("its secret cannot be read with this SECRET_KEY; give it a new one in the admin")
        body = encode(message, recipient=int(user_id))
        at_s = int(time.time())
        try:
            answer = post(
                endpoint.url,
                body,
                {
                    "Content-Type": "application/json",
                    "User-Agent": "Carillon",
                    "webhook-id": message.id,
                    "webhook-timestamp": str(at_s),
                    "webhook-signature": signatures(secrets, message.id, at_s, body),
                },
            )
        except (Unreachable, BadEndpoint) as error:
            return unsent(error)
        if answer.status == _GONE:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(active=False)
            return Gone(f"answered {_GONE}, so the endpoint was switched off")
        return outcome_of(answer)


def encode(message: Message, *, recipient: int) -> bytes:
    fields = {
        name: getattr(message, name) for name in WebhookMessage.__struct_fields__ if name != "recipient"
    }
    return msgspec.json.encode(
        WebhookBody(message.type, timezone.now(), WebhookMessage(recipient=recipient, **fields))
    )


def signatures(secrets: Iterable[str], message_id: str, at_s: int, body: bytes) -> str:
    """The value of `webhook-signature`: one for each secret, with a space between."""
    signed = f"{message_id}.{at_s}.".encode() + body
    return " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets)


def secrets_of(endpoint: WebhookEndpoint) -> list[str]:
    """What signs now; the newest first. None where no key opens them."""
    until = endpoint.old_secret_until
    old = endpoint.old_secret if until is not None and until > timezone.now() else ""
    return [secret for secret in (endpoint.secret, old) if secret and not is_sealed(secret)]


def webhook_change_secret(endpoint: WebhookEndpoint) -> None:
    """Gives it a new secret; the one that it had signs too for `webhook_old_secret_s` from now."""
    endpoint.old_secret, endpoint.secret = endpoint.secret, new_webhook_secret()
    endpoint.old_secret_until = timezone.now() + timedelta(seconds=numbers().webhook_old_secret_s)
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])


def webhooks_reseal() -> None:
    """What an old SECRET_KEY sealed is sealed with the present one. One query, and a write for each."""
    sealed = WebhookEndpoint.objects.annotate(
        kept=Cast("secret", TextField()), kept_old=Cast("old_secret", TextField())
    )
    for endpoint in sealed:
        kept = [text for text in (endpoint.kept, endpoint.kept_old) if text]
        if not is_sealed(endpoint.secret) and not all(map(is_of_present_key, kept)):
            endpoint.save(update_fields=["secret", "old_secret"])


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
