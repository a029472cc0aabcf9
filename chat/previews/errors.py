"""The expected errors of previews."""

from __future__ import annotations

from realtime import NotFound


class PreviewNotFound(NotFound):
    message = "The message shows no preview of that address."
