"""Which links a notification may carry: http, https, or a path of this site. Pure."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext


def check_link(link: str) -> None:
    """Raise ValidationError unless a browser that follows `link` stays with http(s) on a named host or this site."""
    if not link:
        return
    # Browsers drop control characters and read "\" as "/": both turn a harmless look into another address.
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in link) or "\\" in link:
        raise _refused(gettext("A link has no spaces, control characters or backslashes."))
    if link.startswith("/") and not link.startswith("//"):
        return
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme.lower() not in {"http", "https"}:
        raise _refused(gettext("This link cannot be used."))


def _refused(why: str) -> ValidationError:
    advice = gettext(
        "Use an address that starts with https:// or http://, or a path of this site that starts with /."
    )
    return ValidationError(f"{why} {advice}")
