"""Everything that changes accounts: sign-up, log-in, passwords, tokens, devices, and what ends a session.

Whatever ends a log-in does three things in one transaction: the device is marked, its Django session is deleted, and
the engine is told to close its sockets. HTTP and the admin call these functions; nothing here knows a view.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts import limits, tokens
from accounts.errors import (
    AlreadyErased,
    BadName,
    BadPassword,
    Banned,
    DeviceNotFound,
    NameTaken,
    WrongCredentials,
    WrongPassword,
)
from accounts.models import Device, User
from accounts.name_checks import check_name
from accounts.names import (
    MAX_USERNAME_CHARACTERS,
    display_name_from,
    looks_reserved,
    normal_username,
    validate_username,
    without_invisible,
)
from accounts.payloads import Tokens
from accounts.signals import guest_changed
from realtime import AccountDisabled, AuthInvalid, check_client_id, end_sessions
from realtime.http import identity_of
from realtime.jobs.services import start_job
from realtime.jobs.status import JobStatus

MAX_PASSWORD_CHARACTERS = 256  # hashing time grows with the length
MAX_DEVICES_PER_USER = 50
ENDED_DEVICES_KEPT_DAYS = 30
ERASED_NAME = "Deleted user"


# Accounts ---------------------------------------------------------------------------------------------


def user_sign_up(*, username: str, password: str, display_name: str, address: str) -> User:
    """Makes an account. Raises BadName, NameTaken, BadPassword, TooManyAttempts."""
    username = normal_username(username)
    try:
        validate_username(username)
    except ValidationError as error:
        raise BadName(error.messages[0]) from None
    if looks_reserved(username):
        raise BadName("This user name is reserved. Choose another.")
    user = User(username=username, display_name=display_name_from(display_name, username))
    for name in (user.username, user.display_name):
        check_name(name)
    _check_new_password(password, user)
    limits.count_sign_up(address)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise NameTaken() from None
    return user


def user_with_password(*, username: str, password: str, address: str) -> User:
    """Who that is.

    Raises WrongCredentials, in the same words and time whether or not the account exists, and Banned.
    """
    limits.refuse_when_exhausted(username, address)
    user = auth.authenticate(None, username=username, password=_bounded(password))
    if not isinstance(user, User):
        limits.count_failure(username, address)
        raise WrongCredentials()
    refuse_banned(user)
    return user


def user_change_password(user: User, *, old: str, new: str, keep_session: str, address: str) -> None:
    """Sets a new password and ends every log-in but `keep_session`.

    Raises WrongPassword, BadPassword, TooManyAttempts.
    """
    limits.refuse_when_exhausted(user.username, address)
    if not user.check_password(_bounded(old)):
        limits.count_failure(user.username, address)
        raise WrongPassword()
    _check_new_password(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        Device.objects.filter(user=user, session=keep_session).update(
            credentials_version=user.credentials_version
        )
        devices_end_stale(user, code="password_changed")


def user_end_sessions(user: User, *, code: str, message: str = "") -> None:
    """Ends every log-in of a user: after deactivation, or before deletion. `message` is for who is sent away."""
    with transaction.atomic():
        # Theirs all at once, before each log-in on its own, so that every socket hears the message.
        end_sessions(user.pk, code=code, message=message)
        _end(Device.objects.filter(user=user, revoked_at=None), code=code)


def refuse_banned(user: User) -> None:
    """Raises Banned."""
    if user.banned_until is not None and user.is_banned:
        raise Banned.of(user.banned_until, user.ban_reason)


@transaction.atomic
def user_ban(user: User, *, until: datetime, reason: str) -> None:
    """Out of everything, at once and on all devices, until then; the year 9999 is for good."""
    locked = _locked(user)
    locked.banned_until, locked.ban_reason = until, reason
    locked.save(update_fields=["banned_until", "ban_reason"])
    user_end_sessions(locked, code="banned", message=Banned.of(until, reason).sentence)


@transaction.atomic
def user_lift_ban(user: User) -> bool:
    """Lets them log in again; whether they were banned."""
    locked = _locked(user)
    was_banned = locked.is_banned
    locked.banned_until, locked.ban_reason = None, ""
    locked.save(update_fields=["banned_until", "ban_reason"])
    return was_banned


@transaction.atomic
def user_set_guest(user: User, *, guest: bool) -> None:
    """Makes an account a guest's, or a full one; what follows from it in rooms commits with it."""
    locked = _locked(user)
    locked.is_guest = guest
    locked.save(update_fields=["is_guest"])
    guest_changed.send(User, user=locked)


