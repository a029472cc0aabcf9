"""Invitations over the socket."""

from __future__ import annotations

from chat.invitations import services
from chat.invitations.payloads import InvitationRevoked, NewInvitation
from chat.payloads import Opened
from realtime import Context, Struct, command


class CreateInvitation(Struct, frozen=True):
    room: int
    client_id: str
    lifetime_s: int | None = None
    max_uses: int | None = None


class RevokeInvitation(Struct, frozen=True):
    invitation: int
    client_id: str


class AcceptInvitation(Struct, frozen=True):
    token: str
    client_id: str


@command("chat.invitation_create")
def invitation_create(context: Context, args: CreateInvitation) -> NewInvitation:
    return services.invitation_create(
        user=context.user,
        room=args.room,
        lifetime_s=args.lifetime_s,
        max_uses=args.max_uses,
        client_id=args.client_id,
    )


@command("chat.invitation_revoke")
def invitation_revoke(context: Context, args: RevokeInvitation) -> InvitationRevoked:
    return services.invitation_revoke(user=context.user, invitation=args.invitation, client_id=args.client_id)


@command("chat.invitation_accept")
def invitation_accept(context: Context, args: AcceptInvitation) -> Opened:
    return services.invitation_accept(user=context.user, token=args.token, client_id=args.client_id)
