"""A broadcast on its way, and afterwards: live progress and figures, what may be done about it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.views.decorators.csrf import csrf_protect

from notifications.admin.pages import CockpitPages, found_or_404, only_post
from notifications.broadcasts.audit import record
from notifications.broadcasts.calendar import table
from notifications.broadcasts.figures import began_at, marks_over_time
from notifications.broadcasts.history import history
from notifications.broadcasts.plots import curves
from notifications.broadcasts.progress import UNTOUCHED, progress
from notifications.broadcasts.retry import broadcast_retry
from notifications.broadcasts.script_words import progress_words
from notifications.broadcasts.steering import (
    broadcast_cancel,
    broadcast_pause,
    broadcast_recall,
    broadcast_resume,
)
from notifications.broadcasts.timing import due_text
from notifications.broadcasts.watching import watch
from notifications.broadcasts.wording import words
from notifications.deliveries.why import in_short
from notifications.events import ChannelFigures
from notifications.models import Broadcast, Status
from notifications.policies import may_cancel, may_send, may_view
from notifications.stop import current_stop
from realtime import positions

# What the buttons under a broadcast do, what is written down, and what is said then. The history names those refused.
ACTIONS: dict[str, tuple[Callable[[int], Any], str, Any]] = {
    gettext_noop("cancel"): (
        broadcast_cancel,
        gettext_noop("cancelled it"),
        gettext_lazy("The broadcast is cancelled. Who has got it keeps it, nobody else gets it."),
    ),
    gettext_noop("pause"): (
        broadcast_pause,
        gettext_noop("paused it"),
        gettext_lazy("The broadcast is paused. Who has got it keeps it."),
    ),
    gettext_noop("resume"): (
        broadcast_resume,
        gettext_noop("resumed it"),
        gettext_lazy("The broadcast goes on from where it was paused."),
    ),
    gettext_noop("recall"): (
        broadcast_recall,
        gettext_noop("recalled it"),
        gettext_lazy("The broadcast is recalled: it leaves screens and inboxes."),
    ),
    gettext_noop("retry"): (
        broadcast_retry,
        gettext_noop("retried what had failed"),
        gettext_lazy("What had failed is tried again."),
    ),
}
_SERIES = {
    "seen": gettext_noop("Seen"),
    "read": gettext_noop("Read"),
    "clicked": gettext_noop("Link followed"),
    "delivered": gettext_noop("Delivered"),
}


class WatchPages(CockpitPages):
    def watch_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/<str:action>/do/", wrap(self.act_view), name="notifications_broadcast_act"),
            path("<int:pk>/progress/", wrap(self.progress_view), name="notifications_broadcast_progress"),
        ]

    def watch_page(self, request: HttpRequest, broadcast: Broadcast) -> HttpResponse:
        stream = broadcast.progress_stream
        cursor = positions([stream])[stream]
        broadcast.refresh_from_db()  # after the position: what came between is an event as well
        return self.page(
            request,
            "progress",
            title=str(broadcast),
            broadcast=broadcast,
            progress=progress(broadcast),
            due=due_text(broadcast),
            live={"stream": stream, "epoch": cursor.epoch, "seq": cursor.seq},
            channels=[(channel, _why(channel)) for channel in watch(broadcast).channels],
            actions=list(ACTIONS),
            times=table(broadcast, now=timezone.now()),
            may_edit=may_send(request.user) and broadcast.occurrences.filter(UNTOUCHED).exists(),
            begun=broadcast.occurrences.exclude(started_at=None).exists(),
            waits=broadcast.occurrences.filter(status=Status.SCHEDULED).exists(),
            shown=words(broadcast.title, broadcast.text),
            report=report(broadcast),
            history=history(broadcast),
            words=progress_words(),
        )

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """What the events say, for a page whose socket does not work, and for the first figures of all others."""
        self.require(request, may_view(request.user), gettext_noop("see it"), pk)
        broadcast = Broadcast.objects.filter(pk=pk).first()
        if broadcast is None:
            raise Http404
        stop = current_stop()
        return JsonResponse(
            {
                **msgspec.to_builtins(progress(broadcast)),
                **msgspec.to_builtins(watch(broadcast)),
                "stopped": stop.reason if stop else "",
            }
        )

    @method_decorator(csrf_protect)
    def act_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """One of ACTIONS, from its button."""
        only_post(request)
        self.require(request, may_cancel(request.user), action, pk)
        if action not in ACTIONS:
            raise Http404
        change, act, done = ACTIONS[action]

        @transaction.atomic
        def do() -> None:
            before = Broadcast.objects.filter(pk=pk).values_list("status", flat=True).first()
            change(pk)
            changed = found_or_404(pk)
            record(request.user, act, changed, before={"status": before}, after={"status": changed.status})

        return self.act(request, pk, do, str(done))


def report(broadcast: Broadcast) -> SafeString:
    """A plot of what people did with it, since it began."""
    start, now = began_at(broadcast), timezone.now()
    if start is None:
        return SafeString("")
    series = marks_over_time(broadcast, now=now)
    last = max((points[-1][0] for points in series.values() if points), default=0.0)
    span = max(last * 1.1, 60.0)
    labels = [(span * part / 4, _shown(timedelta(seconds=span * part / 4))) for part in range(5)]
    named = {gettext(label): series[name] for name, label in _SERIES.items()} if series else {}
    title = gettext("Seen, read, followed and delivered since the start")
    return curves(title, named, last=span, labels=labels)


def _why(channel: ChannelFigures) -> str:
    """Why people do not have it over this channel, and how many each; the page's script writes the same."""
    return ", ".join(f"{in_short(why)} {number}" for why, number in channel.why.items())


def _shown(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds} s"