def user_deactivate(user: User, *, password: str, address: str) -> None:
    """Switches one's own account off: nobody can log in, and everything stays. An administrator switches it on again.

    Raises WrongPassword, TooManyAttempts.
    """
    _check_own_password(user, password, address)
    with transaction.atomic():
        locked = _locked(user)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        user_end_sessions(locked, code="account_disabled", message="This account was switched off.")


def user_erase(user: User, *, password: str, address: str, with_messages: bool, client_id: str) -> JobStatus:
    """Has one's own account erased, by a job; nobody can log in from now on. See `accounts.jobs.erase`.

    `with_messages`: what one wrote goes too. Raises WrongPassword, TooManyAttempts, AlreadyErased, TooManyJobs.
    """
    _check_own_password(user, password, address)
    return user_erase_unasked(user, with_messages=with_messages, key=check_client_id(client_id))


@transaction.atomic
def user_erase_unasked(user: User, *, with_messages: bool, key: str) -> JobStatus:
    """The same without a password, for administrators. Raises AlreadyErased, TooManyJobs."""
    locked = _locked(user)
    if locked.erased_at is not None:
        raise AlreadyErased()
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    user_end_sessions(locked, code="account_disabled", message="This account is being erased.")
    return JobStatus.of(start_job("accounts.erase", locked, {"with_messages": with_messages}, key=key))


def user_anonymise(user: User) -> None:
    """Takes from the row of an account all that tells whose it was; `user` too is as it is then. Again is fine."""
    if user.erased_at is None:
        # With something that nobody can guess, and take before.
        user.username = f"deleted-{user.pk}-{secrets.token_hex(4)}"[:MAX_USERNAME_CHARACTERS]
    user.display_name, user.email = ERASED_NAME, ""
    user.is_active = user.is_staff = user.is_superuser = user.is_guest = False
    user.last_login, user.ban_reason = None, ""
    user.status_emoji, user.status_text, user.status_until = "", "", None
    user.erased_at = user.erased_at or timezone.now()
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    user_end_sessions(user, code="account_disabled")
    Device.objects.filter(user=user).delete()


def _locked(user: User) -> User:
    """The row as it is now. Who logs in holds the same lock: of a ban and a log-in, the later one sees the other."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check_own_password(user: User, password: str, address: str) -> None:
    limits.refuse_when_exhausted(user.username, address)
    if not user.check_password(_bounded(password)):
        limits.count_failure(user.username, address)
        raise WrongPassword("The password is wrong.")


# Devices ----------------------------------------------------------------------------------------------


def device_of_browser(session: SessionBase, user: User, *, name: str = "Browser") -> Device:
    """The device of a Django session, made when it is not there yet."""
    if session.session_key is None:
        session.create()
    device, _ = Device.objects.get_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "kind": Device.Kind.BROWSER,
            "name": name,
            "credentials_version": user.credentials_version,
            "expires_at": session.get_expiry_date(),
        },
    )
    return device


def device_id_of(request: HttpRequest, user: User) -> int:
    """Of the log-in that a request came with."""
    identity = identity_of(request)
    if identity is not None and identity.device is not None:
        return int(identity.device)
    return device_of_browser(request.session, user).pk


def device_follow_session(device: Device, session: SessionBase) -> None:
    """Keeps a browser's device (and with it its open sockets) when Django rotated the session's key."""
    device.session_key = session.session_key
    device.save(update_fields=["session_key"])


def device_end_of_session(session_key: str) -> None:
    """The session is being logged out: its sockets close."""
    with transaction.atomic():
        _end(Device.objects.filter(session_key=session_key, revoked_at=None), code="logged_out")


def device_revoke(user: User, device_id: int) -> None:
    """Ends one of the user's own log-ins. Raises DeviceNotFound."""
    with transaction.atomic():
        if not _end(Device.objects.filter(user=user, pk=device_id, revoked_at=None), code="device_revoked"):
            raise DeviceNotFound()


def devices_end_stale(user: User, *, code: str) -> None:
    """Ends the log-ins that were made with an older password."""
    stale = Device.objects.filter(user=user, revoked_at=None).exclude(
        credentials_version=user.credentials_version
    )
    with transaction.atomic():
        _end(stale, code=code)


def devices_purge() -> int:
    """Removes log-ins that ended long ago, and Django's expired sessions. How many log-ins went."""
    before = timezone.now() - timedelta(days=ENDED_DEVICES_KEPT_DAYS)
    ended = Device.objects.filter(Q(revoked_at__lt=before) | Q(expires_at__lt=before))
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return ended.delete()[0]


