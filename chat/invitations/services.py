"""Makes, revokes and takes links. A room is locked before its links are looked at, as for every change of members."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

import limits
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.limits import counter
from accounts.models import User
from chat.conf import numbers
from chat.errors import RoomArchived
from chat.invitations.errors import BadInvitation, InvitationNotFound, TooManyGuesses, TooManyInvitations
from chat.invitations.payloads import Invitation as InvitationPayload
from chat.invitations.payloads import InvitationRevoked, InvitedTo, NewInvitation
from chat.models import Invitation, Member
from chat.payloads import Opened
from chat.policies import MAX_ID, room_for_governing, room_locked
from chat.services import room_enter
from realtime import Struct, once

MIN_LIFETIME_S, MAX_LIFETIME_S = 300, 366 * 86_400
MAX_USES = 1_000
MAX_TOKEN_CHARACTERS = 64
WRONG_PER_PERSON = limits.parse("20/5minutes")

_SALT = "chat.invitation"


class _Made(Struct, frozen=True):
    """What is stored under the client_id: everything but the token."""

    invitation: InvitationPayload


def invitation_create(
    *, user: User, room: int, lifetime_s: int | None, max_uses: int | None, client_id: str
) -> NewInvitation:
    """A link into a room, for its owners to give out; None: without end, for any number of people.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner, RoomArchived, BadInvitation, TooManyInvitations.
    """
    made = once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.invitation_create",
        result=_Made,
        run=lambda: _create(user, room, lifetime_s, max_uses),
    )
    seed = Invitation.objects.filter(pk=made.invitation.id).values_list("seed", flat=True).first()
    if seed is None:
        raise InvitationNotFound()  # repeated after the room was gone
    token = _token(seed)
    return NewInvitation(made.invitation, token, f"/#/join/{token}")


def _create(user: User, room_id: int, lifetime_s: int | None, max_uses: int | None) -> _Made:
    room = room_for_governing(user.pk, room_id).room
    if lifetime_s is not None and not MIN_LIFETIME_S <= lifetime_s <= MAX_LIFETIME_S:
        raise BadInvitation()
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        raise BadInvitation()
    if room.archived_at is not None:
        raise RoomArchived()
    if _working().filter(room=room).count() >= numbers().max_invitations:
        raise TooManyInvitations(max=numbers().max_invitations)
    seed, now = secrets.token_hex(32), timezone.now()
    made = Invitation.objects.create(
        room=room,
        created_by=user,
        seed=seed,
        digest=_digest(_token(seed)),
        created_at=now,
        expires_at=None if lifetime_s is None else now + timedelta(seconds=lifetime_s),
        max_uses=max_uses,
    )
    return _Made(InvitationPayload.of(made))


def invitation_revoke(*, user: User, invitation: int, client_id: str) -> InvitationRevoked:
    """The link leads nowhere from now on; for the owners of its room. Raises InvitationNotFound, NotRoomOwner."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.invitation_revoke",
        result=InvitationRevoked,
        run=lambda: _revoke(user, invitation),
    )


def _revoke(user: User, invitation_id: int) -> InvitationRevoked:
    found = Invitation.objects.filter(pk=invitation_id) if 0 < invitation_id <= MAX_ID else None
    room_id = None if found is None else found.values_list("room_id", flat=True).first()
    if found is None or not Member.objects.filter(user=user, room=room_id).exists():
        raise InvitationNotFound()
    assert room_id is not None
    room_for_governing(user.pk, room_id)
    found.filter(revoked_at=None).update(revoked_at=timezone.now())
    return InvitationRevoked(invitation_id)


def invitations_of(user: User, room: int) -> list[InvitationPayload]:
    """The links of a room that work, the newest first, without their tokens; for its owners."""
    with transaction.atomic():
        room_for_governing(user.pk, room)
    rows = _working().filter(room_id=room).order_by("-pk")
    return [InvitationPayload.of(row) for row in rows[: numbers().max_invitations]]


def invitation_look(*, user: User, token: str) -> InvitedTo:
    """Where a link leads, for whoever has it. Raises InvitationNotFound, TooManyGuesses."""
    found = _found(user, token)
    room = found.room
    return InvitedTo(
        room.pk,
        room.kind,  # type: ignore[arg-type]
        room.name,
        room.topic,
        room.member_count,
        Member.objects.filter(room=room, user=user).exists(),
    )


def invitation_accept(*, user: User, token: str, client_id: str) -> Opened:
    """Into the room that the link leads to. Who is in it already uses nothing up.

    Raises InvitationNotFound, TooManyGuesses, RoomsLimitReached.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.invitation_accept",
        result=Opened,
        run=lambda: _accept(user, token),
    )


def _accept(user: User, token: str) -> Opened:
    found = _found(user, token)
    room = room_locked(found.room_id)
    joins = not Member.objects.filter(room=room, user=user).exists()
    # Behind the room's lock: of two who take the last use, the other is told that there is none.
    if joins and not _working().filter(pk=found.pk).update(uses=F("uses") + 1):
        raise InvitationNotFound()
    return room_enter(room, user)


def _found(user: User, token: str) -> Invitation:
    """The working link with this token. Every miss counts against whoever tries."""
    wait_s = counter().wait_s(WRONG_PER_PERSON, "invitation", str(user.pk))
    if wait_s:
        raise TooManyGuesses(retry_after_ms=int(wait_s * 1000))
    found = None
    if 0 < len(token) <= MAX_TOKEN_CHARACTERS:
        found = _working().select_related("room").filter(digest=_digest(token)).first()
    if found is None:
        counter().hit(WRONG_PER_PERSON, "invitation", str(user.pk))
        raise InvitationNotFound()
    return found


def _working() -> QuerySet[Invitation]:
    expired = Q(expires_at__lte=timezone.now())
    used_up = Q(max_uses__isnull=False, uses__gte=F("max_uses"))
    return (
        Invitation.objects.filter(revoked_at=None, room__archived_at=None).exclude(expired).exclude(used_up)
    )


def _token(seed: str) -> str:
    """256 bits that nobody can guess: a digest of the seed with the site's secret."""
    return urlsafe_b64encode(salted_hmac(_SALT, seed, algorithm="sha256").digest()).decode().rstrip("=")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
