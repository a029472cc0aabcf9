"""What a person does with polls: asks, votes, ends them. Rows, their sum and the events, under the message's lock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from msgspec import structs

from accounts.models import User
from chat.conf import numbers
from chat.errors import NotAuthor
from chat.marks.payloads import NAMED, Marks, PollInfo, PollOption, marks_loaded, remarked
from chat.marks.policies import message_for_marking
from chat.models import Message, Poll, Vote, stream_of, user_stream
from chat.moderation.ranks import moderates
from chat.payloads import Sent
from chat.polls.answers import options_of
from chat.polls.errors import BadPollEnd, BadVote, PollClosed, PollNotFound
from chat.polls.events import PollChanged, PollVoted
from chat.polls.payloads import Voted
from chat.sending import message_send
from realtime import once, publish, publish_many


def poll_create(
    *,
    user: User,
    room: int,
    question: str,
    options: Sequence[str],
    multiple: bool,
    anonymous: bool,
    ends_at: datetime | None,
    client_id: str,
) -> Sent:
    """Sends a message that is a poll. `multiple`: one may choose several answers.

    Raises BadPoll, BadPollEnd, and what `message_send` raises.
    """
    asked = PollInfo(
        options=[PollOption(text, 0, []) for text in options_of(options)],
        multiple=multiple,
        anonymous=anonymous,
        voters=0,
        ends_at=_end(ends_at),
        closed=False,
    )
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.poll_create",
        result=Sent,
        run=lambda: message_send(
            author=user, room=room, text=question, client_id=client_id, marks=Marks(poll=asked)
        ),
    )


def poll_vote(*, user: User, message: int, options: Collection[int], client_id: str) -> Voted:
    """Makes these the user's answers, in place of those before; none at all takes the vote back.

    Raises MessageNotFound, PollNotFound, PollClosed, BadVote.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.poll_vote",
        result=Voted,
        run=lambda: _vote(user, message, set(options)),
    )


def poll_close(*, user: User, message: int, client_id: str) -> Voted:
    """Ends a poll; for the author and who moderates the room. Raises MessageNotFound, PollNotFound, NotAuthor."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.poll_close",
        result=Voted,
        run=lambda: _close(user, message),
    )


def end_poll(message: Message, poll: Poll) -> None:
    """Of a locked message. Nobody votes any more; everybody is told so."""
    poll.closed_at = timezone.now()
    poll.save(update_fields=["closed_at"])
    _keep(message, structs.replace(_sums(message), closed=True))
    if message.deleted_at is None:
        publish(stream_of(message.room_id), _changed(message))


def _vote(user: User, message_id: int, chosen: set[int]) -> Voted:
    message, _ = message_for_marking(user.pk, message_id)
    poll = _poll(message)
    now = timezone.now()
    if poll.closed_at is not None or (poll.ends_at is not None and poll.ends_at <= now):
        raise PollClosed()
    sums = _sums(message)
    if not chosen <= set(range(len(sums.options))) or (len(chosen) > 1 and not poll.multiple):
        raise BadVote()
    mine = Vote.objects.filter(poll=poll, user=user)
    before = set(mine.values_list("option", flat=True))
    if chosen != before:
        mine.exclude(option__in=chosen).delete()
        Vote.objects.bulk_create(
            Vote(poll=poll, user=user, option=option) for option in sorted(chosen - before)
        )
        _keep(message, _counted(poll, sums, chosen ^ before))
        voted = PollVoted(message.room_id, message.pk, message.number, sorted(chosen))
        publish_many([(stream_of(message.room_id), _changed(message)), (user_stream(user.pk), voted)])
    return Voted(message.pk, structs.replace(_sums(message), mine=sorted(chosen)))


def _close(user: User, message_id: int) -> Voted:
    message, member = message_for_marking(user.pk, message_id)
    poll = _poll(message)
    if message.author_id != user.pk and not moderates(member.role):
        raise NotAuthor("Only the author of the poll, or who moderates the room, may do this.")
    if poll.closed_at is None:
        end_poll(message, poll)
    mine = Vote.objects.filter(poll=poll, user=user).order_by("option").values_list("option", flat=True)
    return Voted(message.pk, structs.replace(_sums(message), mine=list(mine)))


def _poll(message: Message) -> Poll:
    poll = Poll.objects.filter(message=message).first() if message.deleted_at is None else None
    if poll is None:
        raise PollNotFound()
    return poll


def _sums(message: Message) -> PollInfo:
    poll = marks_loaded(message.marks).poll
    assert poll is not None  # as long as there is the row
    return poll


def _counted(poll: Poll, sums: PollInfo, changed: Collection[int]) -> PollInfo:
    """The sums with the answers in `changed` counted anew."""
    options = list(sums.options)
    for option in changed:
        votes = Vote.objects.filter(poll=poll, option=option)
        first = [] if poll.anonymous else votes.order_by("pk").values_list("user_id", flat=True)[:NAMED]
        options[option] = structs.replace(options[option], votes=votes.count(), users=list(first))
    voters = Vote.objects.filter(poll=poll).values("user").distinct().count()
    return structs.replace(sums, options=options, voters=voters)


def _keep(message: Message, poll: PollInfo) -> None:
    message.marks = remarked(message.marks, poll=poll)
    message.save(update_fields=["marks"])


def _changed(message: Message) -> PollChanged:
    return PollChanged(message.pk, message.number, _sums(message))


def _end(at: datetime | None) -> datetime | None:
    now = timezone.now()
    if at is not None and (
        at.tzinfo is None or not now < at <= now + timedelta(days=numbers().max_poll_days)
    ):
        raise BadPollEnd()
    return at
