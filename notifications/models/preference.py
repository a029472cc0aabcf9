"""What people have chosen. No row means: as the types and the installation have it."""

from django.conf import settings
from django.db import models

from notifications.conf import CATEGORY_MAX_CHARS
from notifications.preferences.person import Follow, Frequency


def _choices(names: type[Frequency] | type[Follow]) -> list[tuple[str, str]]:
    return [(name.value, name.value.replace("_", " ")) for name in names]


class PreferenceState(models.Model):
    """Per person: language and hours, and the number of changes, so that a device knows the newer of two states.

    Its lock is that of all the person's preferences.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)
    # Of the IANA database; "" is the installation's.
    time_zone = models.CharField(max_length=64, blank=True)
    # One of LANGUAGES; "" is the installation's.
    language = models.CharField(max_length=16, blank=True)
    # Both or neither, in the person's zone.
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    # ISO weekdays, 1 is Monday.
    working_days = models.CharField(max_length=7, default="1234567")
    muted_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class ChannelChoice(models.Model):
    """What `user` wants of a category on a channel."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    category = models.CharField(max_length=CATEGORY_MAX_CHARS)
    channel = models.CharField(max_length=20)
    frequency = models.CharField(max_length=12, choices=_choices(Frequency))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "category", "channel"], name="channel_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel} for {self.user_id}: {self.frequency}"


class ScopeChoice(models.Model):
    """How much `user` wants to hear of a scope, for example "room:7"."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    scope = models.CharField(max_length=60)
    follow = models.CharField(max_length=12, choices=_choices(Follow), default=Follow.ALL.value)
    muted_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "scope"], name="scope_choice_once")]

    def __str__(self) -> str:
        return f"{self.scope} for {self.user_id}: {self.follow}"
