"""What the owners of a room do with its webhooks, and what a request to an incoming one does."""

from __future__ import annotations

import time
from collections.abc import Mapping

import limits
from django.utils import timezone

from accounts.bots import bot_make, bot_name, bot_switch_off
from accounts.limits import counter
from accounts.models import User, opaque_id
from accounts.names import without_invisible
from chat import services
from chat.errors import RoomNotFound
from chat.hooks import signing
from chat.hooks.errors import BadHook, HookNotFound, HookOff, HookRefused, TooManyHooks
from chat.hooks.payloads import Hook as HookPayload
from chat.hooks.payloads import HookRemoved
from chat.models import Hook
from chat.models.hooks import MAX_HOOK_NAME_CHARACTERS, MAX_TRIGGERS_CHARACTERS
from chat.payloads import Sent
from chat.policies import MAX_ID, room_for_governing
from chat.sending import message_send
from notifications.channels.outbound import checked_target
from realtime import RateLimited, once

MAX_HOOKS_PER_ROOM = 20
_MESSAGES_PER_HOOK = limits.parse("60/minute")


def hook_create(
    *, user: User, room: int, direction: str, name: str, url: str = "", triggers: str = "", client_id: str
) -> HookPayload:
    """A webhook with a bot of its own, which joins the room; for owners.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner, BadHook, BadEndpoint, TooManyHooks.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.hook_create",
        result=HookPayload,
        run=lambda: _create(user, room, direction, name, url, triggers),
    )


def _create(user: User, room_id: int, direction: str, name: str, url: str, triggers: str) -> HookPayload:
    room = room_for_governing(user.pk, room_id).room
    name, triggers = without_invisible(name[:300]), " ".join(triggers.split())
    if direction not in set(Hook.Direction) or not 0 < len(name) <= MAX_HOOK_NAME_CHARACTERS:
        raise BadHook()
    if len(triggers) > MAX_TRIGGERS_CHARACTERS:
        raise BadHook(f"First words have at most {MAX_TRIGGERS_CHARACTERS} characters together.")
    if direction == Hook.Direction.OUTGOING:
        checked_target(url)
    elif url or triggers:
        raise BadHook("An incoming webhook has neither an address nor first words: it calls us.")
    if Hook.objects.filter(room=room).count() >= MAX_HOOKS_PER_ROOM:
        raise TooManyHooks(max=MAX_HOOKS_PER_ROOM)
    bot = bot_make(bot_name(), name)
    hook = Hook.objects.create(
        room=room,
        direction=direction,
        name=name,
        bot=bot,
        creator=user,
        url=url,
        triggers=triggers,
        told_number=room.last_number,
    )
    services.bot_join(room, bot)
    return HookPayload.of(hook)


def hook_renew(*, user: User, hook: int, client_id: str) -> HookPayload:
    """Other secrets, and another try for one that was switched off. Raises HookNotFound."""

    def run() -> HookPayload:
        row = hook_for_governing(user.pk, hook)
        row.key, row.active, row.attempts, row.failure = opaque_id(), True, 0, ""
        row.told_number, row.next_at = row.room.last_number, timezone.now()
        row.save(update_fields=["key", "active", "attempts", "failure", "told_number", "next_at"])
        return HookPayload.of(row)

    return once(user_id=user.pk, client_id=client_id, name="chat.hook_renew", result=HookPayload, run=run)


def hook_remove(*, user: User, hook: int, client_id: str) -> HookRemoved:
    """Its bot leaves the room; what it said stays. Raises HookNotFound."""

    def run() -> HookRemoved:
        row = hook_for_governing(user.pk, hook)
        bot = row.bot
        row.delete()
        services.bot_leave(row.room, bot)
        bot_switch_off(bot)
        return HookRemoved(hook)

    return once(user_id=user.pk, client_id=client_id, name="chat.hook_remove", result=HookRemoved, run=run)


def hook_for_governing(user_id: int, hook_id: int) -> Hook:
    """A webhook of a room that the user owns, with the room locked. Raises HookNotFound, NotRoomOwner."""
    hook = Hook.objects.filter(pk=hook_id).select_related("bot").first() if 0 < hook_id <= MAX_ID else None
    if hook is None:
        raise HookNotFound()
    try:
        hook.room = room_for_governing(user_id, hook.room_id).room
    except RoomNotFound:
        raise HookNotFound() from None
    return hook


def hook_receive(hook_id: int, headers: Mapping[str, str], body: bytes, text: str) -> Sent:
    """Writes what a program sent to an incoming webhook into its room; again with the same webhook-id, not again.

    Raises HookRefused (also where there is no such webhook), HookOff, RateLimited, and what `message_send` raises.
    """
    incoming = Hook.objects.filter(direction=Hook.Direction.INCOMING).select_related("bot")
    hook = incoming.filter(pk=hook_id).first() if 0 < hook_id <= MAX_ID else None
    # Of one that is not there, the signature is checked too: nobody learns by time or words which there are.
    request_id = signing.check(hook.key if hook else "", headers, body, now_s=time.time())
    if hook is None:
        raise HookRefused()
    if not hook.active:
        raise HookOff()
    if not counter().hit(_MESSAGES_PER_HOOK, "hook", str(hook.pk)):
        wait_s = counter().wait_s(_MESSAGES_PER_HOOK, "hook", str(hook.pk)) or 1.0
        raise RateLimited(retry_after_ms=int(wait_s * 1000))
    sent = message_send(
        author=hook.bot,
        room=hook.room_id,
        text=text,
        client_id=signing.client_id_of(hook.pk, request_id or opaque_id()),
    )
    Hook.objects.filter(pk=hook.pk).update(used_at=timezone.now())
    return sent
