"""The commands of previews over the socket."""

from __future__ import annotations

from chat.previews import services
from chat.previews.events import RoomPreviewsChanged
from chat.previews.payloads import PreviewsChanged
from realtime import Context, Struct, command


class RemovePreview(Struct, frozen=True):
    message: int
    url: str
    client_id: str


class SwitchPreviews(Struct, frozen=True):
    room: int
    on: bool
    client_id: str


@command("chat.preview_remove")
def preview_remove(context: Context, args: RemovePreview) -> PreviewsChanged:
    return services.preview_remove(
        user=context.user, message=args.message, url=args.url, client_id=args.client_id
    )


@command("chat.room_previews_switch")
def room_previews_switch(context: Context, args: SwitchPreviews) -> RoomPreviewsChanged:
    return services.room_previews_switch(
        user=context.user, room=args.room, on=args.on, client_id=args.client_id
    )
