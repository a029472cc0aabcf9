"""Putting a reaction on a message and taking it away: rows, their sum and the event, under the message's lock."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from chat.conf import numbers
from chat.errors import MessageDeleted
from chat.marks.payloads import NAMED, marks_loaded, remarked
from chat.marks.payloads import Reaction as ReactionSum
from chat.marks.policies import message_for_marking
from chat.marks.reading import seen_by
from chat.models import Message, Reaction, stream_of
from chat.payloads import Message as MessagePayload
from chat.reactions.emoji import emoji_from, spelled
from chat.reactions.errors import TooManyReactions
from chat.reactions.events import ReactionsChanged
from chat.reactions.payloads import Reacted
from realtime import once, publish


def reaction_add(*, user: User, message: int, emoji: str, client_id: str) -> Reacted:
    """Puts the user's reaction there; one that is there already stays.

    Raises BadEmoji, MessageNotFound, RoomArchived, MessageDeleted, TooManyReactions.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.reaction_add",
        result=Reacted,
        run=lambda: _add(user, message, emoji_from(emoji)),
    )


def reaction_remove(*, user: User, message: int, emoji: str, client_id: str) -> Reacted:
    """Takes the user's reaction away, if it is there. Raises BadEmoji, MessageNotFound, MessageDeleted."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.reaction_remove",
        result=Reacted,
        run=lambda: _remove(user, message, spelled(emoji)),
    )


def _add(user: User, message_id: int, emoji: str) -> Reacted:
    message = _reactable(user, message_id)
    known = {one.emoji for one in marks_loaded(message.marks).reactions}
    if emoji not in known and len(known) >= numbers().max_reactions:
        raise TooManyReactions(max=numbers().max_reactions)
    _, is_new = Reaction.objects.get_or_create(message=message, emoji=emoji, user=user)
    if is_new:
        _tell(user, message, emoji, added=True)
    return _reacted(user, message)


def _remove(user: User, message_id: int, emoji: str) -> Reacted:
    message = _reactable(user, message_id)
    if Reaction.objects.filter(message=message, emoji=emoji, user=user).delete()[0]:
        _tell(user, message, emoji, added=False)
    return _reacted(user, message)


def _reactable(user: User, message_id: int) -> Message:
    message, _ = message_for_marking(user.pk, message_id)
    if message.deleted_at is not None:
        raise MessageDeleted()
    return message


def _tell(user: User, message: Message, emoji: str, *, added: bool) -> None:
    changed = _sum(emoji, Reaction.objects.filter(message=message, emoji=emoji))
    before = marks_loaded(message.marks).reactions
    after = [changed if one.emoji == emoji else one for one in before]
    if all(one.emoji != emoji for one in before):
        after.append(changed)
    message.marks = remarked(message.marks, reactions=[one for one in after if one.count])
    message.save(update_fields=["marks"])
    event = ReactionsChanged(message.pk, message.number, changed, user.pk, added)
    publish(stream_of(message.room_id), event)


def _sum(emoji: str, rows: QuerySet[Reaction]) -> ReactionSum:
    first = rows.order_by("pk").values_list("user_id", flat=True)[:NAMED]
    return ReactionSum(emoji, rows.count(), list(first))


def _reacted(user: User, message: Message) -> Reacted:
    (seen,) = seen_by(user.pk, [MessagePayload.of(message)])
    return Reacted(message.pk, seen.reactions)
