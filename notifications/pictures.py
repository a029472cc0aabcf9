"""Pictures that people upload -> pictures that are safe to show: made anew, so nothing of the file itself is kept."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

from notifications.conf import numbers
from notifications.errors import BadPicture
from notifications.models import Picture

# By what the file is, not by what it is called. SVG is none: it can hold scripts.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITY = 82


def picture_store(file: IO[bytes], *, by: Any) -> Picture:
    """Stores a picture, scaled down to what is shown; again is the same one. Raises BadPicture."""
    limits = numbers()
    content = file.read(limits.max_picture_bytes + 1)
    if len(content) > limits.max_picture_bytes:
        raise BadPicture(f"A picture has at most {limits.max_picture_bytes:,} bytes; make it smaller first.")
    made, size = remade(content, edge_px=limits.picture_edge_px, max_pixels=limits.max_picture_pixels)
    key = hashlib.sha256(made).hexdigest()
    picture, _ = Picture.objects.get_or_create(
        key=key, defaults={"content": made, "width": size[0], "height": size[1], "created_by": by}
    )
    return picture


def remade(content: bytes, *, edge_px: int, max_pixels: int) -> tuple[bytes, tuple[int, int]]:
    """The picture as WebP, upright, its longer edge at most so long, and its size. Raises BadPicture."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as opened:
            _check_size(opened, max_pixels)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((edge_px, edge_px))
            shown = upright if upright.mode in {"RGB", "RGBA"} else upright.convert("RGBA")
            made = BytesIO()
            shown.save(made, "WEBP", quality=_QUALITY)
            return made.getvalue(), shown.size
    except BadPicture:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadPicture from error


def _check_size(opened: Image.Image, most: int) -> None:
    if opened.width * opened.height > most:
        raise BadPicture(
            f"A picture has at most {most // 1_000_000} million pixels; this one is {opened.width}×{opened.height}."
        )
