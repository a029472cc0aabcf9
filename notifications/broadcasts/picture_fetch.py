"""A draft's picture from an address: fetched by a job, checked like an upload, and stored as one."""

from __future__ import annotations

from io import BytesIO

from django.db import transaction

from notifications.broadcasts.work import FetchPicture, draft_as_begun
from notifications.channels import outbound
from notifications.conf import numbers
from notifications.errors import BadEndpoint, BadPicture
from notifications.models import Picture
from notifications.pictures import picture_store
from realtime.jobs import Result, Run, Step, Steps

_MAX_ERROR_CHARS = 300


def fetch_steps(run: Run) -> Steps:
    """No transaction is open while the other side answers. Raises BadPicture."""
    args: FetchPicture = run.args
    yield Step(message="Asking for the picture")
    try:
        picture = _fetched(args.url, by=run.owner)
    except BadPicture as error:
        _settle(args, error=error.sentence)
        raise
    return _settle(args, path=picture.path)


@transaction.atomic
def _settle(args: FetchPicture, *, path: str = "", error: str = "") -> Result:
    draft = draft_as_begun(args.broadcast)
    if draft is None or draft.image_url != args.url:
        return Result("Another picture has taken its place.")
    draft.image, draft.image_error = path, error[:_MAX_ERROR_CHARS]
    draft.save(update_fields=["image", "image_error"])
    return Result("The picture is there.")


def _fetched(url: str, *, by: object) -> Picture:
    """Raises BadPicture, with a sentence that says what was wrong with the address or what it answered."""
    most = numbers().max_picture_bytes
    try:
        answer = outbound.get(url, {"Accept": "image/*"}, max_bytes=most + 1)
    except BadEndpoint as error:
        raise BadPicture(f"Nothing may be fetched from {url}: {error.sentence}") from error
    except outbound.Unreachable as error:
        raise BadPicture(f"No whole answer came from {error}.") from error
    if 300 <= answer.status < 400:
        raise BadPicture(
            f"{url} answered {answer.status}: redirects are not followed, give where it leads to."
        )
    if not answer.ok:
        raise BadPicture(f"{url} answered {answer.status}, and no picture.")
    return picture_store(BytesIO(answer.body), by=by)
