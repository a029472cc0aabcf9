"""Accounts of programs: made with a token that lasts, renewed, switched off.

A token names its device and proves that we made it, so that nothing secret is stored: another one is made by giving the
device another session id, which also closes what the old one had open.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Device, User, opaque_id
from accounts.names import display_name_from
from accounts.services import user_end_sessions
from realtime import AuthInvalid, end_sessions

_PREFIX = "bot"
_SALT = "accounts.bot"
_LASTS = timedelta(days=3650)
MAX_TOKEN_CHARACTERS = 200


@transaction.atomic
def bot_make(username: str, display_name: str) -> User:
    """A program's account, with its token. Its name must be free: see `bot_name`."""
    bot = User(username=username, display_name=display_name_from(display_name, username), is_bot=True)
    bot.set_unusable_password()
    bot.save()
    Device.objects.create(
        user=bot,
        kind=Device.Kind.BOT,
        name="Bot",
        credentials_version=bot.credentials_version,
        expires_at=timezone.now() + _LASTS,
    )
    return bot


def bot_name() -> str:
    """A user name that nobody has, where nobody chose one."""
    return f"bot-{opaque_id()[:12]}"


def bot_token(bot: User) -> str:
    """The token that holds now. Raises Device.DoesNotExist for who is no bot, or was switched off."""
    device = Device.objects.get(user=bot, kind=Device.Kind.BOT, revoked_at=None)
    return f"{_PREFIX}.{device.pk}.{_proof(device, settings.SECRET_KEY)}"


@transaction.atomic
def bot_renew_token(bot: User) -> str:
    """Another token; the old one is void, and what it had open is closed."""
    device = Device.objects.select_for_update().get(user=bot, kind=Device.Kind.BOT, revoked_at=None)
    end_sessions(bot.pk, session=device.session, code="device_revoked")
    device.session = opaque_id()
    device.save(update_fields=["session"])
    return bot_token(bot)


@transaction.atomic
def bot_switch_off(bot: User) -> None:
    """Nothing more comes from it. What it said stays."""
    User.objects.filter(pk=bot.pk).update(is_active=False)
    user_end_sessions(bot, code="account_disabled")


def is_bot_token(token: str) -> bool:
    return token.startswith(f"{_PREFIX}.")


def device_id_of(token: str) -> int:
    """Raises AuthInvalid."""
    parts = token.split(".")
    if (
        len(token) > MAX_TOKEN_CHARACTERS
        or len(parts) != 3
        or not (parts[1].isascii() and parts[1].isdigit())
    ):
        raise AuthInvalid()
    return min(int(parts[1]), 2**63 - 1)


def check(token: str, device: Device) -> None:
    """Raises AuthInvalid where the token was not made for this device as it is now."""
    given = token.rpartition(".")[2]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any([constant_time_compare(given, _proof(device, key)) for key in keys]):
        raise AuthInvalid()


def _proof(device: Device, key: str) -> str:
    return salted_hmac(_SALT, f"{device.pk}:{device.session}", secret=key, algorithm="sha256").hexdigest()
