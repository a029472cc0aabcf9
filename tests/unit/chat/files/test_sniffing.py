"""What a file is taken for, and what is refused: the table of docs/files.md (B68)."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from chat.files.errors import UnsupportedFile
from chat.files.sniffing import Found, sniffed
from tests.support.uploads import animation, image

EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 100
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 60
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2"
MP3 = b"\xff\xfb\x90\x64" + b"\0" * 100


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind", "type"),
    [
        (image("PNG"), "a.png", "image", "image/png"),
        (image("JPEG"), "a.JPG", "image", "image/jpeg"),
        (image("JPEG"), "a.png", "image", "image/jpeg"),
        (image("WEBP"), "a.webp", "image", "image/webp"),
        (animation(), "a.gif", "image", "image/gif"),
        (image("PNG"), "image.php.png", "image", "image/png"),
        (MP4, "a.mp4", "video", "video/mp4"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", "a.mov", "video", "video/quicktime"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "a.m4a", "audio", "audio/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "a.webm", "video", "video/webm"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis", "a.ogg", "audio", "audio/ogg"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x80theora", "a.ogv", "video", "video/ogg"),
        (b"ID3\x04\0\0", "a.mp3", "audio", "audio/mpeg"),
        (MP3, "a.mp3", "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\0\0", "a.aac", "audio", "audio/aac"),
        (b"RIFF\0\0\0\0WAVEfmt ", "a.wav", "audio", "audio/wav"),
        (b"fLaC\0\0\0\x22", "a.flac", "audio", "audio/flac"),
        (PDF, "a.pdf", "file", "application/pdf"),
        (b"hello", "a.txt", "file", "text/plain"),
        ("grüße".encode(), "a.md", "file", "text/plain"),
        (HTML, "page.html", "file", "text/html"),
        (SVG, "drawing.svg", "file", "image/svg+xml"),
        (b"MZ is where I live", "a.txt", "file", "text/plain"),
        (b"\xff\xfeh\0i\0", "a.txt", "file", None),
        (gzip.compress(b"x"), "a.tar.gz", "file", None),
        (zipped(), "a.docx", "file", None),
        (zipped(), "a.zip", "file", None),
        (b"\x01\x02\x03\x04", "a.bin", "file", None),
    ],
)
def test_a_file_is_what_is_in_it(content: bytes, name: str, kind: str, type: str | None) -> None:
    found = sniffed(content, name)
    assert found.kind == kind
    if type is not None:
        assert found == Found(kind, type)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.txt"),
        (EXE, "setup.exe"),
        (EXE, "holiday.jpg"),
        (EXE, "letter"),
        (ELF, "a.out"),
        (b"\xca\xfe\xba\xbe\0\0", "a.class"),
        (b"@echo off", "run.bat"),
        (b"WScript.Echo 1", "photo.jpg.vbs"),
        (image(), "holiday.png.exe"),
        (image(), "holiday.scr"),
        (HTML, "page.png"),
        (SVG, "drawing.png"),
        (b"GIF", "a.gif"),
        (PDF, "a.png"),
        (MP4, "a.jpg"),
        (b"hello", "song.mp3"),
        (HTML, "film.mp4"),
        (b"hello", "a.pdf"),
        (HTML, "a.docx"),
        (PDF, "a.zip"),
        (b"hello", "a.7z"),
    ],
)
def test_what_promises_something_else_or_runs_is_refused_with_what_is_allowed(
    content: bytes, name: str
) -> None:
    with pytest.raises(UnsupportedFile) as caught:
        sniffed(content, name)
    assert caught.value.as_dict()["code"] == "unsupported_file"
    assert "PNG" in caught.value.data["allowed"]
