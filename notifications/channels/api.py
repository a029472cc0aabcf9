"""The devices that a person is notified on, over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema

from accounts.browsers import browser_name
from accounts.openapi import answers
from accounts.services import device_id_of
from notifications.channels.devices import PushDeviceItem, device_register, device_remove, devices_of
from notifications.channels.web_push import public_key
from realtime import Struct
from realtime.http import session_or_token

router = Router(tags=["push"], auth=session_or_token)


class PushState(Struct, frozen=True):
    """`public_key` is "" while push to browsers is off. A service worker has no cookies to read a CSRF token from."""

    public_key: str
    devices: list[PushDeviceItem]
    csrf_token: str


class DeviceIn(Schema):
    channel: str = "web_push"
    endpoint: str
    keys: dict[str, str] = {}
    name: str = ""


@router.get(
    "/push",
    summary="What a browser subscribes with, and where you are notified",
    openapi_extra=answers(PushState),
)
def push_state(request: HttpRequest) -> PushState:
    user = request.auth  # type: ignore[attr-defined]
    login = device_id_of(request, user)
    return PushState(public_key(), devices_of(user, login=login), get_token(request))


@router.post(
    "/push/devices", summary="Be notified on this browser or phone", openapi_extra=answers(PushDeviceItem)
)
def push_device_register(request: HttpRequest, body: DeviceIn) -> PushDeviceItem:
    """Again with the same endpoint is fine; it is that of the present user from then on."""
    user = request.auth  # type: ignore[attr-defined]
    login = device_id_of(request, user)
    name = body.name or browser_name(request.META.get("HTTP_USER_AGENT", ""))
    device = device_register(
        user, login=login, channel=body.channel, endpoint=body.endpoint, keys=body.keys, name=name
    )
    return PushDeviceItem(device.pk, device.channel, device.endpoint, device.name, current=True)


@router.delete("/push/devices/{device_id}", summary="No longer be notified there")
def push_device_remove(request: HttpRequest, device_id: int) -> dict[str, Any]:
    device_remove(request.auth, device_id)  # type: ignore[attr-defined]
    return {}
