"""The link that turns the e-mails of some categories off for one person, without a log-in (RFC 8058).

Its value is signed for this purpose alone, and names the person and the categories. It does not expire:
e-mails are kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse

from notifications.errors import BadUnsubscribeLink, UnknownCategory
from notifications.preferences.person import Frequency
from notifications.preferences.services import preference_choose

_PURPOSE = "notifications.unsubscribe"
_MAX_TOKEN_CHARS = 1000
_EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whose e-mails, and of which categories."""

    user_id: int
    categories: tuple[str, ...]


def unsubscribe_link(user_id: int, categories: Collection[str]) -> str:
    """The absolute address for the header and the foot of an e-mail."""
    token = signing.dumps([user_id, *sorted(categories)], salt=_PURPOSE)
    return settings.SITE_URL + reverse("notifications:unsubscribe", args=[token])


def unsubscription_of(token: str) -> Unsubscription:
    """Raises BadUnsubscribeLink for anything that was not signed here for this."""
    if len(token) > _MAX_TOKEN_CHARS:
        raise BadUnsubscribeLink
    try:
        user_id, *categories = signing.loads(token, salt=_PURPOSE)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadUnsubscribeLink from None
    return Unsubscription(user_id, tuple(categories))


def email_turn_off(wanted: Unsubscription) -> None:
    """Turns them off. Again is fine, and so are a person or a category that is gone."""
    user = get_user_model().objects.filter(pk=wanted.user_id).first()
    for category in wanted.categories if user is not None else ():
        try:
            preference_choose(
                user, category=category, channel=_EMAIL, frequency=Frequency.OFF, client_id=uuid4().hex
            )
        except UnknownCategory:
            continue
