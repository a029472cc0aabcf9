"""A program that makes one image harmless, run for each image: what a file does to it costs nobody else anything.

    image_worker.py '{"source": …, "directory": …, "sizes": {"small": 480}, "original": true, …}'

It limits its own memory and time, and prints what it found and made as one line of JSON. The image comes out upright,
without what cameras write into it (place, time, device) and without anything that is no part of the picture. Knows
Pillow and nothing of the project.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 82  # of the smaller ones
TURNED_QUALITY = 92
_ORIENTATION = 0x0112

_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
_WEBP_EXIF_AND_XMP = 0x0C
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class Bad(Exception):
    """Not an image, or a broken one."""


class TooLarge(Exception):
    """More pixels than allowed; the message is what it has."""


def main() -> None:
    order = json.loads(sys.argv[1])
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_s"], order["cpu_s"]))
    Image.MAX_IMAGE_PIXELS = order["max_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        answer = _remade(order)
    except (TooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        answer = {"error": "too_large", "message": str(error)}
    except (Bad, OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error, KeyError) as error:
        answer = {"error": "bad", "message": str(error)}
    sys.stdout.write(json.dumps(answer))


def _remade(order: dict[str, Any]) -> dict[str, Any]:
    with Image.open(order["source"], formats=FORMATS) as image:
        # A photograph with another one inside, such as those of phones, shows its first.
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        pixels = image.width * image.height
        if pixels > order["max_pixels"] or pixels * frames > order["max_animation_pixels"]:
            raise TooLarge(f"{image.width}×{image.height}" + (f", {frames} times" if frames > 1 else ""))
        type = Image.MIME["JPEG" if image.format == "MPO" else image.format or ""]
        image.seek(0)
        image.load()
        turned = image.getexif().get(_ORIENTATION, 1) in range(2, 9) and frames == 1
        upright = ImageOps.exif_transpose(image) if turned else image
        directory = Path(order["directory"])
        if order["original"]:
            _write_original(image, upright, Path(order["source"]), directory / "original", turned)
        made = {}
        if frames == 1 or not order["original"]:
            made = _write_smaller(upright, directory, order["sizes"], order["original"])
        return {
            "type": type,
            "width": upright.width,
            "height": upright.height,
            "animated": frames > 1,
            "made": made,
        }


def _write_original(image: Any, upright: Any, source: Path, target: Path, turned: bool) -> None:
    """Without a loss where that can be: of PNG, WebP and GIF the parts that make up the picture are copied."""
    profile = {"icc_profile": image.info["icc_profile"]} if image.info.get("icc_profile") else {}
    if image.format in {"JPEG", "MPO"}:
        quality = "keep" if image.format == "JPEG" and not turned else TURNED_QUALITY
        upright.save(target, "JPEG", quality=quality, comment=b"", xmp=b"", exif=b"", **profile)
    elif turned:
        options = {"quality": TURNED_QUALITY} if image.format == "WEBP" else {}
        upright.save(target, image.format, exif=b"", **options, **profile)
    else:
        strip = {"PNG": _png, "WEBP": _webp, "GIF": _gif}[image.format]
        target.write_bytes(strip(source.read_bytes()))


def _write_smaller(
    upright: Any, directory: Path, sizes: dict[str, int], original: bool
) -> dict[str, tuple[int, int]]:
    """What each measures. The largest first, each from the one before.

    Beside an original there are only those that are smaller.
    """
    made = {}
    shown = upright
    for name, edge in sorted(sizes.items(), key=lambda size: -size[1]):
        if original and max(upright.size) <= edge:
            continue
        if shown is upright:
            shown = upright.copy()
        shown.thumbnail((edge, edge), reducing_gap=2.0)
        if shown.mode not in {"RGB", "RGBA"}:
            with_alpha = "A" in shown.mode or "transparency" in shown.info
            shown = shown.convert("RGBA" if with_alpha else "RGB")
        profile = upright.info.get("icc_profile") if upright.mode in {"RGB", "RGBA"} else None
        options = {"icc_profile": profile} if profile else {}
        shown.save(directory / name, "WEBP", quality=QUALITY, exif=b"", xmp=b"", **options)
        made[name] = shown.size
    return made


def _png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in _PNG_KEPT:
            kept.append(data[at : at + length + 12])
        at += length + 12
        if kind == b"IEND":
            return b"".join(kept)
    raise Bad("the PNG has no end")


def _webp(data: bytes) -> bytes:
    kept, at = [], 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        chunk = bytearray(data[at : at + 8 + length + length % 2])
        if kind == b"VP8X":
            chunk[8] &= ~_WEBP_EXIF_AND_XMP
        if kind in _WEBP_KEPT:
            kept.append(bytes(chunk))
        at += 8 + length + length % 2
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _gif(data: bytes) -> bytes:
    """One that ends too early, as many do, gets its end."""
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    try:
        while data[at] != 0x3B:
            begin, keep = at, True
            if data[at] == 0x21:
                keep = data[at + 1] == 0xF9 or (data[at + 1] == 0xFF and data[at + 3 : at + 14] in _LOOPS)
                at = _after_blocks(data, at + 2)
            elif data[at] == 0x2C:
                at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            else:
                break
            if keep:
                kept.append(data[begin:at])
    except IndexError:
        pass
    return b"".join([*kept, b";"])


def _colours(flags: int) -> int:
    """How many bytes the table of colours takes."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


if __name__ == "__main__":
    main()
