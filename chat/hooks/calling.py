"""Tells outgoing webhooks of messages: each hook in the order of its room, each message until it is accepted.

A hook remembers the number of the last message it was told of, so that sending a message costs nothing for it, and
nothing is lost whatever dies. One worker is at a hook at a time, as its `next_at` says; one that dies holds it up for
a minute. A message may be told twice, with the same `webhook-id`.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import msgspec
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.hooks import signing
from chat.hooks.payloads import Told, Written
from chat.models import Hook, Member, Message
from chat.sending import message_send
from chat.threads.showing import SHOWN_WITH, shown_one
from notifications.channels.outbound import Answer, Unreachable, post
from notifications.channels.webhook import signatures
from notifications.errors import BadEndpoint
from realtime import RealtimeError

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=60)
_MESSAGES_AT_ONCE = 20
_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 3600.0
_GONE = 410


def anything_due() -> bool:
    """Whether an outgoing webhook has not been told of its room's newest message, and may be called now."""
    return _due().exists()


def claim_some() -> list[int]:
    """Hooks to be called, each by one of any number of callers."""
    now = timezone.now()
    ids = list(_due().order_by("next_at").values_list("pk", flat=True)[: numbers().hook_chunk])
    # Of many callers one changes the row, the others change none.
    return [pk for pk in ids if Hook.objects.filter(pk=pk, next_at__lte=now).update(next_at=now + _LEASE)]


def call_hook(hook_id: int) -> None:
    """Tells a claimed hook of some messages, and gives it back."""
    hook = Hook.objects.select_related("bot", "creator").filter(pk=hook_id, active=True).first()
    if hook is None:
        return
    messages = Message.objects.filter(room=hook.room_id, number__gt=hook.told_number)
    messages = messages.select_related(*SHOWN_WITH)
    for message in messages.order_by("number")[:_MESSAGES_AT_ONCE]:
        if not _is_inside(hook):
            _failed(hook, "its bot is no longer in the room", for_good=True)
            return
        if _concerns(hook, message) and not _tell(hook, message):
            return
        hook.told_number, hook.attempts, hook.failure = message.number, 0, ""
        _save(hook, "told_number", "attempts", "failure")
    hook.next_at = timezone.now()
    _save(hook, "next_at")


def _due() -> QuerySet[Hook]:
    outgoing = Hook.objects.filter(
        direction=Hook.Direction.OUTGOING, active=True, next_at__lte=timezone.now()
    )
    return outgoing.filter(room__last_number__gt=F("told_number"))


def _is_inside(hook: Hook) -> bool:
    """Whoever moderates the room may put its bot out, like anybody."""
    return Member.objects.filter(room=hook.room_id, user=hook.bot_id).exists()


def _concerns(hook: Hook, message: Message) -> bool:
    """Bots are not told of bots: two of them would never stop."""
    if message.author.is_bot or message.deleted_at is not None:
        return False
    triggers = hook.triggers.casefold().split()
    first_word = message.text.split(maxsplit=1)[:1]
    return not triggers or any(word.casefold() in triggers for word in first_word)


def _tell(hook: Hook, message: Message) -> bool:
    """Whether it took the message; else when it is tried again is noted."""
    body = msgspec.json.encode(Told("chat.message_created", timezone.now(), shown_one(message)))
    request_id, at_s = f"message-{message.pk}-{hook.pk}", int(time.time())
    try:
        answer = post(
            hook.url,
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": "Carillon",
                "webhook-id": request_id,
                "webhook-timestamp": str(at_s),
                "webhook-signature": signatures([signing.secret_of(hook.key)], request_id, at_s, body),
            },
        )
    except (Unreachable, BadEndpoint) as error:
        return _failed(hook, str(error))
    if not answer.ok:
        return _failed(hook, f"answered {answer.status}", for_good=answer.status == _GONE)
    Hook.objects.filter(pk=hook.pk).update(used_at=timezone.now())
    _write_answer(hook, hook.bot, message, answer)
    return True


def _write_answer(hook: Hook, bot: User, message: Message, answer: Answer) -> None:
    try:
        text = msgspec.json.decode(answer.body, type=Written).text
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # most say "ok", or nothing
    if text.strip():
        try:
            message_send(author=bot, room=hook.room_id, text=text, client_id=f"answer-{hook.pk}-{message.pk}")
        except RealtimeError as error:
            logger.warning("The answer of webhook %s could not be written: %s", hook.pk, error)


def _failed(hook: Hook, why: str, *, for_good: bool = False) -> bool:
    """Notes that it is tried again later, or never; always False."""
    hook.attempts += 1
    hook.failure = why[:200]
    hook.active = not for_good and hook.attempts < numbers().max_hook_attempts
    wait_s = min(_FIRST_RETRY_S * 2 ** (hook.attempts - 1), _LONGEST_RETRY_S)
    hook.next_at = timezone.now() + timedelta(seconds=wait_s)
    _save(hook, "attempts", "failure", "active", "next_at")
    if not hook.active:
        logger.warning("Webhook %s was switched off: %s", hook.pk, why)
    return False


def _save(hook: Hook, *columns: str) -> None:
    """Not where somebody renewed or removed it meanwhile."""
    values = {name: getattr(hook, name) for name in columns}
    Hook.objects.filter(pk=hook.pk, key=hook.key).update(**values)
