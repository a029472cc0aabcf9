"""Gets the page behind an address, and what it says of itself: nothing of it leaves here but plain text and an image
that we made anew.

Each request goes through the guard of `notifications.channels.outbound`, redirects and images too: only to public
addresses, connected to the one that was checked, in bounded time and size.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from selectolax.lexbor import LexborHTMLParser

from accounts.names import MAX_MARKS_IN_A_ROW, longest_run_of_marks, without_invisible
from chat.conf import numbers
from chat.files import images, storing
from chat.files.errors import ImagesWaiting, ImageTooLarge, UnsupportedFile
from chat.models.previews import MAX_DESCRIPTION_CHARACTERS, MAX_SITE_CHARACTERS, MAX_TITLE_CHARACTERS
from notifications.channels.outbound import Answer, Unreachable, get_from_web
from notifications.errors import BadEndpoint, UnknownHost

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([a-zA-Z0-9_-]{1,40})", re.IGNORECASE)
_MIN_IMAGE_PX = 40


class TryLater(Exception):
    """Nobody answered, or the other side asked for patience."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in our storage, as WebP."""

    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    title: str
    description: str
    site: str
    image: Picture | None


def page_at(url: str) -> Page | None:
    """None where there is nothing to show. Raises TryLater."""
    answer, url = _followed(
        url, "text/html,application/xhtml+xml;q=0.9,image/*;q=0.5", numbers().max_page_bytes
    )
    if answer is None:
        return None
    kind = _type_of(answer)
    if kind.startswith("image/"):
        name = plain(unquote(urlsplit(url).path.rpartition("/")[2]), MAX_TITLE_CHARACTERS)
        image = picture_at(url)
        return Page(name or _host(url), "", _host(url), image) if image else None
    return page_in(answer, url) if kind in _PAGES else None


def page_in(answer: Answer, url: str) -> Page | None:
    """What the page at `url` says; None without a title. Its image is fetched too."""
    tree = LexborHTMLParser(_decoded(answer))
    said: dict[str, str] = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or "").lower()
        said.setdefault(name, attributes.get("content") or "")
    title_node = tree.css_first("head title")
    titles = (said.get("og:title"), said.get("twitter:title"), title_node.text() if title_node else "")
    title = next((text for one in titles if (text := plain(one or "", MAX_TITLE_CHARACTERS))), "")
    if not title:
        return None
    description = (
        said.get("og:description") or said.get("twitter:description") or said.get("description") or ""
    )
    address = said.get("og:image:secure_url") or said.get("og:image") or said.get("twitter:image") or ""
    return Page(
        title,
        plain(description, MAX_DESCRIPTION_CHARACTERS),
        plain(said.get("og:site_name", ""), MAX_SITE_CHARACTERS) or _host(url),
        picture_at(urljoin(url, address.strip())) if address.strip() else None,
    )


def picture_at(url: str) -> Picture | None:
    """Our own copy of an image; None where it is none, or too large. A preview does without rather than fail."""
    most = numbers().max_preview_image_bytes
    try:
        answer, _ = _followed(url, "image/webp,image/png,image/jpeg,image/gif", most)
    except TryLater:
        return None
    if answer is None or len(answer.body) >= most:
        return None
    with NamedTemporaryFile(prefix="preview-") as file:
        file.write(answer.body)
        file.flush()
        sizes = {"small": numbers().preview_image_px}
        try:
            with images.remade(Path(file.name), sizes=sizes, original=False) as image:
                width, height = image.made["small"]
                if min(image.width, image.height) < _MIN_IMAGE_PX:
                    return None
                key = storing.new_key()
                storing.store(key, image.directory / "small")
                return Picture(key, width, height)
        except (UnsupportedFile, ImageTooLarge, ImagesWaiting):
            return None


def plain(text: str, most: int) -> str:
    """One line of text without anything that hides, turns or piles up."""
    text = without_invisible(text[: 4 * most])
    if longest_run_of_marks(text) > MAX_MARKS_IN_A_ROW:
        return ""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _followed(url: str, accept: str, max_bytes: int) -> tuple[Answer | None, str]:
    """The answer at the end of all redirects and where it came from; None where there is none to use."""
    for _ in range(numbers().preview_redirects + 1):
        try:
            answer = get_from_web(
                url, _headers(accept), max_bytes=max_bytes, timeout_s=numbers().preview_timeout_s
            )
        except (Unreachable, UnknownHost) as error:
            raise TryLater(str(error)) from error
        except BadEndpoint:
            return None, url
        if answer.status in _LATER:
            raise TryLater(f"answered {answer.status}")
        location = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not location:
            usable = answer.status == 200 and answer.headers.get("content-encoding", "identity") == "identity"
            return answer if usable else None, url
        url = urljoin(url, location.strip()).partition("#")[0]
    return None, url


def _headers(accept: str) -> Mapping[str, str]:
    return {
        # Who asks, why, and where to complain: what robots are expected to say.
        "User-Agent": f"Mozilla/5.0 (compatible; CarillonBot/1.0; link previews; +{settings.SITE_URL})",
        "Accept": accept,
        "Accept-Encoding": "identity",
        "Accept-Language": "en,*;q=0.5",
    }


def _type_of(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _decoded(answer: Answer) -> str:
    """By the header, else by what the page says near its beginning, else as UTF-8."""
    _, _, named = answer.headers.get("content-type", "").lower().partition("charset=")
    found = _CHARSET.search(answer.body[:4096])
    for charset in (named.strip(" \"';"), found[1].decode("ascii") if found else ""):
        try:
            # Codecs such as zip or hex are none of text.
            if charset and codecs.lookup(charset)._is_text_encoding:
                return answer.body.decode(charset, "replace")
        except LookupError:
            continue
    return answer.body.decode("utf-8", "replace")


def _host(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    try:
        return host.encode("ascii").decode("idna")[:MAX_SITE_CHARACTERS]
    except UnicodeError:
        return host[:MAX_SITE_CHARACTERS]
