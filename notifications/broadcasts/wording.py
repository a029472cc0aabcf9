"""The words of a broadcast as inboxes hold them: plain text and safe HTML of its Markdown, in each of its languages."""

from __future__ import annotations

from typing import Any

from notifications.conf import TEXT_MAX_CHARS
from notifications.markdown import to_html, to_plain
from notifications.models import Broadcast

# Of the types that carry broadcasts outside the app too: one choice for both.
CATEGORY = "broadcasts"


def line_content(broadcast: Broadcast) -> dict[str, Any]:
    """The columns of a `Line`."""
    return {
        "level": broadcast.level,
        "category": CATEGORY,
        "critical": broadcast.critical,
        "link": broadcast.link,
        "image": broadcast.image,
        **words(broadcast.title, broadcast.text),
        "translations": {
            code: words(said["title"], said["text"]) for code, said in broadcast.translations.items()
        },
    }


def words(title: str, text: str) -> dict[str, str]:
    """Title, plain text and HTML of one language."""
    return {"title": title, "text": to_plain(text)[:TEXT_MAX_CHARS], "html": to_html(text)}
