"""The events of previews, on `room:<id>`."""

from __future__ import annotations

from chat.previews.payloads import LinkPreview
from realtime import Struct, event


@event("chat.previews_changed")
class PreviewsChangedEvent(Struct, frozen=True):
    """The previews of a message are these now: found, renewed after an edit, or taken away."""

    id: int
    number: int
    previews: list[LinkPreview]


@event("chat.room_previews_changed")
class RoomPreviewsChanged(Struct, frozen=True):
    """Whether the room shows previews of links from now on. Those that are there stay."""

    room: int
    link_previews: bool
