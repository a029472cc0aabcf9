"""Notification types: what an app may notify people of, declared once, in its own `notification_types.py`.

    @notification_type("shop.shipped", title="Order {{ number }} is on its way", link="/orders/{{ number }}")
    class Shipped(Struct, frozen=True):
        number: int

The class is the data of one notification, and what the texts may name. Texts are Django templates for plain text; given
as `gettext_lazy`, they are in each reader's language. A channel may have words of its own: `by_channel={"sms": …}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.utils import timezone, translation

from notifications.conf import CATEGORY_MAX_CHARS, LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.deliveries.rules import IN_APP
from notifications.errors import BadData, UnknownNotificationType
from notifications.links import check_link
from notifications.models import Level

T = TypeVar("T", bound=type[Any])

# Given the data and some users, those of them who are still to be told.
StillFor = Callable[[Any, Sequence[int]], Collection[int]]

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
_ENGINE = Engine(autoescape=False, builtins=["django.templatetags.i18n", "django.templatetags.l10n"])


class Grouping(StrEnum):
    """What becomes of a notification while an unread one of the same type and group is in the inbox."""

    NONE = "none"  # another line
    COUNT = "count"  # one line for both, which counts the people: "Ada and 3 others"
    LATEST = "latest"  # one line, which says the latest


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one line of an inbox."""

    title: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates of a type on one channel: strings, or `gettext_lazy` ones."""

    title: Any
    grouped_title: Any
    text: Any
    link: Any

    def rendered(self, context: Context, *, grouped: bool) -> Text:
        """Cut to what an inbox holds. A link that is not allowed is left out."""
        title = _compiled(str(self.grouped_title if grouped else self.title))
        return Text(
            _cut(" ".join(title.render(context).split()), TITLE_MAX_CHARS),
            _cut(_compiled(str(self.text)).render(context).strip(), TEXT_MAX_CHARS),
            _safe(_compiled(str(self.link)).render(context).strip()),
        )


@dataclass(frozen=True, slots=True)
class NotificationType:
    """One declared type. `title`, `grouped_title`, `text` and `link` are templates over the fields of `data`.

    They may also name `actor`, the display name of who caused it ("" for nobody), and `others` and `count`: how many
    other people, and how many notifications, the line stands for.
    """

    name: str
    data: type[Any]
    category: str
    level: str
    critical: bool
    mention: bool
    channels: tuple[str, ...]
    escalate: Mapping[str, timedelta]
    grouping: Grouping
    expires_after: timedelta | None
    still_for: StillFor | None
    open_to: StillFor | None
    wording: Wording
    by_channel: Mapping[str, Wording]

    def checked(self, data: Mapping[str, Any] | Any) -> Any:
        """`data` as an instance of the type's class. Raises BadData."""
        if isinstance(data, self.data):
            return data
        try:
            return msgspec.convert(data, self.data)
        except msgspec.ValidationError as error:
            raise BadData(f"The data of {self.name} does not fit: {error}.") from None

    def loaded(self, text: str) -> Any:
        """What `checked` returned, from the JSON it was stored as."""
        return msgspec.json.decode(text, type=self.data)

    def still_concerned(self, data: Any, user_ids: Sequence[int]) -> Sequence[int]:
        """Those of `user_ids` who are still to be told. Asked with their inboxes locked, and before each sending."""
        if self.still_for is None:
            return user_ids
        concerned = set(self.still_for(data, user_ids))
        return [user_id for user_id in user_ids if user_id in concerned]

    def may_know(self, data: Any, user_ids: Collection[int]) -> set[int]:
        """Those of `user_ids` who may know what it says now: others keep what they were told, or lose it."""
        return set(user_ids if self.open_to is None else self.open_to(data, list(user_ids)))

    def words(
        self,
        data: Any,
        *,
        actor: str,
        others: int = 0,
        count: int = 1,
        channel: str = IN_APP,
        language: str = "",
        zone: tzinfo | None = None,
    ) -> Text:
        """What a channel says of this data, in a language and a time zone; without them, in those of the site."""
        fields = {**msgspec.structs.asdict(data), "actor": actor, "others": others, "count": count}
        wording = self.by_channel.get(channel, self.wording)
        with translation.override(language or settings.LANGUAGE_CODE), timezone.override(zone):
            return wording.rendered(Context(fields, autoescape=False), grouped=others > 0)


