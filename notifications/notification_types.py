"""What notifications themselves tell people: that a job of theirs has ended, what they wanted to be reminded of, and
what a feed answered.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.broadcasts import notification_types as _broadcasts  # noqa: F401  (registers itself)
from notifications.types import category, notification_type
from realtime import Struct

JOBS = category("jobs", label=gettext_lazy("Tasks"))
REMINDERS = category("reminders", label=gettext_lazy("Reminders"))
FEEDS = category("feeds", label=gettext_lazy("Other services"))


@notification_type(
    "notifications.job_done",
    category=JOBS,
    level="success",
    title=gettext_lazy("{{ label }}: done"),
    # xgettext:no-python-format
    text=gettext_lazy(
        "{{ message }}{% if has_file %} The file is kept until {{ kept_until|date:'j F Y' }}.{% endif %}"
    ),
    link="/#/jobs",
)
class JobDone(Struct, frozen=True):
    label: str
    message: str
    has_file: bool
    kept_until: datetime


@notification_type(
    "notifications.job_failed",
    category=JOBS,
    level="warning",
    title=gettext_lazy("{{ label }}: failed"),
    text="{{ error }}",
    link="/#/jobs",
)
class JobFailed(Struct, frozen=True):
    label: str
    error: str


@notification_type(
    "notifications.reminder",
    category=REMINDERS,
    title=gettext_lazy("Reminder: {{ title }}"),
    text="{{ note }}",
    link="{{ link }}",
)
class Reminded(Struct, frozen=True):
    title: str
    link: str
    note: str


@notification_type(
    "notifications.reminder_gone",
    category=REMINDERS,
    title=gettext_lazy("Reminder of something that is gone"),
    # xgettext:no-python-format
    text=gettext_lazy(
        "{% if note %}You noted: {{ note }}\n{% endif %}"
        "What you asked for on {{ asked_at|date:'j F Y' }} was deleted, or you may not see it any more."
    ),
)
class RemindedOfNothing(Struct, frozen=True):
    note: str
    asked_at: datetime


@notification_type(
    "notifications.feed", category=FEEDS, title="{{ title }}", text="{{ text }}", link="{{ link }}"
)
class FeedAnswer(Struct, frozen=True):
    title: str
    text: str
    link: str
