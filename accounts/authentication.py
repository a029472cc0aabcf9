"""The engine's door to accounts (`REALTIME["AUTHENTICATION"]`): who a session or token is, and whether it holds.

One query, for a session as for a token. Every few minutes one more, which notes that the device was seen.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import bots, tokens
from accounts.models import Device, User
from accounts.services import device_of_browser, refuse_banned
from realtime import AccountDisabled, AuthInvalid, Identity
from realtime.compiled import CompiledQuery

SEEN_EVERY = timedelta(minutes=5)
MAX_KEY_CHARACTERS = 40

_DEVICE_FIELDS = [field.attname for field in Device._meta.concrete_fields]
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_BOTH = [*_DEVICE_FIELDS, *(f"user__{name}" for name in _USER_FIELDS)]


@CompiledQuery
def _by_token(device_id: int, user_id: int) -> QuerySet[Any, Any]:
    return Device.objects.filter(pk=device_id, user_id=user_id).values_list(*_BOTH)


@CompiledQuery
def _by_session_key(session_key: str) -> QuerySet[Any, Any]:
    return Device.objects.filter(session_key=session_key).values_list(*_BOTH)


@CompiledQuery
def _by_session_row(session_key: str) -> QuerySet[Any, Any]:
    sessions = _session_store().get_model_class().objects
    row = sessions.filter(session_key=OuterRef("session_key"), expire_date__gt=Now())
    device = Device.objects.filter(session_key=session_key)
    return device.values_list(*_BOTH, Subquery(row.values("session_data")))


def authenticate_session(session_key: str) -> Identity:
    """Raises AuthInvalid for a session that is over or rotated, AccountDisabled for a deactivated user, and Banned."""
    if not (session_key.isascii() and session_key.isalnum() and len(session_key) <= MAX_KEY_CHARACTERS):
        raise AuthInvalid()
    device, session = _device_and_session(session_key)
    user_id, session_hash = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    if user_id is None:
        raise AuthInvalid()
    if device is None:
        device = _first_seen(_session_store()(session_key), int(user_id))
    if device.user_id != int(user_id) or not constant_time_compare(
        session_hash, device.user.get_session_auth_hash()
    ):
        raise AuthInvalid()
    return _identity(device, expires_at=device.expires_at.timestamp())


@CompiledQuery
def _by_bot_device(device_id: int) -> QuerySet[Any, Any]:
    return Device.objects.filter(pk=device_id, kind=Device.Kind.BOT).values_list(*_BOTH)


def authenticate_token(token: str) -> Identity:
    """Raises AuthInvalid, AuthExpired, AccountDisabled or Banned."""
    if bots.is_bot_token(token):
        return _authenticate_bot(token)
    access = tokens.access_from(token)
    rows = _by_token(access.device_id, access.user_id)
    device = _device(rows[0]) if rows else None
    if device is None or not constant_time_compare(access.version, _version_of(device.user.password)):
        raise AuthInvalid()
    return _identity(device, expires_at=access.expires_at)


def _authenticate_bot(token: str) -> Identity:
    rows = _by_bot_device(bots.device_id_of(token))
    if not rows:
        raise AuthInvalid()
    device = _device(rows[0])
    bots.check(token, device)
    return _identity(device, expires_at=device.expires_at.timestamp())


@CompiledQuery
def _live(sessions: Collection[str], now: datetime) -> QuerySet[Any, Any]:
    not_banned = Q(user__banned_until=None) | Q(user__banned_until__lte=now)
    live = Device.objects.filter(not_banned, user__is_active=True, revoked_at=None, expires_at__gt=now)
    return live.filter(session__in=sessions).values_list(
        "session", "session_key", "credentials_version", "user__password"
    )


def still_valid(identities: Sequence[Identity]) -> set[str]:
    """The session ids among `identities` that still hold. At most two queries, whatever their number."""
    keys: dict[str, str | None] = {}
    live = _live({identity.session for identity in identities}, timezone.now())
    for session, key, version, password in live:
        if version == _version_of(password):
            keys[session] = key
    kept = _sessions_kept({key for key in keys.values() if key})
    return {session for session, key in keys.items() if key is None or key in kept}


@lru_cache(maxsize=16_384)
def _version_of(password: str) -> str:
    """`User.credentials_version`, kept, because at a re-check it would cost more than all the rest."""
    with _hashing:
        _anybody().password = password
        return _anybody().credentials_version


_hashing = threading.Lock()


@cache
def _anybody() -> User:
    """Making a user costs more than its hash."""
    return User()


def _identity(device: Device, *, expires_at: float) -> Identity:
    if not device.user.is_active:
        raise AccountDisabled()
    refuse_banned(device.user)
    if device.revoked_at is not None or device.expires_at <= timezone.now():
        raise AuthInvalid()
    if timezone.now() - device.last_seen_at > SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now())
    return Identity(device.user_id, device.user, device.session, str(device.pk), expires_at)


def _device_and_session(session_key: str) -> tuple[Device | None, Mapping[str, Any]]:
    """The device of a browser's session and what the session holds: of one row, where sessions have a table."""
    store = _session_store()
    if not hasattr(store, "get_model_class"):
        rows = _by_session_key(session_key)
        return _device(rows[0]) if rows else None, store(session_key)
    rows = _by_session_row(session_key)
    if not rows:
        return None, store(session_key)
    *fields, stored = rows[0]
    return _device(fields), store().decode(stored) if stored else {}


def _device(fields: Sequence[Any]) -> Device:
    """The device with its user, from the columns of both."""
    device = Device.from_db("default", _DEVICE_FIELDS, fields[: len(_DEVICE_FIELDS)])
    device.user = User.from_db("default", _USER_FIELDS, fields[len(_DEVICE_FIELDS) :])
    return device


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
