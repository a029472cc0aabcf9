"""Preferences over HTTP."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from accounts.openapi import answers
from notifications.preferences.payloads import Preferences, PreferencesPage, QuietHours
from notifications.preferences.selectors import preferences_page
from notifications.preferences.services import (
    preference_choose,
    preference_hours,
    preference_mute,
    preference_scope,
)
from realtime.http import session_or_token

router = Router(tags=["preferences"], auth=session_or_token)


class ChooseIn(Schema):
    category: str
    channel: str
    frequency: str
    client_id: str


class QuietHoursIn(Schema):
    from_: str = Field(alias="from")
    until: str


class HoursIn(Schema):
    time_zone: str
    language: str
    quiet_hours: QuietHoursIn | None
    working_days: list[int] = Field(max_length=7)
    client_id: str


class MuteIn(Schema):
    until: datetime | None
    client_id: str


class ScopeIn(Schema):
    scope: str
    follow: str
    muted_until: datetime | None
    client_id: str


@router.get(
    "/preferences", summary="What can be chosen, and what you chose", openapi_extra=answers(PreferencesPage)
)
def preferences(request: HttpRequest) -> Any:
    return preferences_page(_user(request))


@router.post(
    "/preferences/choose",
    summary="Choose what happens with a category on a channel",
    openapi_extra=answers(Preferences),
)
def choose(request: HttpRequest, body: ChooseIn) -> Any:
    return preference_choose(_user(request), **body.dict())


@router.post(
    "/preferences/hours",
    summary="Set time zone, language, quiet hours and working days",
    openapi_extra=answers(Preferences),
)
def hours(request: HttpRequest, body: HoursIn) -> Any:
    """Times are local, "HH:MM"; days are ISO weekdays, 1 is Monday. "" is the installation's zone or language."""
    quiet = body.quiet_hours and QuietHours(body.quiet_hours.from_, body.quiet_hours.until)
    return preference_hours(
        _user(request),
        time_zone=body.time_zone,
        language=body.language,
        quiet_hours=quiet,
        working_days=body.working_days,
        client_id=body.client_id,
    )


@router.post(
    "/preferences/mute", summary="Nothing outside the app until a time", openapi_extra=answers(Preferences)
)
def mute(request: HttpRequest, body: MuteIn) -> Any:
    return preference_mute(_user(request), **body.dict())


@router.post(
    "/preferences/scope", summary="How much of a room you want to hear", openapi_extra=answers(Preferences)
)
def scope(request: HttpRequest, body: ScopeIn) -> Any:
    return preference_scope(_user(request), **body.dict())


def _user(request: HttpRequest) -> Any:
    return request.auth  # type: ignore[attr-defined]
