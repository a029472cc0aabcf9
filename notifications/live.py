"""The live models of notifications."""

from notifications.models import StatusItem
from realtime.live import live, with_permission

live(
    StatusItem,
    payload=["name", "state", "note", "updated_at"],
    readable_by=with_permission("notifications.view_statusitem"),
)
