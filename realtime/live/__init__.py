"""Model events: a saved, changed or deleted row of a declared model becomes an event on its streams.

`@live(Model, …)` in an app's `live.py` declares it; the base `realtime.live.models.LiveModel` (or `LiveManager`
on the model) lets the bulk methods of its querysets be seen too. Everything goes out through `publish_many`, in
the caller's transaction.
The package knows no feature's model. Wider story: docs/decisions/0003-live-models.md.
"""

from realtime.live.declarations import live, with_permission
from realtime.live.queryset import LiveManager, LiveQuerySet
from realtime.live.snapshot import LiveRow, LiveSnapshot, live_snapshot

__all__ = [
    "LiveManager",
    "LiveQuerySet",
    "LiveRow",
    "LiveSnapshot",
    "live",
    "live_snapshot",
    "with_permission",
]
