"""Pictures: made anew from what was uploaded, small, and nothing but pictures."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from notifications.errors import BadPicture
from notifications.models import Picture
from notifications.pictures import picture_store
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def a_picture(size: tuple[int, int] = (40, 20), form: str = "PNG", **options: object) -> BytesIO:
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, form, **options)
    return BytesIO(file.getvalue())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_stored_as_webp_whatever_it_was(form):
    picture = picture_store(a_picture(form=form), by=make_user())
    with Image.open(BytesIO(bytes(picture.content))) as stored:
        assert (stored.format, stored.size) == ("WEBP", (40, 20))


def test_the_same_picture_is_stored_once():
    user = make_user()
    assert picture_store(a_picture(), by=user) == picture_store(a_picture(), by=user)
    assert Picture.objects.count() == 1


def test_a_large_picture_is_scaled_down():
    picture = picture_store(a_picture((3000, 1500)), by=None)
    assert (picture.width, picture.height) == (1200, 600)


def test_what_a_camera_wrote_into_it_is_not_kept():
    exif = Image.Exif()
    exif[0x010E] = "in my garden"
    picture = picture_store(a_picture(form="JPEG", exif=exif), by=None)
    assert b"in my garden" not in bytes(picture.content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"%PDF-1.4",
        b"GIF89a" + b"\xff" * 10,
        a_picture().getvalue()[:60],
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(content):
    with pytest.raises(BadPicture):
        picture_store(BytesIO(content), by=None)
    assert not Picture.objects.exists()


def test_a_picture_of_too_many_bytes_or_pixels_is_refused(settings):
    settings.NOTIFICATIONS = {"max_picture_bytes": 100}
    with pytest.raises(BadPicture, match="at most 100 bytes"):
        picture_store(a_picture((400, 400), form="JPEG"), by=None)
    settings.NOTIFICATIONS = {"max_picture_pixels": 1_000_000}
    with pytest.raises(BadPicture, match="at most 1 million pixels"):
        picture_store(a_picture((2000, 2000)), by=None)


def test_it_is_served_to_whoever_has_its_address():
    picture = picture_store(a_picture(), by=None)
    answer = Client().get(picture.path)
    assert answer.content == bytes(picture.content)
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("key", ["0" * 64, "x", "%00", "..%2f..%2fetc"])
def test_an_address_that_names_no_picture_is_not_found(key):
    assert Client().get(f"/api/pictures/{key}.webp").status_code == 404
