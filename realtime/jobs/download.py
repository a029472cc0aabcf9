"""The way out of a job's result: for its owner, as a download, never as something a browser shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from realtime.jobs.errors import JobFileNotFound
from realtime.jobs.models import Job

_PIECE_BYTES = 64 * 1024


def result_response(job: Job) -> StreamingHttpResponse:
    """The file of a job; the caller has seen to it that it goes to its owner. Raises JobFileNotFound."""
    if not job.file or (job.expires_at is not None and job.expires_at <= timezone.now()):
        raise JobFileNotFound
    try:
        content = job.files.open(job.file)
    except FileNotFoundError:
        raise JobFileNotFound from None
    response = StreamingHttpResponse(_pieces(content), content_type="application/octet-stream")
    response["Content-Length"] = job.file_bytes
    response["Content-Disposition"] = content_disposition_header(True, job.download_as)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


async def _pieces(content: Any) -> AsyncIterator[bytes]:
    with content:
        while piece := await asyncio.to_thread(content.read, _PIECE_BYTES):
            yield piece
