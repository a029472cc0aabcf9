"""What a delivery says: its type's words for the channel, in the recipient's language and time zone."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext

from notifications.channels import Message
from notifications.conf import TEXT_MAX_CHARS
from notifications.models import Delivery
from notifications.preferences.person import Person
from notifications.types import NotificationType, Text


def message_for(
    delivery: Delivery, declared: NotificationType, person: Person, *, unread: int, collapsed: int = 0
) -> Message:
    """`collapsed` is the number of notices of a storm that this one stands for beside itself."""
    notice, words = delivery.notice, words_for(delivery, declared, person)
    return Message(
        id=f"delivery-{delivery.pk}",
        type=declared.name,
        category=declared.category,
        level=declared.level,
        critical=declared.critical,
        title=words.title,
        text=words.text if not collapsed else _with_rest(words.text, collapsed, person.language),
        link=absolute(words.link),
        language=person.language,
        thread=f"{notice.type}:{notice.group}" if notice.group else notice.scope,
        expires_at=notice.expires_at,
        unread=unread,
    )


def words_for(delivery: Delivery, declared: NotificationType, person: Person) -> Text:
    """What the delivery says, on its channel and as this person reads it."""
    return declared.words(
        declared.loaded(delivery.notice.data),
        actor=delivery.notice.actor_name,
        channel=delivery.channel,
        language=person.language,
        zone=person.hours.zone,
    )


def absolute(link: str) -> str:
    """A path of this site as an address that works outside it; another link as it is."""
    return f"{settings.SITE_URL}{link}" if link.startswith("/") else link


def _with_rest(text: str, collapsed: int, language: str) -> str:
    with translation.override(language):
        rest = ngettext(
            "And %(count)d more of this kind: the inbox has all of them.",
            "And %(count)d more of this kind: the inbox has all of them.",
            collapsed,
        ) % {"count": collapsed}
    return f"{text[: TEXT_MAX_CHARS - len(rest) - 2]}\n\n{rest}".strip()
