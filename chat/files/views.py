"""The only way out of the storage: each request is asked anew who it is and whether they may see the message.

What a browser shows of a file is an image, sound or film, by a type that we found; all else is a download. Nothing that
leaves here may run as a page of ours: the sandbox, `nosniff` and the types see to that, one each would do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from accounts.models import User
from chat.conf import numbers
from chat.files import storing
from chat.files.errors import FileNotFound
from chat.files.policies import upload_for_reading
from chat.files.ranges import Unsatisfiable, range_of
from chat.models import Upload
from chat.previews.selectors import preview_image_is_for
from realtime import AuthRequired, RealtimeError
from realtime.http import error_response, session_or_token

_PIECE_BYTES = 262_144
_WEBP = "image/webp"
_DOWNLOAD = "application/octet-stream"
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"

T = TypeVar("T")


@require_safe
def file(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A file, or with `?size=small` or `large` a smaller image of it. `?download` has the browser save it."""
    try:
        upload = upload_for_reading(_reader(request).pk, key)
        size = _size(request, upload)
        path = storing.path_of(upload.stored, size or storing.ORIGINAL)
        bytes = storing.bytes_of(path) if size else upload.bytes
        type = _WEBP if size else upload.type if upload.kind != Upload.Kind.FILE else _DOWNLOAD
        save = type == _DOWNLOAD or "download" in request.GET
        shown_as = content_disposition_header(save, upload.name)
        return _response(request, path, bytes, type, shown_as, etag=f"{key}.{size or storing.ORIGINAL}")
    except RealtimeError as error:
        return _refusal(error)
    except FileNotFoundError:
        return _refusal(FileNotFound())


@require_safe
def preview_image(request: HttpRequest, key: str) -> HttpResponseBase:
    """The image of a linked page, for those who see it in a message."""
    try:
        if not preview_image_is_for(_reader(request).pk, key):
            raise FileNotFound()
        path = storing.path_of(key)
        return _response(request, path, storing.bytes_of(path), _WEBP, "inline", etag=key)
    except RealtimeError as error:
        return _refusal(error)
    except FileNotFoundError:
        return _refusal(FileNotFound())


def _reader(request: HttpRequest) -> User:
    """By session or token, as in the API. Raises AuthRequired, and what a bad token raises."""
    for authentication in session_or_token:
        user = authentication(request)  # type: ignore[operator]
        if isinstance(user, User):
            return user
    raise AuthRequired()


def _size(request: HttpRequest, upload: Upload) -> str:
    size = request.GET.get("size", "")
    if size and not (size in storing.SMALLER and getattr(upload, size)):
        raise FileNotFound()
    return size


def _response(
    request: HttpRequest, path: str, bytes: int, type: str, disposition: str, *, etag: str
) -> HttpResponseBase:
    """`etag` says nothing of where it is stored."""
    etag = f'"{etag}"'
    response: HttpResponseBase
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    elif settings.FILES_ACCEL:
        # The proxy sends it, and answers ranges itself.
        response = HttpResponse(
            content_type=type, headers={"X-Accel-Redirect": settings.FILES_ACCEL + quote(path)}
        )
    else:
        response = _streamed(request, path, bytes, type, etag)
    response["ETag"] = etag
    # Kept by the browser, and shown again only after we said that it still may.
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _streamed(request: HttpRequest, path: str, bytes: int, type: str, etag: str) -> HttpResponseBase:
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    try:
        part = range_of(wanted, bytes)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{bytes}"})
    first, last = part or (0, bytes - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=type)
    else:
        content = storing.opened(path, first, last)
        response = StreamingHttpResponse(_Pieces(content, last - first + 1), content_type=type)
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{bytes}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = last - first + 1
    return response


class _Pieces:
    """The bytes of an open file, read by a few threads; the server takes the next only once the reader has room."""

    def __init__(self, content: Any, left: int) -> None:
        self._content = content
        self._left = left

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._left > 0:
            piece = await _in_thread(self._read)
            if not piece:
                return
            yield piece

    def close(self) -> None:
        """Django calls it however the response ended."""
        self._content.close()

    def _read(self) -> bytes:
        piece: bytes = self._content.read(min(_PIECE_BYTES, self._left))
        self._left -= len(piece)
        return piece


async def _in_thread(read: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads(), read)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(numbers().file_threads, thread_name_prefix="files")


def _refusal(error: RealtimeError) -> HttpResponse:
    response = error_response(error)
    response["Cache-Control"] = "private, no-store"
    return response
