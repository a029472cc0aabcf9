"""What an author is notified of when a message could not be sent at its time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.types import notification_type
from realtime import Struct

NOT_SENT = "chat.schedule_failed"


@notification_type(
    NOT_SENT,
    # xgettext:no-python-format
    title=gettext_lazy("Your scheduled message was not sent"),
    text="{{ reason }}\n\n{{ text }}",
    link="/#/scheduled",
    category="scheduled_messages",
    level="warning",
    channels=("in_app", "web_push", "email"),
)
class NotSent(Struct, frozen=True):
    reason: str
    text: str  # the beginning of it; all of it is kept
