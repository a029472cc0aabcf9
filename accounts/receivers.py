"""What Django announces about sessions, passed on: the admin's own log-in and log-out pages take this way too."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.browsers import browser_name
from accounts.models import User
from accounts.services import device_end_of_session, device_of_browser


@receiver(user_logged_in)
def record_device(request: HttpRequest | None, user: User, **_: Any) -> None:
    if request is not None and hasattr(request, "session"):
        device_of_browser(request.session, user, name=browser_name(request.META.get("HTTP_USER_AGENT", "")))


@receiver(user_logged_out)
def end_device(request: HttpRequest | None, **_: Any) -> None:
    if request is not None and getattr(request, "session", None) is not None and request.session.session_key:
        device_end_of_session(request.session.session_key)
