"""What the scripts of the administrators' pages say, in the language that is active: one JSON element of each page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from notifications.broadcasts.sending import FAILURES
from notifications.deliveries.rules import Why
from notifications.deliveries.why import in_short
from notifications.models import Status


def when_words() -> dict[str, str]:
    """Of the time part of a form."""
    return {
        "first_day": gettext("First day:"),
        "fill_in": gettext("Fill in the fields above to see the times."),
        "no_times": gettext("The times cannot be shown now; they are checked when you go on."),
    }


def form_words() -> dict[str, str]:
    """Of the whole form."""
    return {
        **when_words(),
        "file": gettext("How many people the file names is shown on the next page."),
        "no_count": gettext("How many people this reaches is shown on the next page."),
    }


def progress_words() -> dict[str, Any]:
    """Of the page of a broadcast on its way: events say the same to everybody, in no language."""
    return {
        "status": {status.value: str(status.label) for status in Status},
        "live": {
            "connecting": gettext("Connecting…"),
            "live": gettext("Live: this page follows the sending."),
            "polling": gettext("No live connection: this page asks every 2 seconds."),
            "stopped": gettext("Live updates have ended."),
        },
        "count": gettext("%(done)s of %(total)s"),
        "why": {why.value: in_short(why) for why in Why},
        "failures": {failure: gettext(failure) for failure in FAILURES},
        "all_stopped": gettext("All sending is stopped: “%(reason)s”"),
    }