def _end(devices: Iterable[Device], *, code: str) -> int:
    """Marks devices as revoked, deletes their sessions and closes their sockets. How many there were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = list(devices)
    for device in ended:
        if device.session_key:
            store(device.session_key).delete()
        end_sessions(device.user_id, session=device.session, code=code)
    Device.objects.filter(pk__in=[device.pk for device in ended]).update(
        revoked_at=timezone.now(), session_key=None, refresh_hash=""
    )
    return len(ended)


# Tokens -----------------------------------------------------------------------------------------------


@transaction.atomic
def token_issue(user: User, *, device_name: str) -> Tokens:
    """A new token device. The least recently seen ones give way above 50. Raises Banned."""
    refuse_banned(_locked(user))
    device = Device.objects.create(
        user=user,
        kind=Device.Kind.TOKEN,
        name=without_invisible(device_name[:300])[:100] or "Device",
        credentials_version=user.credentials_version,
        expires_at=_refresh_end(),
    )
    beyond = Device.objects.filter(user=user, kind=Device.Kind.TOKEN, revoked_at=None).order_by(
        "-last_seen_at", "-id"
    )
    _end(beyond[MAX_DEVICES_PER_USER:], code="device_revoked")
    return _tokens(device, user)


def token_refresh(refresh: str) -> Tokens:
    """New tokens for old. A refresh token used twice revokes its device: one of its two holders is a thief."""
    device = _device_of_refresh(refresh)
    if device.refresh_hash != tokens.token_hash(refresh):
        device_revoke(device.user, device.pk)
        raise AuthInvalid("This refresh token was used before, so its device was logged out. Log in again.")
    with transaction.atomic():
        renewed = _tokens(device, device.user, replaces=device.refresh_hash)
    return renewed


def token_revoke(refresh: str) -> None:
    """Logs a token device out. Again is fine."""
    try:
        device = _device_of_refresh(refresh)
    except AuthInvalid:
        return
    device_revoke(device.user, device.pk)


def _device_of_refresh(refresh: str) -> Device:
    device = (
        Device.objects.select_related("user")
        .filter(pk=tokens.device_of_refresh(refresh), revoked_at=None)
        .first()
    )
    if device is None or device.expires_at <= timezone.now():
        raise AuthInvalid()
    if not device.user.is_active:
        raise AccountDisabled()
    refuse_banned(device.user)
    if device.credentials_version != device.user.credentials_version:
        raise AuthInvalid()
    return device


def _tokens(device: Device, user: User, *, replaces: str = "") -> Tokens:
    refresh = tokens.refresh_token(device.pk)
    # Conditional, so that of two simultaneous uses of one refresh token only one wins.
    changed = Device.objects.filter(pk=device.pk, refresh_hash=replaces, revoked_at=None).update(
        refresh_hash=tokens.token_hash(refresh), last_seen_at=timezone.now(), expires_at=_refresh_end()
    )
    if not changed:
        raise AuthInvalid()
    access = tokens.access_token(user_id=user.pk, device_id=device.pk, version=user.credentials_version)
    return Tokens(access, refresh, tokens.ACCESS_LIFETIME_S, device.pk)


def _refresh_end() -> datetime:
    return timezone.now() + timedelta(seconds=tokens.REFRESH_LIFETIME_S)


def _bounded(password: str) -> str:
    """What was typed as a password, in a form and length that can be hashed; too long never matches."""
    return password[: MAX_PASSWORD_CHARACTERS + 1].encode(errors="replace").decode()


def _check_new_password(password: str, user: User) -> None:
    if any(unicodedata.category(one) in {"Cc", "Cs"} for one in password):
        raise BadPassword("A password must not contain control characters.")
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise BadPassword(f"A password has at most {MAX_PASSWORD_CHARACTERS} characters.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadPassword(" ".join(error.messages)) from None


# Browser sessions -------------------------------------------------------------------------------------


def browser_log_in(request: HttpRequest, user: User) -> None:
    """Starts a session with a fresh key. The receiver of Django's signal records its device. Raises Banned."""
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    with transaction.atomic():
        # Behind the lock of a ban that was given meanwhile: it has ended this log-in, or is seen here.
        banned = _locked(user).is_banned
    if banned:
        auth.logout(request)
        refuse_banned(User.objects.get(pk=user.pk))


def browser_keep_session(request: HttpRequest, user: User) -> None:
    """After a password change: rotates this session's key; its device and its sockets stay."""
    device = Device.objects.filter(session_key=request.session.session_key).first()
    auth.update_session_auth_hash(request, user)
    if device is not None:
        device_follow_session(device, request.session)
