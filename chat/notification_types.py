"""What chat notifies people of: being mentioned, words of their own, and direct messages.

Who is told, and when, is in `telling`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy

from chat.conf import numbers
from chat.files.payloads import File, files_loaded
from chat.models import Member, Message, ThreadReader
from chat.richtext.rendering import plain
from notifications.types import Grouping, category, notification_type
from realtime import Struct

MENTION = "chat.mention"
DIRECT = "chat.direct"
KEYWORD = "chat.keyword"
MENTIONS = category("mentions", label=gettext_lazy("Mentions"))
DIRECT_MESSAGES = category("direct_messages", label=gettext_lazy("Direct messages"))

_CHANNELS = ("in_app", "web_push", "email")
# Who is at a screen sees it there first.
_ESCALATE = {"web_push": timedelta(seconds=20), "email": timedelta(minutes=10)}


def thread_group(root: int) -> str:
    """What belongs to one thread."""
    return f"thread:{root}"


def excerpt(message: Message) -> str:
    """The beginning of a message, in one line and without marks; the names of its files, where it says nothing else."""
    return beginning(message.text, files_loaded(message.files))


def beginning(text: str, files: Sequence[File]) -> str:
    """The same of what may become a message."""
    words = plain(text) or ", ".join(file.name for file in files)
    most = numbers().excerpt_chars
    return words if len(words) <= most else f"{words[: most - 1]}…"


def still_unread(data: Mentioned | DirectMessage | KeywordSaid, user_ids: Sequence[int]) -> Collection[int]:
    """Who is in the room still, and has not read up to the message. One query."""
    members = Member.objects.filter(room_id=data.room, user_id__in=user_ids)
    if isinstance(data, DirectMessage) or data.thread is None:
        waiting = members.filter(read_number__lt=data.number)
    else:
        marks = ThreadReader.objects.filter(thread_id=data.thread, user_id=OuterRef("user_id"))
        waiting = members.filter(~Exists(marks.filter(read_number__gte=data.number)))
    return set(waiting.values_list("user_id", flat=True))


class _OfRoom(Protocol):
    @property
    def room(self) -> int: ...


def members_now(data: _OfRoom, user_ids: Sequence[int]) -> Collection[int]:
    """Who is in the room now. One query."""
    members = Member.objects.filter(room_id=data.room, user_id__in=user_ids)
    return set(members.values_list("user_id", flat=True))


@notification_type(
    MENTION,
    # xgettext:no-python-format
    title=gettext_lazy(
        "{{ actor }} mentioned {% if everybody %}everybody{% else %}you{% endif %} in {{ room_name }}"
    ),
    grouped_title=gettext_lazy(
        "{{ actor }} and {{ others }} other{{ others|pluralize }} mentioned you in {{ room_name }}"
    ),
    text="{{ text }}",
    link="/#/room/{{ room }}/{% if thread %}thread/{{ thread }}/{% endif %}{{ number }}",
    category=MENTIONS,
    mention=True,
    channels=_CHANNELS,
    escalate=_ESCALATE,
    grouping=Grouping.COUNT,
    still_for=still_unread,
    open_to=members_now,
)
class Mentioned(Struct, frozen=True):
    room: int
    room_name: str
    number: int  # of the message in its room
    text: str  # the beginning of it
    everybody: bool  # by @room or @here
    thread: int | None = None  # the root of the thread that alone shows it


@notification_type(
    DIRECT,
    # xgettext:no-python-format
    title=gettext_lazy(
        "{{ actor }} wrote to you{% if also %} and {{ also }} other{{ also|pluralize }}{% endif %}"
    ),
    text="{{ text }}",
    link="/#/room/{{ room }}/{{ number }}",
    category=DIRECT_MESSAGES,
    mention=True,
    channels=_CHANNELS,
    escalate=_ESCALATE,
    grouping=Grouping.LATEST,
    still_for=still_unread,
    open_to=members_now,
)
class DirectMessage(Struct, frozen=True):
    room: int
    number: int
    text: str
    also: int  # how many others it was written to


@notification_type(
    KEYWORD,
    # xgettext:no-python-format
    title=gettext_lazy("{{ actor }} used one of your words in {{ room_name }}"),
    grouped_title=gettext_lazy(
        "{{ actor }} and {{ others }} other{{ others|pluralize }} used your words in {{ room_name }}"
    ),
    text="{{ text }}",
    link="/#/room/{{ room }}/{% if thread %}thread/{{ thread }}/{% endif %}{{ number }}",
    category="keywords",
    mention=True,
    channels=_CHANNELS,
    escalate=_ESCALATE,
    grouping=Grouping.COUNT,
    still_for=still_unread,
    open_to=members_now,
)
class KeywordSaid(Struct, frozen=True):
    room: int
    room_name: str
    number: int
    text: str
    thread: int | None = None  # the root of the thread that alone shows it