_types: dict[str, NotificationType] = {}
_categories: dict[str, Any] = {}


def notification_type(
    name: str,
    *,
    title: Any,
    text: Any = "",
    link: Any = "",
    grouped_title: Any = None,
    by_channel: Mapping[str, Mapping[str, Any]] | None = None,
    category: str = "general",
    level: str = Level.INFO,
    critical: bool = False,
    mention: bool = False,
    channels: tuple[str, ...] = (IN_APP,),
    escalate: Mapping[str, timedelta] | None = None,
    grouping: Grouping = Grouping.NONE,
    expires_after: timedelta | None = None,
    still_for: StillFor | None = None,
    open_to: StillFor | None = None,
) -> Callable[[T], T]:
    """Registers a frozen Struct as the data of a notification type. Mistakes are found at start-up: ValueError.

    `channels` are those that tell it unless a person chooses otherwise; `escalate` says how long one of them waits
    for the app. A `mention` reaches who follows a room only for mentions; a `critical` one passes what people chose.
    `still_for(data, user_ids)` returns those who are still to be told, when it comes to it: who has read a message
    meanwhile, or lost access to it, is not. It may ask the database, a fixed number of queries.
    `open_to(data, user_ids)` likewise returns those who have access to it, read or not: what is told of anew, because
    it says something else by now, is told only to them.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a name of the form app.thing, in lower case.")
    if level not in Level.values:
        raise ValueError(f"{name}: the level {level!r} is none of {', '.join(Level.values)}.")
    if not 0 < len(category) <= CATEGORY_MAX_CHARS:
        raise ValueError(f"{name}: a category has 1 to {CATEGORY_MAX_CHARS} characters.")
    if strange := set(escalate or ()) - set(channels):
        raise ValueError(
            f"{name}: it escalates to {', '.join(sorted(strange))}, which are not of its channels."
        )
    usual = {"title": title, "grouped_title": grouped_title or title, "text": text, "link": link}
    own = {channel: _own_words(usual, words) for channel, words in (by_channel or {}).items()}

    def register(cls: T) -> T:
        declared = NotificationType(
            name=name,
            data=cls,
            category=category,
            level=level,
            critical=critical,
            mention=mention,
            channels=channels,
            escalate=MappingProxyType(dict(escalate or {})),
            grouping=grouping,
            expires_after=expires_after,
            still_for=still_for,
            open_to=open_to,
            wording=_wording(name, usual),
            by_channel=MappingProxyType({channel: _wording(name, words) for channel, words in own.items()}),
        )
        if _types.setdefault(name, declared).data is not cls:
            raise ValueError(f"The notification type {name!r} is registered twice: rename one of them.")
        return cls

    return register


def category(name: str, *, label: Any) -> str:
    """Says what people call a category, as a `gettext_lazy`; its name. Without, it is called by its name."""
    _categories[name] = label
    return name


def category_label(name: str) -> str:
    """What people call the category, in the language that is active."""
    return str(_categories.get(name) or name.replace("_", " ").capitalize())


def known_type(name: str) -> NotificationType:
    """The type of that name. Raises UnknownNotificationType."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownNotificationType(f"There is no notification type {name[:60]!r}.") from None


def all_types() -> list[NotificationType]:
    return sorted(_types.values(), key=lambda one: one.name)


def _own_words(usual: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """A channel's words, and the usual ones where it has none; its title is that of groups too, unless it has one."""
    grouped = {"grouped_title": words["title"]} if "title" in words else {}
    return {**usual, **grouped, **words}


def _wording(name: str, words: Mapping[str, Any]) -> Wording:
    for text in words.values():
        try:
            _compiled(str(text))
        except TemplateSyntaxError as error:
            raise ValueError(f"{name}: the template {str(text)!r} cannot be read: {error}") from error
    return Wording(**words)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Template:
    return Template(text, engine=_ENGINE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _safe(link: str) -> str:
    try:
        check_link(link)
    except ValidationError:
        return ""
    return link if len(link) <= LINK_MAX_CHARS else ""
