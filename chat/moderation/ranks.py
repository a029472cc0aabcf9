"""Who outranks whom, and who may write where. Pure."""

from __future__ import annotations

from chat.models import Member, Room

_ROLES = (Member.Role.GUEST, Member.Role.MEMBER, Member.Role.MODERATOR, Member.Role.OWNER)
_RANKS = {role.value: rank for rank, role in enumerate(_ROLES)}
# Moderators of the whole installation, in whatever room.
SERVER = "server"
_RANKS[SERVER] = len(_ROLES)

MODERATING = (Member.Role.MODERATOR.value, Member.Role.OWNER.value)
_MAY_POST = {
    Room.Posting.MODERATORS.value: frozenset(MODERATING),
    Room.Posting.OWNERS.value: frozenset({Member.Role.OWNER.value}),
}


def outranks(role: str, other: str) -> bool:
    """Whether somebody with this role may mute, kick and ban one with the other."""
    return _RANKS[role] > _RANKS[other]


def moderates(role: str) -> bool:
    return role in MODERATING or role == SERVER


def may_post(posting: str, role: str) -> bool:
    return posting == Room.Posting.EVERYBODY or role in _MAY_POST[posting]
