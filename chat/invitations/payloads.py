"""What invitations look like. A token is said once, to whoever made the link."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chat.models import Invitation as InvitationRow
from realtime import Struct


class Invitation(Struct, frozen=True):
    id: int
    room: int
    created_by: int | None
    created_at: datetime
    expires_at: datetime | None
    max_uses: int | None
    uses: int

    @classmethod
    def of(cls, row: InvitationRow) -> Invitation:
        return cls(
            row.pk, row.room_id, row.created_by_id, row.created_at, row.expires_at, row.max_uses, row.uses
        )


class NewInvitation(Struct, frozen=True):
    """`path` is where the link leads on this site; its token is behind the "#", which no browser sends."""

    invitation: Invitation
    token: str
    path: str


class InvitationRevoked(Struct, frozen=True):
    id: int


class InvitedTo(Struct, frozen=True):
    """What the holder of a link may know before they join. `joined`: they are in already."""

    room: int
    kind: Literal["public", "private"]
    name: str
    topic: str
    member_count: int
    joined: bool
