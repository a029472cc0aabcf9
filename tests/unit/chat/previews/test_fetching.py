"""Pages are fetched within bounds and through the guard, and nothing of them comes in but plain text and our image."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import storages
from PIL import Image

from chat.files import storing
from chat.previews.fetching import Page, TryLater, page_at
from tests.support.uploads import animation, image, photograph, png_header
from tests.support.web_pages import WebPages

ARTICLE = """<!doctype html><html><head><title>Plain title</title>
<meta property="og:title" content="A &quot;title&quot; &amp; more">
<meta property="og:description" content="What  it\nis about">
<meta property="og:site_name" content="The Site">
<meta property="og:image" content="/picture.jpg">
</head><body><h1>Something else</h1></body></html>"""


def stored(page: Page | None) -> Any:
    """Its image, opened."""
    assert page is not None
    assert page.image is not None
    with storages["files"].open(storing.path_of(page.image.key)) as content:
        return Image.open(io.BytesIO(content.read()))


def test_a_page_says_what_it_is_and_its_image_becomes_ours(web: WebPages) -> None:
    web.page("/picture.jpg", photograph((900, 600), orientation=1), type="image/jpeg")
    page = page_at(web.page("/article", ARTICLE))
    assert page is not None
    assert (page.title, page.description, page.site) == ('A "title" & more', "What it is about", "The Site")
    shown = stored(page)
    assert (shown.format, shown.size) == ("WEBP", (480, 320))
    assert page.image is not None
    assert (page.image.width, page.image.height) == (480, 320)
    assert not shown.getexif()


def test_we_say_who_we_are_and_why_we_ask(web: WebPages, settings: Any) -> None:
    settings.SITE_URL = "https://chat.example"
    page_at(web.page("/article", ARTICLE))
    (asked,) = [request for request in web.asked if request.path == "/article"]
    assert asked.headers["user-agent"] == (
        "Mozilla/5.0 (compatible; CarillonBot/1.0; link previews; +https://chat.example)"
    )
    assert asked.headers["accept-encoding"] == "identity"
    assert "cookie" not in asked.headers
    assert "referer" not in asked.headers


@pytest.mark.parametrize(
    ("html", "title", "description"),
    [
        ("<title>Only a title</title>", "Only a title", ""),
        ("<title>a</title><meta name=description content=b>", "a", "b"),
        ('<meta name="twitter:title" content="t"><meta name="twitter:description" content="d">', "t", "d"),
        ('<meta property="og:title" content=" "><title>second</title>', "second", ""),
        ("<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>", "<script>alert(1)</script>", ""),
        ("<title>turned\u202e round\u200b</title>", "turned round", ""),
        ("<title>" + "x" * 1000 + "</title>", "x" * 199 + "…", ""),
        ("<title>unclosed", "unclosed", ""),
    ],
)
def test_what_it_says_is_plain_text_of_one_line(
    web: WebPages, html: str, title: str, description: str
) -> None:
    page = page_at(web.page("/p", html))
    assert page is not None
    assert (page.title, page.description, page.site) == (title, description, "127.0.0.1")


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ("<title>grüße</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ("<meta charset=iso-8859-1><title>grüße</title>".encode("latin-1"), "text/html"),
        ("<title>grüße</title>".encode(), "text/html"),
        ("<title>grüße</title>".encode(), "text/html; charset=zip_codec"),
        ("<title>grüße</title>".encode(), "text/html; charset=no-such-thing"),
    ],
)
def test_it_is_read_in_its_own_letters(web: WebPages, body: bytes, type: str) -> None:
    page = page_at(web.page("/p", body, type=type))
    assert page is not None
    assert page.title == "grüße"


@pytest.mark.parametrize(
    ("html", "type", "status"),
    [
        ("", "text/html", 200),
        ("<h1>no title</h1>", "text/html", 200),
        ("<title>x</title>", "text/html", 404),
        ("<title>x</title>", "text/html", 403),
        ("<title>x</title>", "application/pdf", 200),
        ("<title>x</title>", "text/plain", 200),
        ("<title>x</title>", "", 200),
    ],
)
def test_of_anything_else_there_is_nothing_to_show(web: WebPages, html: str, type: str, status: int) -> None:
    assert page_at(web.page("/p", html, type=type, status=status)) is None


def test_a_link_to_an_image_shows_the_image(web: WebPages) -> None:
    page = page_at(web.page("/My%20cat.png", image("PNG", (900, 600)), type="image/png"))
    assert page is not None
    assert (page.title, stored(page).size) == ("My cat.png", (480, 320))
    assert page_at(web.page("/broken.png", b"<script>", type="image/png")) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<svg/>",
        b"<html>",
        png_header(65_535, 65_535),
        image("PNG", (20, 20)),
        image("PNG", (900, 600))[:-40],
    ],
)
def test_without_a_good_image_a_preview_is_just_its_text(web: WebPages, content: bytes) -> None:
    web.page("/picture.jpg", content, type="image/png")
    page = page_at(web.page("/article", ARTICLE))
    assert page is not None
    assert page.image is None


def test_an_image_that_moves_stands_still_in_a_preview(web: WebPages) -> None:
    web.page("/picture.jpg", animation(5, (100, 60)), type="image/gif")
    assert getattr(stored(page_at(web.page("/article", ARTICLE))), "n_frames", 1) == 1


def test_redirects_are_followed_a_few_times(web: WebPages) -> None:
    web.page("/end", "<title>The end</title>")
    web.redirect("/b", "/end#part", status=301)
    page = page_at(web.redirect("/a", "/b"))
    assert page is not None
    assert page.title == "The end"
    assert page_at(web.redirect("/round", "/round")) is None
    assert web.paths.count("/round") == 5


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::1]/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://ada@127.0.0.1/",
    ],
)
def test_no_redirect_and_no_image_leads_into_a_private_network(
    web: WebPages, settings: Any, target: str
) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    assert page_at(web.redirect("/a", target)) is None
    assert web.paths == ["/a"]
    page = page_at(web.page("/article", ARTICLE.replace("/picture.jpg", target)))
    assert page is not None
    assert page.image is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://192.168.0.1/", "http://[fd00::1]/", "https://0/"]
)
def test_private_addresses_are_not_asked(url: str) -> None:
    assert page_at(url) is None


def test_only_the_ports_of_the_web_are_asked_in_public() -> None:
    assert page_at("http://93.184.216.34:6379/") is None


def test_so_much_of_a_page_is_read_and_no_more(web: WebPages, settings: Any) -> None:
    settings.CHAT = {"max_page_bytes": 2000}
    head = "<title>Early</title>"
    page = page_at(web.page("/long", head + "x" * 5_000_000))
    assert page is not None
    assert page.title == "Early"
    assert page_at(web.page("/late", "x" * 5000 + head)) is None


def test_an_image_over_the_limit_is_left_out(web: WebPages, settings: Any) -> None:
    web.page("/picture.jpg", image("PNG", (100, 100)), type="image/png")
    settings.CHAT = {"max_preview_image_bytes": 50}
    page = page_at(web.page("/article", ARTICLE))
    assert page is not None
    assert page.image is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_who_asks_for_patience_is_asked_again(web: WebPages, status: int) -> None:
    with pytest.raises(TryLater):
        page_at(web.page("/p", "", status=status))


def test_so_is_who_does_not_answer(web: WebPages) -> None:
    with pytest.raises(TryLater):
        page_at("http://127.0.0.1:1/")
    with pytest.raises(TryLater):
        page_at("https://no-such-host.invalid/")
