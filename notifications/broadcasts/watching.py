"""Figures of a broadcast, live: counted once a second while a page looks at them, and told over its stream.

What people do with a broadcast is no event of it, so somebody has to count; nobody counts what nobody watches.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
from django.db.models import Q
from django.utils import timezone

from notifications.broadcasts.figures import channel_figures
from notifications.conf import numbers
from notifications.events import BroadcastFigures
from notifications.models import Broadcast, Watch
from realtime import publish_transient


def watch(broadcast: Broadcast) -> BroadcastFigures:
    """The figures now; they are told for a while from now on."""
    until = timezone.now() + timedelta(seconds=numbers().watch_s)
    Watch.objects.update_or_create(broadcast=broadcast, defaults={"until": until})
    return figures(broadcast)


def tell_watchers() -> None:
    """Tells the figures of what is watched, where they have changed. One look into a small index for nothing."""
    for one in Watch.objects.filter(until__gt=timezone.now()).select_related("broadcast"):
        found = figures(one.broadcast)
        text = msgspec.json.encode(found).decode()
        if Watch.objects.filter(~Q(told=text), pk=one.pk).update(told=text):  # of several beats, one
            publish_transient(one.broadcast.progress_stream, found)


def figures(broadcast: Broadcast) -> BroadcastFigures:
    return BroadcastFigures(broadcast.pk, channel_figures(broadcast))
