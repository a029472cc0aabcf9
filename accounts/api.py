"""The HTTP API of accounts: parses, calls a service or selector, answers."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema
from ninja.utils import check_csrf

from accounts import selectors, services
from accounts.limits import address_of
from accounts.models import User
from accounts.names import without_invisible
from accounts.openapi import answers
from accounts.payloads import Device, Me, Person, SessionState, Tokens
from accounts.requests import user_of
from realtime import check_client_id
from realtime.http import CsrfFailed, identity_of, session_or_token
from realtime.jobs.services import start_job
from realtime.jobs.status import JobStatus

router = Router(tags=["accounts"])


class SignUp(Schema):
    username: str
    password: str
    display_name: str = ""


class LogIn(Schema):
    username: str
    password: str


class NewPassword(Schema):
    old_password: str
    new_password: str


class TokenRequest(LogIn):
    device: str = "Device"


class Refresh(Schema):
    refresh: str


class Export(Schema):
    client_id: str


class OwnPassword(Schema):
    password: str


class Erasure(OwnPassword):
    client_id: str
    with_messages: bool = False


@router.get("/session", openapi_extra=answers(SessionState))
def session(request: HttpRequest) -> SessionState:
    """Who this browser is logged in as, or null. Sets the csrftoken cookie."""
    get_token(request)
    return SessionState(Me.of(request.user) if isinstance(request.user, User) else None)


@router.post("/auth/signup", openapi_extra=answers(SessionState))
def sign_up(request: HttpRequest, body: SignUp) -> SessionState:
    """Makes an account and logs this browser in."""
    _require_csrf(request)
    user = services.user_sign_up(
        username=body.username,
        password=body.password,
        display_name=body.display_name,
        address=address_of(request),
    )
    services.browser_log_in(request, user)
    return SessionState(Me.of(user))


@router.post("/auth/login", openapi_extra=answers(SessionState))
def log_in(request: HttpRequest, body: LogIn) -> SessionState:
    """Logs this browser in."""
    _require_csrf(request)
    user = services.user_with_password(
        username=body.username, password=body.password, address=address_of(request)
    )
    services.browser_log_in(request, user)
    return SessionState(Me.of(user))


@router.post("/auth/logout", openapi_extra=answers(SessionState))
def log_out(request: HttpRequest) -> SessionState:
    """Logs this browser out and closes its sockets. Again is fine."""
    _require_csrf(request)
    auth.logout(request)
    return SessionState(None)


@router.post("/auth/password", auth=session_or_token, openapi_extra=answers(SessionState))
def change_password(request: HttpRequest, body: NewPassword) -> SessionState:
    """Sets a new password and logs every other device out."""
    user = user_of(request)
    services.user_change_password(
        user,
        old=body.old_password,
        new=body.new_password,
        keep_session=_current_session(request),
        address=address_of(request),
    )
    if identity_of(request) is None:
        services.browser_keep_session(request, user)
    return SessionState(Me.of(user))


@router.post("/auth/token", openapi_extra=answers(Tokens))
def issue_token(request: HttpRequest, body: TokenRequest) -> Tokens:
    """Tokens for a phone or bot: `access` for 15 minutes, `refresh` to get the next ones."""
    user = services.user_with_password(
        username=body.username, password=body.password, address=address_of(request)
    )
    return services.token_issue(user, device_name=body.device)


@router.post("/auth/token/refresh", openapi_extra=answers(Tokens))
def refresh_token(request: HttpRequest, body: Refresh) -> Tokens:
    """New tokens for a refresh token, which is then used up. Using one twice logs its device out."""
    return services.token_refresh(body.refresh)


@router.post("/auth/token/revoke")
def revoke_token(request: HttpRequest, body: Refresh) -> dict[str, Any]:
    """Logs the device of this refresh token out. Again is fine."""
    services.token_revoke(body.refresh)
    return {}


@router.get("/devices", auth=session_or_token, openapi_extra=answers(list[Device]))
def devices(request: HttpRequest) -> list[Device]:
    """Where you are logged in."""
    current = _current_session(request)
    return [Device.of(device, current_session=current) for device in selectors.devices_of(user_of(request))]


@router.delete("/devices/{device_id}", auth=session_or_token)
def revoke_device(request: HttpRequest, device_id: int) -> dict[str, Any]:
    """Logs one of your devices out and closes its sockets."""
    services.device_revoke(user_of(request), device_id)
    return {}


@router.post("/account/export", auth=session_or_token, openapi_extra=answers(JobStatus))
def export(request: HttpRequest, body: Export) -> JobStatus:
    """Starts collecting your data into a ZIP file, as a job; while one is under way, it answers with that one."""
    return JobStatus.of(start_job("accounts.export", user_of(request), key=check_client_id(body.client_id)))


@router.post("/account/deactivate", auth=session_or_token)
def deactivate(request: HttpRequest, body: OwnPassword) -> dict[str, Any]:
    """Switches your account off and logs you out everywhere. Nothing is deleted; an administrator undoes it."""
    services.user_deactivate(user_of(request), password=body.password, address=address_of(request))
    return {}


@router.post("/account/erase", auth=session_or_token, openapi_extra=answers(JobStatus))
def erase(request: HttpRequest, body: Erasure) -> JobStatus:
    """Erases your account for good, as a job, and logs you out everywhere; with your messages where you say so."""
    return services.user_erase(
        user_of(request),
        password=body.password,
        address=address_of(request),
        with_messages=body.with_messages,
        client_id=body.client_id,
    )


@router.get("/users", auth=session_or_token, openapi_extra=answers(list[Person]))
def people(request: HttpRequest, q: str = "") -> list[Person]:
    """Up to 20 people whose name contains `q`."""
    return [
        Person.of(user) for user in selectors.people_matching(user_of(request), without_invisible(q[:64]))
    ]


def _current_session(request: HttpRequest) -> str:
    """The opaque id of the log-in that this request came with."""
    identity = identity_of(request)
    if identity is not None:
        return identity.session
    return services.device_of_browser(request.session, user_of(request)).session


def _require_csrf(request: HttpRequest) -> None:
    """For routes without a log-in: they change this browser's session, so only our own pages may call them."""
    if check_csrf(request) is not None:
        raise CsrfFailed()
