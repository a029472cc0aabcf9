"""What a type says on a channel in a language, of data that were made up for it. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from notifications.channels import Address, Message
from notifications.channels import email as by_email
from notifications.channels import web_push as by_web_push
from notifications.channels import webhook as by_webhook
from notifications.deliveries.message import absolute
from notifications.types import NotificationType

_NOBODY = 0  # whose e-mails the link in a previewed one turns off


@dataclass(frozen=True, slots=True)
class Preview:
    """`html` is that of an e-mail, and `payload` the JSON that another program gets; "" where there is none."""

    title: str
    text: str
    link: str
    html: str = ""
    payload: str = ""


def preview(
    declared: NotificationType,
    data: Mapping[str, Any],
    *,
    channel: str,
    language: str,
    zone: ZoneInfo,
    actor: str,
) -> Preview:
    """Raises BadData where the data does not fit the type."""
    words = declared.words(declared.checked(data), actor=actor, channel=channel, language=language, zone=zone)
    message = Message(
        id="delivery-0",
        type=declared.name,
        category=declared.category,
        level=declared.level,
        critical=declared.critical,
        title=words.title,
        text=words.text,
        link=absolute(words.link),
        language=language,
        thread="",
        expires_at=None,
        unread=1,
    )
    match channel:
        case "email":
            email = by_email.composed(Address(f"{_NOBODY}:", "you@example.com"), message)
            (html, _), *_ = email.alternatives
            return Preview(str(email.subject), str(email.body), message.link, html=str(html))
        case "web_push":
            return Preview(words.title, words.text, message.link, payload=_json(by_web_push.encode(message)))
        case "webhook":
            body = by_webhook.encode(message, recipient=_NOBODY)
            return Preview(words.title, words.text, message.link, payload=_json(body))
    return Preview(words.title, words.text, words.link)


def sample_of(declared: NotificationType) -> dict[str, Any]:
    """Data of the type's form, which says of each field what it is."""
    fields = msgspec.inspect.type_info(declared.data).fields  # type: ignore[attr-defined]
    return {field.encode_name: _sample(field.name, field.type) for field in fields}


def _sample(name: str, kind: msgspec.inspect.Type) -> Any:
    match kind:
        case msgspec.inspect.StrType():
            return name.replace("_", " ")
        case msgspec.inspect.IntType():
            return 7
        case msgspec.inspect.FloatType():
            return 7.5
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.DateTimeType():
            return datetime.now(UTC).isoformat(timespec="seconds")
        case msgspec.inspect.ListType(item_type=item):
            return [_sample(name, item)]
        case msgspec.inspect.DictType():
            return {}
        case msgspec.inspect.UnionType(types=kinds):
            return _sample(name, kinds[0])
        case msgspec.inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case msgspec.inspect.StructType(fields=fields):
            return {field.encode_name: _sample(field.name, field.type) for field in fields}
    return None


def _json(encoded: bytes) -> str:
    return msgspec.json.format(encoded, indent=2).decode()
