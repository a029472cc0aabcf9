"""Files over HTTP. A file comes as a form with it alone, and leaves through `views`."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import File as InForm
from ninja import Form, Router, Schema
from ninja.files import UploadedFile

from accounts.openapi import answers
from accounts.requests import user_of
from chat.files import services
from chat.files.payloads import File, FileLimits, FileRemoved
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class Description(Schema):
    alt: str
    client_id: str


@router.post("/files", openapi_extra=answers(File))
def file_upload(
    request: HttpRequest,
    file: UploadedFile = InForm(...),  # type: ignore[type-arg]  # noqa: B008
    client_id: str = Form(...),
    alt: str = Form(""),
) -> File:
    """Uploads one file for a message: name its `id` in `files` when you send that, within a day."""
    return services.upload_create(user=user_of(request), content=file, client_id=client_id, alt=alt)


@router.get("/files/limits", openapi_extra=answers(FileLimits))
def limits(request: HttpRequest) -> FileLimits:
    """What you may upload, and how much of your room is taken."""
    return services.limits_of(user_of(request))


@router.patch("/files/{file_id}", openapi_extra=answers(File))
def file_describe(request: HttpRequest, file_id: int, body: Description) -> File:
    """Says what is to be seen or heard in one of your files."""
    return services.file_describe(user=user_of(request), file=file_id, alt=body.alt, client_id=body.client_id)


@router.delete("/files/{file_id}", openapi_extra=answers(FileRemoved))
def file_remove(request: HttpRequest, file_id: int, client_id: str) -> FileRemoved:
    """Deletes a file that you have not sent, or takes it out of its message."""
    return services.file_remove(user=user_of(request), file=file_id, client_id=client_id)
