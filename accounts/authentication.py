"""The engine's door to accounts (`REALTIME["AUTHENTICATION"]`): who a session or token is, and whether it holds.

Session: two queries. Token: one. Every few minutes one more, which notes that the device was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import tokens
from accounts.models import Device, User
from accounts.services import device_of_browser
from realtime import AccountDisabled, AuthInvalid, Identity

SEEN_EVERY = timedelta(minutes=5)
MAX_KEY_CHARACTERS = 40


def authenticate_session(session_key: str) -> Identity:
    """Raises AuthInvalid for a session that is over or rotated, AccountDisabled for a deactivated user."""
    if not (session_key.isascii() and session_key.isalnum() and len(session_key) <= MAX_KEY_CHARACTERS):
        raise AuthInvalid()
    session: SessionBase = _session_store()(session_key)
    user_id, session_hash = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    if user_id is None:
        raise AuthInvalid()
    device = Device.objects.select_related("user").filter(session_key=session_key).first()
    if device is None:
        device = _first_seen(session, int(user_id))
    if device.user_id != int(user_id) or not constant_time_compare(
        session_hash, device.user.get_session_auth_hash()
    ):
        raise AuthInvalid()
    return _identity(device, expires_at=device.expires_at.timestamp())


def authenticate_token(token: str) -> Identity:
    """Raises AuthInvalid, AuthExpired or AccountDisabled."""
    access = tokens.access_from(token)
    device = Device.objects.select_related("user").filter(pk=access.device_id, user_id=access.user_id).first()
    if device is None or not constant_time_compare(access.version, device.user.credentials_version):
        raise AuthInvalid()
    return _identity(device, expires_at=access.expires_at)


def still_valid(identities: Sequence[Identity]) -> set[str]:
    """The session ids among `identities` that still hold. At most two queries, whatever their number."""
    live = Device.objects.filter(
        session__in={identity.session for identity in identities},
        revoked_at=None,
        expires_at__gt=timezone.now(),
        user__is_active=True,
    )
    devices = [
        device
        for device in live.select_related("user").only(
            "session", "session_key", "credentials_version", "user__password"
        )
        if device.credentials_version == device.user.credentials_version
    ]
    kept = _sessions_kept({device.session_key for device in devices if device.session_key})
    return {device.session for device in devices if device.session_key is None or device.session_key in kept}


def _identity(device: Device, *, expires_at: float) -> Identity:
    if not device.user.is_active:
        raise AccountDisabled()
    if device.revoked_at is not None or device.expires_at <= timezone.now():
        raise AuthInvalid()
    if timezone.now() - device.last_seen_at > SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now())
    return Identity(device.user_id, device.user, device.session, str(device.pk), expires_at)


def _first_seen(session: SessionBase, user_id: int) -> Device:
    """A session that was made without announcing itself, as test clients and other apps may do."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise AuthInvalid()
    return device_of_browser(session, user)


def _session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _sessions_kept(keys: set[str]) -> set[str]:
    """Which of these sessions still exist. Stores without a table are asked at the next connect only."""
    store = _session_store()
    if not keys or not hasattr(store, "get_model_class"):
        return keys
    rows = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))
