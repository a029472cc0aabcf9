"""Who reacted."""

from __future__ import annotations

from accounts.payloads import Person
from chat.models import Reaction
from chat.policies import message_for_reading
from chat.reactions.emoji import spelled
from chat.reactions.payloads import Reactors

MAX_REACTORS = 100


def reactors_of(user_id: int, message_id: int, emoji: str) -> Reactors:
    """Who reacted to a message with that emoji. Four queries. Raises MessageNotFound, BadEmoji."""
    message = message_for_reading(user_id, message_id)
    emoji = spelled(emoji)
    rows = Reaction.objects.filter(message=message, emoji=emoji)
    if message.deleted_at is not None:
        rows = rows.none()
    first = rows.select_related("user").order_by("pk")[:MAX_REACTORS]
    return Reactors(emoji, rows.count(), [Person.of(row.user) for row in first])
