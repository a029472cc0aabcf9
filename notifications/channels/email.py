"""Notifications as e-mails, through whichever backend Django is set to: SMTP, or a provider's by django-anymail.

Each goes out as plain text and HTML, says in its headers that a machine wrote it and how to get no more of its kind
(RFC 2369, 8058), and is in one thread with the others of its `thread`.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Collection, Mapping, Sequence
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from notifications.channels.base import Address, Message, Outcome, Refused, Retry, Sent, channel
from notifications.digests.message import DigestMessage
from notifications.types import category_label
from notifications.unsubscribe import unsubscribe_link

logger = logging.getLogger(__name__)

_OFF = "django.core.mail.backends.dummy.EmailBackend"
_MAX_SUBJECT_CHARS = 150


@channel("email", label="E-mail", digests=True)
class Email:
    name: str
    label: str
    digests: bool

    def is_set_up(self) -> bool:
        return is_on()

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        """One query. An address that no e-mail can be sent to counts as none."""
        if not is_on():
            return {}
        users = get_user_model().objects.filter(pk__in=user_ids, is_active=True).exclude(email="")
        return {
            user_id: [Address(f"{user_id}:{email}", email)]
            for user_id, email in users.values_list("pk", "email")
            if _is_email(email)
        }

    def send(self, address: Address, message: Message) -> Outcome:
        if message.expires_at is not None and message.expires_at <= timezone.now():
            return Refused("expired")
        return deliver(composed(address, message))

    def send_digest(self, address: Address, message: DigestMessage) -> Outcome:
        return deliver(composed_digest(address, message))


def is_on() -> bool:
    return bool(settings.EMAIL_BACKEND != _OFF)


def composed(address: Address, message: Message) -> EmailMultiAlternatives:
    """The e-mail that says `message`, in its language. Only what one may choose not to get has a link to choose so."""
    link = "" if message.critical else unsubscribe_link(_user_of(address), [message.category])
    with translation.override(message.language or settings.LANGUAGE_CODE):
        shown = {
            "message": message,
            "category": category_label(message.category),
            "unsubscribe": link,
            "origin": settings.SITE_URL,
            **reading_direction(),
        }
        text = render_to_string("notifications/email/message.txt", shown)
        html = render_to_string("notifications/email/message.html", shown)
    email = mail(
        to=address.value,
        subject=message.title,
        text=text,
        html=html,
        id=message.id,
        language=message.language,
    )
    if link:
        email.extra_headers |= unsubscribe_headers(link)
    if message.thread:
        # Nobody has got the e-mail that they all answer to: it is only what they have in common.
        root = message_id(f"thread:{message.thread}")
        email.extra_headers |= {"References": root, "In-Reply-To": root}
    if message.critical:
        email.extra_headers |= {"Importance": "high", "X-Priority": "1"}
    return email


def composed_digest(address: Address, message: DigestMessage) -> EmailMultiAlternatives:
    """The e-mail that tells many things at once. Its link turns off all categories that are in it."""
    link = unsubscribe_link(_user_of(address), message.categories)
    with translation.override(message.language or settings.LANGUAGE_CODE), timezone.override(message.zone):
        subject = ngettext("%(count)d notification", "%(count)d notifications", message.count)
        subject %= {"count": message.count}
        shown = {
            "digest": message,
            "subject": subject,
            "unsubscribe": link,
            "origin": settings.SITE_URL,
            **reading_direction(),
        }
        text = render_to_string("notifications/email/digest.txt", shown)
        html = render_to_string("notifications/email/digest.html", shown)
    email = mail(
        to=address.value, subject=subject, text=text, html=html, id=message.id, language=message.language
    )
    email.extra_headers |= unsubscribe_headers(link)
    return email


def mail(*, to: str, subject: str, text: str, html: str, id: str, language: str) -> EmailMultiAlternatives:
    """An e-mail that a machine wrote, as text and HTML. `id` makes its Message-ID: the same at each attempt."""
    email = EmailMultiAlternatives(
        subject=one_line(subject),
        body=text,
        to=[to],
        headers={
            "Message-ID": message_id(id),
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "X-Auto-Response-Suppress": "All",
            **({"Content-Language": language} if language else {}),
        },
    )
    email.attach_alternative(html, "text/html")
    return email


def unsubscribe_headers(link: str) -> dict[str, str]:
    """A mail program shows a button for them, which posts to the link."""
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def reading_direction() -> dict[str, str]:
    """What a template's <html> says of the active language."""
    bidi = translation.get_language_bidi()
    return {"language": translation.get_language() or "", "direction": "rtl" if bidi else "ltr"}


def one_line(text: str) -> str:
    """As a subject: no character that ends a header or is not shown."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= _MAX_SUBJECT_CHARS else shown[: _MAX_SUBJECT_CHARS - 1] + "…"


def message_id(name: str) -> str:
    """The same for the same name, and nobody else's."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(name.encode()).hexdigest()[:40]}@{domain}>"


def deliver(email: EmailMultiAlternatives) -> Outcome:
    """One attempt, and what its end means."""
    try:
        taken = email.send()
    except Exception as error:
        return _outcome_of(error)
    return Sent(email.extra_headers["Message-ID"]) if taken else Refused("the e-mail backend took nothing")


def _outcome_of(error: Exception) -> Outcome:
    reason = f"{type(error).__name__}: {error}"[:500]
    code = _smtp_code(error)
    if code is not None:
        return Refused(reason) if code >= 500 else Retry(reason)
    status = getattr(error, "status_code", None)  # of a provider's HTTP interface, by anymail
    if isinstance(status, int) and 400 <= status < 500 and status not in {408, 429}:
        return Refused(reason)
    if isinstance(error, (ValueError, smtplib.SMTPNotSupportedError)):
        return Refused(reason)  # an address or header that cannot be written
    if not isinstance(error, OSError) and status is None:
        logger.exception("An e-mail backend failed in a way of its own; it is tried again.")
    return Retry(reason)


def _smtp_code(error: Exception) -> int | None:
    """What the mail server answered. That it did not take our log-in is no fault of the message's."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return 454
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers: Any = error.recipients.values()
        return min((int(code) for code, _ in answers), default=None)
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else None


def _user_of(address: Address) -> int:
    return int(address.key.partition(":")[0])


def _is_email(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True
