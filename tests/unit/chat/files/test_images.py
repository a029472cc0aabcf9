"""Images come out upright, without what cameras write into them, and within bounds (B69)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from chat.files import images
from chat.files.errors import ImageTooLarge, UnsupportedFile
from chat.files.images import Remade
from tests.support.uploads import animation, image, photograph, png_header

SIZES = {"small": 20, "large": 50}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


def made(source: Path, content: bytes, **options: Any) -> tuple[Remade, dict[str, Any]]:
    """What is said of it, and its files as open images."""
    source.write_bytes(content)
    with images.remade(source, **{"sizes": SIZES, **options}) as remade:
        names = [*remade.made, *(["original"] if options.get("original", True) else [])]
        return remade, {name: _opened(remade.directory / name) for name in names}


def _opened(path: Path) -> Any:
    """The image, and its bytes as `content`."""
    content = path.read_bytes()
    opened: Any = Image.open(io.BytesIO(content))
    opened.content = content
    return opened


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken(source: Path) -> None:
    content = photograph((60, 40), orientation=6)
    assert b"Secret Camera" in content
    remade, files = made(source, content)
    assert (remade.type, remade.width, remade.height) == ("image/jpeg", 40, 60)
    assert files["original"].size == (40, 60)
    # Its left half was the lower one.
    pixels = files["original"].convert("RGB")
    assert pixels.getpixel((4, 30))[2] > 200
    assert pixels.getpixel((36, 30))[0] > 200
    for file in files.values():
        assert not file.getexif()
        assert b"Secret" not in file.content


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_so_are_other_images_that_lie_on_their_side(source: Path, format: str) -> None:
    remade, files = made(source, photograph((60, 40), orientation=8, format=format))
    assert (remade.width, remade.height) == files["original"].size == (40, 60)
    assert (files["original"].format, dict(files["original"].getexif())) == (format, {})


def test_a_photograph_that_stands_upright_keeps_its_quality(source: Path) -> None:
    content = photograph(orientation=1)
    _, files = made(source, content)
    before = Image.open(io.BytesIO(content))
    assert files["original"].quantization == before.quantization
    assert b"Secret" not in files["original"].content


def test_nothing_that_is_no_part_of_the_picture_stays(source: Path) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "secret words")
    png = image("PNG", pnginfo=words) + b"<script>trailing</script>"
    webp = image("WEBP", xmp=b"<secret/>", exif=_exif())
    gif = animation(comment=b"secret words")
    jpeg = image("JPEG", comment=b"secret words") + b"trailing"
    for content in (png, webp, gif, jpeg):
        assert b"secret" in content
        _, files = made(source, content)
        kept = files["original"].content
        assert b"secret" not in kept
        assert b"trailing" not in kept
        files["original"].load()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = "secret camera"
    return exif


def test_smaller_ones_are_webp_and_none_is_larger_than_the_image(source: Path) -> None:
    remade, files = made(source, image("PNG", (100, 60)))
    assert remade.made == {"large": [50, 30], "small": [20, 12]}
    assert {name: (file.format, file.size) for name, file in files.items()} == {
        "original": ("PNG", (100, 60)),
        "large": ("WEBP", (50, 30)),
        "small": ("WEBP", (20, 12)),
    }
    assert made(source, image("PNG", (30, 10)))[0].made == {"small": [20, 7]}
    assert made(source, image("PNG", (20, 10)))[0].made == {}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_colours_has_smaller_ones(source: Path, mode: str) -> None:
    content = io.BytesIO()
    format = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new(mode, (60, 40)) if mode != "PA" else Image.new("RGBA", (60, 40)).convert("P")
    picture.save(content, format)
    _, files = made(source, content.getvalue())
    assert files["small"].size == (20, 13)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_what_moves_goes_on_moving(source: Path, format: str) -> None:
    remade, files = made(source, animation(5, (100, 60), format))
    assert (remade.animated, remade.made, remade.width) == (True, {}, 100)
    assert files["original"].n_frames == 5
    last = files["original"]
    last.seek(4)
    last.load()


def test_a_preview_is_always_made_anew_and_stands_still(source: Path) -> None:
    for content in (image("PNG", (10, 8)), animation(5, (10, 8))):
        remade, files = made(source, content, original=False, sizes={"small": 20})
        assert remade.made == {"small": [10, 8]}
        assert files["small"].format == "WEBP"


@pytest.mark.parametrize("size", [(65_535, 65_535), (65_535, 2_000)])
def test_a_header_that_promises_too_many_pixels_is_enough(source: Path, size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge) as caught:
        made(source, png_header(*size))
    assert caught.value.as_dict()["code"] == "image_too_large"


def test_the_frames_of_an_animation_count_together(source: Path, settings: Any) -> None:
    settings.CHAT = {"max_animation_pixels": 1000}
    made(source, animation(5, (20, 10)))
    with pytest.raises(ImageTooLarge):
        made(source, animation(6, (20, 10)))


def test_memory_and_time_are_bounded(source: Path, settings: Any) -> None:
    settings.CHAT = {"image_memory_bytes": 150_000_000}
    with pytest.raises(ImageTooLarge):
        made(source, image("PNG", (6000, 6000)))
    settings.CHAT = {"image_timeout_s": 0.01}
    with pytest.raises(ImageTooLarge, match="too long"):
        made(source, image("PNG"))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n<html>",
        image("PNG")[:-30],
        image("JPEG")[:200],
        b"GIF89a",
        b"\xff\xd8\xff\xe0<script>",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"<svg/>",
    ],
)
def test_a_broken_image_is_refused(source: Path, content: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        made(source, content)
