"""What clients confirm: the events that a socket has passed since its last pong, told to who asked for their receipts.

Gathered for a second, then looked up in the log and handed on in a database thread: the way of an event costs nothing
more. The door is `realtime.receipts`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import msgspec
from django.db import DatabaseError
from django.db.models import Q

from realtime import conf, database
from realtime.log.models import Event
from realtime.receipts import DeliveryReceipt, asked_for

if TYPE_CHECKING:
    from realtime.gateway.subscriptions import Subscription
    from realtime.hub import Hub, LocalStream

logger = logging.getLogger(__name__)

# Of a client that comes back, the socket before may have gone without a last pong.
LOOK_BACK_EVENTS = 100
_MOST_EVENTS = 1_000
_STREAMS_A_QUERY = 100


@dataclass(frozen=True, slots=True)
class Passed:
    """A user's client has applied the events of a stream after `after`, up to `upto`."""

    user_id: int
    stream: str
    after: int
    upto: int


class Receipts:
    """What the sockets of this process have passed and nobody was told yet."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # No more than there are subscriptions.
        self._passed: dict[tuple[int, str], Passed] = {}
        self._waits = False

    def confirmed(self, user_id: int, subscription: Subscription, seq: int) -> bool:
        """The client behind a socket says that it has applied the stream up to `seq`; whether that is news."""
        after, upto = subscription.confirmed, min(seq, subscription.stream.head)
        if upto <= after:
            return False
        subscription.confirmed = upto
        if _may_contain(subscription.stream, after, upto):
            self._keep(Passed(user_id, subscription.stream.name, max(after, upto - _MOST_EVENTS), upto))
        return True

    def _keep(self, new: Passed) -> None:
        key = new.user_id, new.stream
        known = self._passed.get(key, new)
        self._passed[key] = Passed(*key, min(known.after, new.after), max(known.upto, new.upto))
        if not self._waits:
            self._waits = True
            self._hub.loop.call_later(conf.get("RECEIPTS_INTERVAL_S"), self._begin)

    def _begin(self) -> None:
        self._hub.spawn(self._tell())

    async def _tell(self) -> None:
        passed, self._passed, self._waits = list(self._passed.values()), {}, False
        for number, chunk in enumerate(_chunks(passed)):
            try:
                await database.run(tell, chunk)
            except DatabaseError as error:
                logger.warning("Receipts wait: the database failed (%s).", str(error).partition("\n")[0])
                for one in passed[number * _STREAMS_A_QUERY :]:
                    self._keep(one)
                return


def tell(passed: Collection[Passed]) -> None:
    """Hands on the receipts of what was passed. One query, and those of whoever asked."""
    asked = asked_for()
    by_stream: dict[str, list[Passed]] = defaultdict(list)
    for one in passed:
        by_stream[one.stream].append(one)
    anywhere = reduce(or_, (_between(stream, some) for stream, some in by_stream.items()))
    rows = Event.objects.filter(anywhere, name__in=list(asked)).order_by("id")
    found: dict[str, list[DeliveryReceipt]] = defaultdict(list)
    for stream, seq, name, data in rows.values_list("stream", "seq", "name", "data"):
        user_ids = [one.user_id for one in by_stream[stream] if one.after < (seq or 0) <= one.upto]
        if user_ids:
            event = msgspec.json.decode(data, type=asked[name].event)
            found[name].append(DeliveryReceipt(event, user_ids))
    for name, receipts in found.items():
        asked[name].told(receipts)


def _between(stream: str, passed: Collection[Passed]) -> Q:
    after, upto = min(one.after for one in passed), max(one.upto for one in passed)
    return Q(stream=stream, seq__gt=after, seq__lte=upto)


def _may_contain(stream: LocalStream, after: int, upto: int) -> bool:
    """Whether one of these events was asked for: by the frames in memory, and if they don't reach back, perhaps."""
    batch = stream.after(after, upto - after)
    if batch is None:
        return bool(asked_for())
    marks = [f'"name":"{name}"'.encode() for name in asked_for()]
    return any(mark in frame for frame in batch.frames for mark in marks)


def _chunks(passed: Sequence[Passed]) -> Iterator[Sequence[Passed]]:
    for start in range(0, len(passed), _STREAMS_A_QUERY):
        yield passed[start : start + _STREAMS_A_QUERY]
