"""Which feeds there are: the setting NOTIFICATION_FEEDS, a list of what `Feed` describes.

    {"name": "status", "url": "https://status.example.com/api", "to": "everybody", "every_s": 3600,
     "title": "{% if answer.down %}{{ answer.down|length }} services are down{% endif %}",
     "text": "{{ answer.down|join:', ' }}", "key": "{{ answer.incident }}"}

`title`, `text`, `link` and `key` are Django templates over `answer`, the decoded JSON. An empty title tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.template import Context, Engine, Template, TemplateSyntaxError
from msgspec import Meta

from notifications.audiences import Audience, audience_kind
from realtime import Struct

_ENGINE = Engine(autoescape=False)
_TO = re.compile(r"([a-z_]+)(?::([0-9]{1,18}(?:,[0-9]{1,18})*))?\Z")


class BadFeed(Exception):
    """The setting cannot be used; the message says which feed, and why."""


class Feed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address that is asked once in each window of `every_s` seconds.

    `to` is `everybody`, `group:3`, `room:7`, another audience by its kind and number, or `users:1,2`. Answers whose
    `key` was told before are not told again; without one, each window is. `headers` may carry what the other side
    wants to know us by.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    url: Annotated[str, Meta(max_length=1000)]
    to: str
    title: str
    text: str = ""
    link: str = ""
    key: str = ""
    every_s: Annotated[int, Meta(ge=60, le=7 * 86_400)] = 3600
    headers: Mapping[str, str] = {}

    def window_at(self, now: datetime) -> datetime:
        """When the window began that `now` lies in; the same for everybody who asks."""
        return datetime.fromtimestamp(now.timestamp() // self.every_s * self.every_s, UTC)

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self.every_s)

    def words(self, answer: Any) -> dict[str, str]:
        """What the answer says: `title`, `text`, `link` and `key`."""
        context = Context({"answer": answer}, autoescape=False)
        sources = {"title": self.title, "text": self.text, "link": self.link, "key": self.key}
        return {name: _template(source).render(context).strip() for name, source in sources.items()}

    def audience(self) -> Audience:
        """Raises BadFeed."""
        found = _TO.match(self.to)
        if found is None:
            raise BadFeed(
                f"{self.name}: `to` is {self.to!r}; expected everybody, group:3, room:7 or users:1,2."
            )
        kind, numbers = found[1], [int(number) for number in (found[2] or "").split(",") if number]
        if kind == "users":
            if not numbers:
                raise BadFeed(f"{self.name}: `to` names no user; expected users: and their ids.")
            return Audience(kind=kind, user_ids=tuple(numbers))
        if audience_kind(kind) is None or len(numbers) > 1:
            raise BadFeed(f"{self.name}: there is no audience {self.to!r}.")
        return Audience(kind=kind, key=numbers[0] if numbers else None)


def feeds() -> list[Feed]:
    """Those that are configured. Raises BadFeed."""
    try:
        found = msgspec.convert(settings.NOTIFICATION_FEEDS, list[Feed])
    except msgspec.ValidationError as error:
        raise BadFeed(f"NOTIFICATION_FEEDS: {error}") from None
    names = [feed.name for feed in found]
    if len(set(names)) != len(names):
        raise BadFeed("NOTIFICATION_FEEDS: two feeds have the same name.")
    return found


def check_feeds() -> None:
    """Raises BadFeed for what would fail at the first call only. Asks no database and no network."""
    for feed in feeds():
        feed.audience()
        for source in (feed.title, feed.text, feed.link, feed.key):
            try:
                _template(source)
            except TemplateSyntaxError as error:
                raise BadFeed(f"{feed.name}: the template {source!r} cannot be read: {error}") from None


@cache
def _template(source: str) -> Template:
    return Template(source, engine=_ENGINE)
