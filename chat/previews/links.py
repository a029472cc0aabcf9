"""The addresses in a text that a preview may be shown of. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from chat.mentions.names import without_code
from chat.models.previews import MAX_URL_CHARACTERS

_URL = re.compile(r"(?<![\w@])https?://[^\s<>\"`{}|\\^]+", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~"
_PAIRS = {")": "(", "]": "["}
# What an address may have as it is; the rest of a path or query is written as percent-encoded UTF-8.
_SAFE = "/%:@!$&'()*+,;=~-._?[]"


def links_in(text: str, limit: int) -> list[str]:
    """Up to `limit` different addresses, not in code, in the form in which they are asked for; without fragments."""
    if "://" not in text:
        return []
    found: dict[str, None] = {}
    for match in _URL.finditer(without_code(text)):
        url = _normal(_trimmed(match[0]))
        if url is not None:
            found[url] = None
            if len(found) == limit:
                break
    return list(found)


def _trimmed(url: str) -> str:
    """Without the punctuation that follows it in a sentence."""
    while url:
        last = url[-1]
        if last in _TRAILING or (last in _PAIRS and url.count(last) > url.count(_PAIRS[last])):
            url = url[:-1]
        else:
            break
    return url


def _normal(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if not host or parts.username is not None or parts.password is not None:
            return None
        name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    netloc = name if port is None else f"{name}:{port}"
    path, query = quote(parts.path or "/", safe=_SAFE), quote(parts.query, safe=_SAFE)
    normal = urlunsplit((parts.scheme.lower(), netloc, path, query, ""))
    return normal if len(normal) <= MAX_URL_CHARACTERS else None
