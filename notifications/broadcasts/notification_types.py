"""The types of what administrators tell people outside the app. In the app a broadcast has lines of its own."""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy

from notifications.broadcasts.wording import CATEGORY
from notifications.models import Level
from notifications.types import category, notification_type
from realtime import Struct

MESSAGE, URGENT = "broadcast.message", "broadcast.urgent"

category(CATEGORY, label=gettext_lazy("Announcements"))


class Words(Struct, frozen=True):
    """One language's."""

    title: str
    text: str


class Said(Struct, frozen=True):
    """The words of a broadcast, and by language code those of its translations."""

    words: Words
    translations: dict[str, Words]

    @property
    def here(self) -> Words:
        """In the language that is active, where there is such a translation."""
        language = (get_language() or "").lower()
        return self.translations.get(language) or self.translations.get(
            language.partition("-")[0], self.words
        )


@notification_type(
    MESSAGE, title="{{ said.here.title }}", text="{{ said.here.text }}", link="{{ link }}", category=CATEGORY
)
@notification_type(
    URGENT,
    title="{{ said.here.title }}",
    text="{{ said.here.text }}",
    link="{{ link }}",
    category=CATEGORY,
    level=Level.CRITICAL,
    critical=True,
)
class BroadcastMessage(Struct, frozen=True):
    said: Said
    link: str
