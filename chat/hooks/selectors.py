"""Reads of webhooks, for the owners of their room."""

from __future__ import annotations

from django.db import transaction

from chat.hooks.payloads import Hook as HookPayload
from chat.hooks.payloads import HookSecrets
from chat.hooks.services import hook_for_governing
from chat.hooks.signing import secret_of, token_of
from chat.models import Hook
from chat.policies import room_for_governing


@transaction.atomic
def hooks_of(user_id: int, room_id: int) -> list[HookPayload]:
    """Oldest first. Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner."""
    room_for_governing(user_id, room_id)
    return [HookPayload.of(hook) for hook in Hook.objects.filter(room_id=room_id).order_by("pk")]


@transaction.atomic
def secrets_of(user_id: int, hook_id: int) -> HookSecrets:
    """Raises HookNotFound, NotRoomOwner."""
    hook = hook_for_governing(user_id, hook_id)
    if hook.direction == Hook.Direction.OUTGOING:
        return HookSecrets("", secret_of(hook.key), "")
    return HookSecrets(f"/api/hooks/{hook.pk}", secret_of(hook.key), token_of(hook.key))
