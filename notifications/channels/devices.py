"""The browsers and phones that a person wants to be notified on: registered, listed, removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from accounts.names import without_invisible
from notifications.channels.base import Address, known_channel
from notifications.conf import numbers
from notifications.errors import PushDeviceNotFound, UnknownDeviceChannel
from notifications.models import PushDevice
from realtime import Struct


class DeviceChannel:
    """What channels have in common whose addresses are devices."""

    name: str
    label: str
    digests: bool

    def check_device(self, endpoint: str, keys: Mapping[str, str]) -> None:
        """Raises BadEndpoint where nothing could be sent to it. May look a name up."""
        raise NotImplementedError

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        """The devices of these people, by person. One query."""
        found: dict[int, list[Address]] = {}
        for pk, user_id, endpoint in _live(self.name, user_ids).values_list("pk", "user_id", "endpoint"):
            found.setdefault(user_id, []).append(Address(str(pk), endpoint))
        return found


class PushDeviceItem(Struct, frozen=True):
    """A device as its owner sees it; `current` is the one of this log-in."""

    id: int
    channel: str
    endpoint: str
    name: str
    current: bool


def device_register(
    user: Any, *, login: int, channel: str, endpoint: str, keys: Mapping[str, str], name: str
) -> PushDevice:
    """The device of that endpoint, which is this user's from now on, whoever had it before.

    Above `max_push_devices` those registered first give way. Raises UnknownDeviceChannel, BadEndpoint.
    """
    kind = known_channel(channel)
    if not isinstance(kind, DeviceChannel):
        raise UnknownDeviceChannel
    kind.check_device(endpoint, keys)
    with transaction.atomic():
        device, _ = PushDevice.objects.update_or_create(
            channel=channel,
            endpoint=endpoint,
            defaults={
                "user": user,
                "login_id": login,
                "keys": msgspec.json.encode(keys).decode() if keys else "",
                "name": without_invisible(name[:300])[:100] or "Device",
            },
        )
        newest = PushDevice.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
        beyond = [pk for pk in newest if pk != device.pk][numbers().max_push_devices - 1 :]
        PushDevice.objects.filter(pk__in=beyond).delete()
    return device


def devices_of(user: Any, *, login: int) -> list[PushDeviceItem]:
    """Where the user is notified now, the latest first. One query."""
    devices = PushDevice.objects.filter(user=user, login__revoked_at=None).order_by("-pk")
    return [
        PushDeviceItem(one.pk, one.channel, one.endpoint, one.name, one.login_id == login) for one in devices
    ]


def device_remove(user: Any, device_id: int) -> None:
    """Raises PushDeviceNotFound."""
    if not PushDevice.objects.filter(user=user, pk=device_id).delete()[0]:
        raise PushDeviceNotFound


def devices_purge() -> None:
    """Those whose log-in is over go; they got nothing since."""
    PushDevice.objects.exclude(login__revoked_at=None).delete()


def _live(channel: str, user_ids: Collection[int]) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(
        channel=channel, user__in=user_ids, user__is_active=True, login__revoked_at=None
    ).order_by("pk")
