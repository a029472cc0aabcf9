"""What a file is, by what is in it: its name and the type that the client gives are never believed. Pure.

Shown in the page is only what this module knows by its first bytes; all else leaves as a download that no browser
opens. What is refused, and why, is a table in docs/files.md.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

import puremagic

from chat.files.errors import UnsupportedFile
from chat.files.names import ending_of

Kind = Literal["image", "audio", "video", "file"]

HEAD_BYTES = 65_536
ALLOWED = "images (PNG, JPEG, WebP, GIF), audio, video, documents, archives and texts"

UNKNOWN = "application/octet-stream"

IMAGES = frozenset({"png", "jpg", "jpeg", "jfif", "gif", "webp"})
_SOUNDS = frozenset({"mp3", "m4a", "aac", "ogg", "oga", "opus", "wav", "flac"})
_FILMS = frozenset({"mp4", "m4v", "mov", "webm", "ogv"})
_ZIPS = frozenset({"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub"})
# The first bytes that files with these endings have.
_BEGINNINGS = {
    **dict.fromkeys(_ZIPS, b"PK"),
    **dict.fromkeys(("doc", "xls", "ppt"), b"\xd0\xcf\x11\xe0"),
    "gz": b"\x1f\x8b",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!",
}

# What an operating system runs when somebody opens it.
_PROGRAMS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
)
_PROGRAM_ENDINGS = frozenset(
    (  # noqa: SIM905
        "app application bat chm cmd com cpl dll exe gadget hta inf jar jse lnk msc msi msp mst pif ps1 psm1 reg scf "
        "scr sct sys url vb vbe vbs ws wsc wsf wsh"
    ).split()
)

_MOVIE_BRANDS = {
    b"M4A ": ("audio", "audio/mp4"),
    b"M4B ": ("audio", "audio/mp4"),
    b"qt  ": ("video", "video/quicktime"),
}
_MP4_BRANDS = re.compile(rb"(?:iso[0-9a-z]|mp4[12]|avc1|M4V |M4VH|dash|MSNV|3gp[0-9]|3g2[a-z]|f4v |mmp4)\Z")
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?(html|svg)\b", re.IGNORECASE | re.DOTALL
)
_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}\Z")


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    type: str


def sniffed(head: bytes, name: str) -> Found:
    """What begins with these bytes (up to HEAD_BYTES). Raises UnsupportedFile where it may not be shared.

    The name only ever makes the answer stricter: one that promises something else than there is, is refused.
    """
    if not head:
        raise UnsupportedFile("The file is empty.", allowed=ALLOWED)
    ending, text = ending_of(name), _text(head)
    if ending in _PROGRAM_ENDINGS or head.startswith(_PROGRAMS) or (head.startswith(b"MZ") and text is None):
        raise UnsupportedFile(
            f"Programs cannot be shared here, in a file named {name!r} or any other. Allowed are {ALLOWED}.",
            allowed=ALLOWED,
        )
    found = _shown(head) or Found("file", _type(head, text))
    promised_image = ending in IMAGES and found.kind != "image"
    promised_media = ending in _SOUNDS | _FILMS and text is not None
    promised_other = not head.startswith(_BEGINNINGS.get(ending, b""))
    promised_pdf = ending == "pdf" and b"%PDF-" not in head[:1024]
    if promised_image or promised_media or promised_other or promised_pdf:
        raise UnsupportedFile(
            f"The file is named .{ending}, but is something else. Allowed are {ALLOWED}.", allowed=ALLOWED
        )
    return found


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def _shown(head: bytes) -> Found | None:
    """What browsers show in a page without ever taking it for a page."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Found("image", "image/png")
    if head.startswith(b"\xff\xd8\xff"):
        return Found("image", "image/jpeg")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Found("image", "image/gif")
    if head.startswith(b"RIFF"):
        kinds = {b"WEBP": Found("image", "image/webp"), b"WAVE": Found("audio", "audio/wav")}
        return kinds.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _movie(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Found("video", "video/webm") if b"webm" in head[:64] else None
    if head.startswith(b"OggS"):
        return Found("video", "video/ogg") if b"theora" in head[:4096] else Found("audio", "audio/ogg")
    if head.startswith(b"fLaC"):
        return Found("audio", "audio/flac")
    if head.startswith(b"ID3"):
        return Found("audio", "audio/mpeg")
    return _bare_sound(head)


def _movie(brand: bytes) -> Found | None:
    if brand in _MOVIE_BRANDS:
        kind, type = _MOVIE_BRANDS[brand]
        return Found(kind, type)  # type: ignore[arg-type]
    return Found("video", "video/mp4") if _MP4_BRANDS.match(brand) else None


def _bare_sound(head: bytes) -> Found | None:
    """Frames of MPEG audio without a header before them."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer, bitrate, rate = head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return Found("audio", "audio/aac")
    return Found("audio", "audio/mpeg") if layer == 1 and bitrate not in (0, 15) and rate != 3 else None


def _type(head: bytes, text: str | None) -> str:
    """A name for what is only downloaded. Nothing depends on it but the icon and the words beside it."""
    if text is not None:
        markup = _MARKUP.match(text[:4096])
        if markup:
            return {"html": "text/html", "svg": "image/svg+xml"}[markup[1].lower()]
        return "text/plain"
    try:
        type = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    return type if _TYPE.match(type) else UNKNOWN


def _text(head: bytes) -> str | None:
    """As text in UTF-8, whose last character may be cut; None for what is none."""
    if b"\0" in head:
        return None
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return None
    return None if any(one < " " and one not in "\t\n\r\f\x1b" for one in text) else text
