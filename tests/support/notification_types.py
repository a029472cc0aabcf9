"""Notification types that only tests use: of each grouping, critical, escalating, expiring, with words per channel."""

from datetime import timedelta

from django.utils.translation import gettext_lazy

from notifications.types import Grouping, notification_type
from realtime import Struct
from tests.support import recorder  # noqa: F401  (registers the channels that some of them use)


@notification_type(
    "testing.shipped",
    category="orders",
    level="success",
    title="Order {{ number }} is on its way{% if actor %}, says {{ actor }}{% endif %}",
    text="{{ note }}",
    link="/orders/{{ number }}",
)
class Shipped(Struct, frozen=True):
    number: int
    note: str = ""


@notification_type(
    "testing.liked",
    title="{{ actor }} likes {{ what }}",
    grouped_title="{{ actor }} and {{ others }} other{{ others|pluralize }} like {{ what }}",
    grouping=Grouping.COUNT,
)
class Liked(Struct, frozen=True):
    what: str


@notification_type("testing.build", title="Build {{ state }}", grouping=Grouping.LATEST)
class Build(Struct, frozen=True):
    state: str


@notification_type("testing.offer", title="Only today", expires_after=timedelta(hours=1), link="{{ link }}")
class Offer(Struct, frozen=True):
    link: str = ""


@notification_type(
    "testing.called",
    category="calls",
    channels=("in_app", "recorder"),
    mention=True,
    title="{{ actor }} calls",
    text="Line {{ line }}",
    link="/calls/{{ line }}",
    by_channel={"recorder": {"title": "Call from {{ actor }}", "text": ""}},
)
class Called(Struct, frozen=True):
    line: int = 1


@notification_type(
    "testing.alarm", category="alarms", critical=True, channels=("in_app", "recorder"), title="Fire"
)
class Alarm(Struct, frozen=True):
    pass


@notification_type(
    "testing.reply",
    category="replies",
    channels=("in_app", "recorder", "letters"),
    escalate={"recorder": timedelta(minutes=10)},
    grouping=Grouping.LATEST,
    title=gettext_lazy("Yes"),
    text="{{ text }}",
)
class Reply(Struct, frozen=True):
    text: str = ""


@notification_type(
    "testing.parcel",
    category="parcels",
    channels=("in_app", "email", "web_push"),
    title="Your parcel is at {{ where }}",
    text="Fetch it until Friday.",
    link="/rooms/1",
)
class Parcel(Struct, frozen=True):
    where: str
