"""Reads of previews."""

from __future__ import annotations

from chat.models import Preview


def preview_image_is_for(user_id: int, key: str) -> bool:
    """Whether a message that the user may see shows a page with this image. One query."""
    shown = Preview.objects.filter(page__image=key, removed=False, message__deleted_at=None)
    return shown.filter(message__room__members__user_id=user_id).exists()
