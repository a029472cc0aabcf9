"""What the doctor examines of channels out of the app: and feeds: whether they could send now, and did answer."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection

from notifications.channels import email, web_push
from notifications.errors import PushKeysWrong
from notifications.feeds.calling import feeds_in_trouble
from realtime.doctor import Finding, Site, examine, fine, wrong


@examine("mail")
def mail(site: Site) -> Iterator[Finding]:
    """Connects and logs in to the mail server, and sends nothing. Takes at most EMAIL_TIMEOUT."""
    if not email.is_on():
        yield fine("E-mail is off; EMAIL_HOST turns it on.")
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection():
            pass
    except smtplib.SMTPAuthenticationError:
        yield wrong(
            f"The mail server {where} refuses the log-in.", "Correct EMAIL_HOST_USER and EMAIL_HOST_PASSWORD."
        )
    except (OSError, ValueError) as error:
        yield wrong(
            f"The mail server {where} does not answer ({error}).",
            "Start it, or correct EMAIL_HOST and EMAIL_PORT.",
        )
    else:
        yield fine("E-mail can be sent.")


@examine("push")
def push(site: Site) -> Iterator[Finding]:
    """Whether what goes to push services can be signed. Connects to nobody."""
    if not web_push.is_on():
        yield fine("Push to browsers is off; `manage.py push_keys` makes the key that turns it on.")
        return
    try:
        web_push.public_key()
        web_push.authorization("https://push.example.com/")
    except PushKeysWrong as error:
        yield wrong("Push to browsers cannot be signed.", str(error))
    else:
        yield fine("Push to browsers can be signed.")


@examine("feeds")
def feeds(site: Site) -> Iterator[Finding]:
    """Whether the last call of each feed was answered. Asks nobody; silent where all were."""
    for call in feeds_in_trouble():
        yield wrong(
            f"The feed {call.feed} failed: {call.error}",
            "See that its address answers, or correct NOTIFICATION_FEEDS.",
        )
