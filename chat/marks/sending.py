"""The rows of polls and of requests to acknowledge, in the transaction that stores their messages; none for others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from chat.conf import numbers
from chat.marks.payloads import Marks, PollInfo
from chat.models import AckRequest, Poll
from realtime import rows

_POLL_COLUMNS = ("message_id", "options", "multiple", "anonymous", "ends_at")


def write_marked(marked: Mapping[int, Marks], now: datetime) -> None:
    """By message, what it has from the beginning."""
    polls = [_poll_row(id, marks.poll) for id, marks in marked.items() if marks.poll is not None]
    asking = [id for id, marks in marked.items() if marks.ack is not None]
    if polls:
        rows.insert(Poll, _POLL_COLUMNS, polls)
    if asking:
        remind_at = now + timedelta(seconds=numbers().ack_remind_every_s)
        rows.insert(
            AckRequest, ("message_id", "remind_at", "reminders"), [(id, remind_at, 0) for id in asking]
        )


def _poll_row(message_id: int, poll: PollInfo) -> rows.Row:
    options = msgspec.json.encode([option.text for option in poll.options]).decode()
    return message_id, options, poll.multiple, poll.anonymous, poll.ends_at
