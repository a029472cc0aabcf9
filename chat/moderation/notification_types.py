"""What keeping order notifies people of: moderators of reports, reporters of what came of theirs, and who is warned."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.types import Grouping, notification_type
from realtime import Struct

REPORT = "chat.report"
OUTCOME = "chat.report_outcome"
WARNING = "chat.warning"

_CHANNELS = ("in_app", "web_push", "email")


@notification_type(
    REPORT,
    # xgettext:no-python-format
    title=gettext_lazy("Reported{% if room_name %} in {{ room_name }}{% endif %}: {{ person }}"),
    grouped_title=gettext_lazy("{{ count }} reports{% if room_name %} in {{ room_name }}{% endif %}"),
    text="{{ text }}",
    link="/#/moderation/{{ report }}",
    category="moderation",
    level="warning",
    channels=_CHANNELS,
    grouping=Grouping.COUNT,
)
class Reported(Struct, frozen=True):
    report: int
    room_name: str
    person: str
    text: str  # what its reporter wrote


@notification_type(
    OUTCOME,
    # xgettext:no-python-format
    title=gettext_lazy(
        "Your report about {{ person }} was looked at: "
        "{% if acted %}something was done{% else %}nothing was done{% endif %}"
    ),
    text="{{ note }}",
    category="moderation",
    channels=("in_app",),
)
class Outcome(Struct, frozen=True):
    person: str
    acted: bool
    note: str  # from the moderator


@notification_type(
    WARNING,
    # xgettext:no-python-format
    title=gettext_lazy("A warning from the moderators{% if room_name %} of {{ room_name }}{% endif %}"),
    text="{{ reason }}",
    category="moderation",
    level="warning",
    critical=True,
    channels=_CHANNELS,
)
class Warned(Struct, frozen=True):
    room_name: str
    reason: str
