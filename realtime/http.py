"""The HTTP API's frame: authentication, rendering, and the one place where errors become HTTP answers."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer
from ninja.security import APIKeyCookie, HttpBearer

from realtime.errors import AuthRequired, Forbidden, Internal, Invalid, RealtimeError
from realtime.identity import Identity, authentication

logger = logging.getLogger(__name__)


class CsrfFailed(Forbidden):
    code = "csrf_failed"
    message = "The CSRF token is missing or wrong. Send the csrftoken cookie's value in X-CSRFToken."


class BadRequest(Invalid):
    code = "bad_request"
    message = "The request's fields are not right."


class JsonRenderer(BaseRenderer):
    """Structs, dicts, lists, dates and models' primitives to JSON, by msgspec."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


def unchanging_picture(webp: bytes) -> HttpResponse:
    """What an address stands for that names the bytes: browsers keep it, and run nothing of it."""
    return HttpResponse(
        webp,
        content_type="image/webp",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'",
        },
    )


class SessionAuth(APIKeyCookie):
    """The browser's session cookie; a request that writes must bring the CSRF token too."""

    param_name = "sessionid"

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if not key or not request.user.is_authenticated:
            return None
        if _CsrfCheck(_answer).process_view(request, _answer, (), {}) is not None:
            raise CsrfFailed()
        return request.user


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <access token>`, for phones and bots."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        identity = authentication().authenticate_token(token)
        request.user = identity.user
        request.identity = identity  # type: ignore[attr-defined]
        return identity.user


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, whose refusal is returned as its reason instead of an HTML page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


session_or_token = [TokenAuth(), SessionAuth()]


def identity_of(request: HttpRequest) -> Identity | None:
    """The token's identity, where the request came with one."""
    return getattr(request, "identity", None)


def make_api(**options: Any) -> NinjaAPI:
    """The project's API, with every error in the form `{"type":"error","code":…,"message":…,"retry":…}`."""
    api = NinjaAPI(renderer=JsonRenderer(), **options)

    @api.exception_handler(RealtimeError)
    def expected(request: HttpRequest, error: RealtimeError) -> HttpResponse:
        return error_response(error)

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return error_response(AuthRequired())

    @api.exception_handler(ValidationError)
    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors]
        first = fields[0] if fields else {"field": "", "message": "malformed"}
        return error_response(BadRequest(f"{first['field']}: {first['message']}.", fields=fields))

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return error_response(BadRequest(str(error)), status=error.status_code)

    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(SuspiciousOperation)
    @api.exception_handler(UnreadablePostError)
    def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        return error_response(
            BadRequest("The form cannot be read: send multipart/form-data with few fields.")
        )

    @api.exception_handler(Exception)
    def bug(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("Unexpected error at %s %s", request.method, request.path)
        return error_response(Internal())

    return api


def error_response(error: RealtimeError, *, status: int | None = None) -> HttpResponse:
    """The HTTP answer of an expected error."""
    response = HttpResponse(
        msgspec.json.encode(error.as_dict()),
        content_type="application/json",
        status=status or error.http_status,
    )
    if error.retry_after_ms is not None:
        response["Retry-After"] = str(-(-error.retry_after_ms // 1000))
    return response
