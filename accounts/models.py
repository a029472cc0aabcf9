"""Users and the devices they are logged in on. Rules for names are in `names`; what changes a row, in `services`."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.errors import BadName
from accounts.name_checks import check_name
from accounts.names import (
    MAX_DISPLAY_NAME_CHARACTERS,
    MAX_USERNAME_CHARACTERS,
    display_name_from,
    is_invisible,
    normal_username,
    username_key,
    validate_username,
)


class Accounts(UserManager["User"]):
    """Finds a user by name in any case."""

    def get_by_natural_key(self, username: str | None) -> User:
        name = username or ""
        if len(name) > MAX_USERNAME_CHARACTERS or any(is_invisible(one) for one in name):
            # No such user can exist, and databases refuse to compare with some of these characters.
            raise self.model.DoesNotExist
        return self.get(username_key=username_key(name))


MAX_STATUS_CHARACTERS = 100
MAX_STATUS_EMOJI_CHARACTERS = 40  # the longest of Unicode, and names of custom ones


class UsernameKeyField(models.CharField):  # type: ignore[type-arg]
    """The key under which a user name is unique, computed at every insert and save, bulk ones included."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = username_key(model_instance.username)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, key)
        return key


class Availability(models.TextChoices):
    """How a person wants to be seen by others."""

    AUTO = "auto"  # as they are: online, idle or away
    DND = "dnd"  # do not disturb
    INVISIBLE = "invisible"


class User(AbstractUser):
    """A person or a bot. `display_name` is what others see; `username` is unique whatever its case."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        max_length=MAX_USERNAME_CHARACTERS,
        unique=True,
        validators=[validate_username],
        help_text="1 to 32 letters, digits, '.', '_' or '-'.",
        error_messages={"unique": "A user with that name exists already."},
    )
    username_key = UsernameKeyField(max_length=3 * MAX_USERNAME_CHARACTERS, unique=True, editable=False)
    display_name = models.CharField(max_length=MAX_DISPLAY_NAME_CHARACTERS, blank=True)
    is_guest = models.BooleanField(
        "guest",
        default=False,
        db_default=False,
        help_text="Sees only rooms that somebody put them into, and the people there; makes no rooms.",
    )
    # Out of everything until then; null: not banned. For good is the year 9999.
    banned_until = models.DateTimeField(null=True, blank=True, editable=False)
    ban_reason = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    # The data of the person are gone; the row stays for what others see of them.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A program: it has a token of its own, and no password.
    is_bot = models.BooleanField(default=False, db_default=False, editable=False)
    # How others see whether this person is there; read from here when a socket opens.
    availability = models.CharField(
        max_length=9, choices=Availability.choices, default=Availability.AUTO, db_default=Availability.AUTO
    )
    availability_until = models.DateTimeField(null=True, blank=True)
    # What the person says of themselves: "on holiday".
    status_emoji = models.CharField(max_length=MAX_STATUS_EMOJI_CHARACTERS, blank=True, db_default="")
    status_text = models.CharField(max_length=MAX_STATUS_CHARACTERS, blank=True, db_default="")
    status_until = models.DateTimeField(null=True, blank=True)
    # Whether others are told what this person has read.
    shows_reads = models.BooleanField(default=True, db_default=True)

    objects: ClassVar[Accounts] = Accounts()

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta(AbstractUser.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["availability_until"],
                name="user_availability_ends",
                condition=models.Q(availability_until__isnull=False),
            ),
            models.Index(
                fields=["status_until"],
                name="user_status_ends",
                condition=models.Q(status_until__isnull=False),
            ),
        ]

    @classmethod
    def normalize_username(cls, username: Any) -> Any:
        return normal_username(username) if isinstance(username, str) else username

    def clean(self) -> None:
        super().clean()
        self.display_name = display_name_from(self.display_name, self.username)
        try:
            check_name(self.display_name)
        except BadName as error:
            raise ValidationError({"display_name": error.sentence}) from None
        twins = type(self).objects.filter(username_key=username_key(self.username)).exclude(pk=self.pk)
        if twins.exists():
            raise ValidationError({"username": "A user with that name exists already."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.display_name:
            self.display_name = self.username
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    @property
    def is_banned(self) -> bool:
        return self.banned_until is not None and self.banned_until > timezone.now()

    @property
    def credentials_version(self) -> str:
        """Changes with the password: whatever was issued under another version is void."""
        return self.get_session_auth_hash()[:16]


def opaque_id() -> str:
    return secrets.token_hex(16)


class Device(models.Model):
    """One place where a user is logged in: a browser's session, or the tokens of a phone or bot."""

    class Kind(models.TextChoices):
        BROWSER = "browser"
        TOKEN = "token"  # noqa: S105  (a kind, not a secret)
        BOT = "bot"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=100)
    # What sockets and logs call this log-in. It stays when Django rotates the session's key.
    session = models.CharField(max_length=32, unique=True, default=opaque_id, editable=False)
    # The session's own key, as in the session table itself: revoking a browser has to delete that row.
    session_key = models.CharField(max_length=40, unique=True, null=True, editable=False)  # noqa: DJ001
    refresh_hash = models.CharField(max_length=64, blank=True, editable=False)
    credentials_version = models.CharField(max_length=16, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "revoked_at"])]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"
