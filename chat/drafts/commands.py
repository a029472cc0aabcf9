"""Drafts over the socket."""

from __future__ import annotations

from chat.drafts import services
from chat.drafts.payloads import Draft
from realtime import Context, Struct, command


class SaveDraft(Struct, frozen=True):
    room: int
    text: str
    client_id: str
    thread: int | None = None
    files: list[int] = []


@command("chat.draft_save")
def draft_save(context: Context, args: SaveDraft) -> Draft:
    return services.draft_save(
        user=context.user,
        room=args.room,
        thread=args.thread,
        text=args.text,
        files=args.files,
        client_id=args.client_id,
    )
