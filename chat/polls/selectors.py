"""Who voted for what."""

from __future__ import annotations

from accounts.payloads import Person
from chat.models import Poll, Vote
from chat.policies import message_for_reading
from chat.polls.answers import MAX_OPTIONS
from chat.polls.errors import BadVote, PollIsAnonymous, PollNotFound
from chat.polls.payloads import Voters

MAX_VOTERS = 100


def voters_of(user_id: int, message_id: int, option: int) -> Voters:
    """Who chose an answer. Five queries. Raises MessageNotFound, PollNotFound, PollIsAnonymous, BadVote."""
    message = message_for_reading(user_id, message_id)
    poll = Poll.objects.filter(message=message).first() if message.deleted_at is None else None
    if poll is None:
        raise PollNotFound()
    if poll.anonymous:
        raise PollIsAnonymous()
    if not 0 <= option < MAX_OPTIONS:
        raise BadVote()
    votes = Vote.objects.filter(poll=poll, option=option)
    first = votes.select_related("user").order_by("pk")[:MAX_VOTERS]
    return Voters(option, votes.count(), [Person.of(vote.user) for vote in first])
