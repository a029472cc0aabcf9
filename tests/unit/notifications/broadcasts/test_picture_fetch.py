"""A picture from an address: fetched by a job, checked like an upload, and what was wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from notifications.models import Broadcast, Picture
from tests.support.cockpit import ADD, BASE, draft, filled, page_of, press, staff, work_off
from tests.support.http_peer import HttpPeer, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


@pytest.fixture
def peer(settings) -> Iterator[HttpPeer]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    peer = HttpPeer()
    with peer.running():
        yield peer


def png() -> bytes:
    made = BytesIO()
    Image.new("RGB", (30, 30), "teal").save(made, "PNG")
    return made.getvalue()


def test_it_is_fetched_once_and_kept_like_an_upload(sender, peer):
    peer.usual = Reply(200, {"Content-Type": "image/png"}, png())
    broadcast = draft(sender, picture_url=f"{peer.url}/tea.png")
    page = sender.get(page_of(broadcast)).content.decode()
    assert f"fetched from {peer.url}/tea.png" in page
    assert "has not been fetched" in press(sender, broadcast, "submit", people="1")
    work_off()
    broadcast.refresh_from_db()
    assert broadcast.image == Picture.objects.get().path
    assert broadcast.image in sender.get(page_of(broadcast)).content.decode()
    # Saved again with the same address, it stays; without it, it goes.
    address = f"{BASE}{broadcast.pk}/edit/"
    assert f'value="{peer.url}/tea.png"' in sender.get(address).content.decode()
    sender.post(address, filled(title="Coffee", picture_url=f"{peer.url}/tea.png", seen="0"))
    work_off()
    broadcast.refresh_from_db()
    assert (broadcast.title, bool(broadcast.image), len(peer.received)) == ("Coffee", True, 1)
    sender.post(address, filled(title="Coffee", seen="1"))
    broadcast.refresh_from_db()
    assert (broadcast.image, broadcast.image_url) == ("", "")
    assert "is on its way" in press(sender, broadcast, "submit", people="1")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(404), "answered 404"),
        (Reply(302, {"Location": "https://elsewhere.example/"}), "redirects are not followed"),
        (Reply(200, {}, b"<svg onload=alert(1)>"), "no picture that can be used"),
        (Reply(200, {}, b"\x89PNG" + b"x" * 3000), "at most 2,000 bytes"),
    ],
)
def test_what_was_wrong_is_said_and_tried_again_when_it_is_saved_again(sender, peer, settings, reply, says):
    settings.NOTIFICATIONS = {"max_picture_bytes": 2000}
    peer.replies = [reply]
    peer.usual = Reply(200, {}, png())
    broadcast = draft(sender, picture_url=f"{peer.url}/tea.png")
    work_off()
    broadcast.refresh_from_db()
    assert says in broadcast.image_error
    assert broadcast.image == ""
    assert says in sender.get(page_of(broadcast)).content.decode()
    assert "has not been fetched" in press(sender, broadcast, "submit", people="1")
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(picture_url=f"{peer.url}/tea.png", seen="0"))
    work_off()
    broadcast.refresh_from_db()
    assert (bool(broadcast.image), broadcast.image_error) == (True, "")


def test_nobody_answers(sender, settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    broadcast = draft(sender, picture_url="http://127.0.0.1:9/tea.png")
    work_off()
    broadcast.refresh_from_db()
    assert "No whole answer came" in broadcast.image_error


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://nobody.invalid/tea.png", "There is no host"),
        ("https://127.0.0.1/tea.png", "private or reserved network"),
        ("https://user:secret@127.0.0.1/", "no user name or password"),
        ("file:///etc/passwd", "https://"),
        ("https://169.254.169.254/latest/meta-data/", "private or reserved network"),
    ],
)
def test_an_address_that_must_not_be_reached_is_refused_at_the_form(sender, url, says):
    assert says in sender.post(ADD, filled(picture_url=url)).content.decode()
    assert not Broadcast.objects.exists()


def test_a_picture_that_the_draft_no_longer_wants_is_left_out(sender, peer):
    peer.usual = Reply(200, {}, png())
    broadcast = draft(sender, picture_url=f"{peer.url}/tea.png")
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(seen="0"))
    work_off()
    broadcast.refresh_from_db()
    assert (broadcast.image, broadcast.image_url) == ("", "")
