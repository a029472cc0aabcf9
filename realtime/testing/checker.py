"""Judges a history of clients against what the database holds at the end: invariants I1-I12, as pure functions.

    I1  every acknowledged message is stored
    I2  a client_id is stored at most once
    I3  a stream's numbers are 1, 2, 3 … without hole or double; so are a room's message numbers
    I4  the acknowledged position is the stored one
    I5  what a client was sent on a stream never goes back
    I6  what a client got from joining to leaving is the log: nothing missing, nothing twice, nothing else
    I7  nothing of a stream reaches a client outside its membership
    I8  a send without acknowledgement is stored once or not at all, and a repetition gets the first position
    I9  each occurrence of a scheduled broadcast fired exactly once for each of its people
    I10 what must be refused is refused with a code, and nothing is answered `internal`
    I11 once the faults stop, all catch up in time, nothing fails or dies, and nothing ever hung (`calm_again`)
    I12 memory, open files, threads and connections are back where they began (`back_to_baseline`)

Call it when everything has settled: every client caught up, nothing under way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from realtime.testing.history import (
    Acked,
    Failed,
    History,
    Joined,
    Left,
    Probed,
    Received,
    Sent,
    StoredEvent,
    StoredMessage,
    StoredOccurrence,
)

INVARIANTS = tuple(f"I{number}" for number in range(1, 13))
REVOCATION_GRACE_S = 2.0
RELATIVE_SLACK = 0.05
# The code of an error that says that the server itself is at fault.
INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds: the log's events of the streams in question, the rooms' messages, broadcasts."""

    events: Sequence[StoredEvent]
    messages: Sequence[StoredMessage]
    occurrences: Sequence[StoredOccurrence] = ()


@dataclass(frozen=True, slots=True)
class Slack:
    """How much more of one resource is no leak: the larger of 5 % and `absolute`."""

    absolute: float

    def allows(self, before: float, after: float) -> bool:
        return after <= before + max(self.absolute, before * RELATIVE_SLACK)


def check(history: History, stored: Stored) -> list[Violation]:
    """Everything that is wrong, in the order of the invariants; an empty list is what one hopes for."""
    return [
        *acked_is_stored(history, stored),
        *stored_once(stored),
        *numbers_without_holes(stored),
        *acked_where_stored(history, stored),
        *never_backwards(history),
        *received_is_the_log(history, stored),
        *nothing_outside_membership(history),
        *repetition_gets_the_first_position(history),
        *fired_once(stored),
        *refused_with_a_code(history),
    ]


def as_seen(history: History) -> Stored:
    """What must be stored, told from what all clients together were sent: for a database that one cannot read.

    What nobody saw before the first who joined counts as there; a hole that all of them have counts as one.
    """
    events: dict[str, dict[int, StoredEvent]] = defaultdict(dict)
    for joined in history.of(Joined):
        before = events[joined.stream]
        if not before:
            before.update((seq, StoredEvent(joined.stream, seq, "")) for seq in range(1, joined.seq + 1))
    messages: dict[str, dict[int, StoredMessage]] = defaultdict(dict)
    for got in history.of(Received):
        events[got.stream].setdefault(got.seq, StoredEvent(got.stream, got.seq, got.name, got.client_id))
        if got.client_id:
            found = messages[got.stream]
            found.setdefault(got.seq, StoredMessage(got.stream, len(found) + 1, got.seq, "", got.client_id))
    return Stored(
        [event for stream in events.values() for event in stream.values()],
        [message for stream in messages.values() for message in stream.values()],
    )


def raw_duplicates(history: History) -> int:
    """How many events came again on a stream that had them: allowed, since clients drop them, but not for free."""
    seen = Counter((record.client, record.stream, record.seq) for record in history.of(Received))
    return sum(count - 1 for count in seen.values())


def acked_is_stored(history: History, stored: Stored) -> Iterator[Violation]:
    held = {message.client_id for message in stored.messages}
    for ack in history.of(Acked):
        if ack.client_id not in held:
            yield Violation("I1", f"{ack.client}'s {ack.client_id} was acknowledged and is not stored")


def stored_once(stored: Stored) -> Iterator[Violation]:
    rows = Counter((message.author, message.client_id) for message in stored.messages)
    for (author, client_id), count in rows.items():
        if count > 1:
            yield Violation("I2", f"{author}'s {client_id} is stored {count} times")


def numbers_without_holes(stored: Stored) -> Iterator[Violation]:
    seqs: dict[str, list[int]] = defaultdict(list)
    for event in stored.events:
        if event.seq is None:
            yield Violation("I3", f"{event.stream}: {event.name} never got a number")
        else:
            seqs[event.stream].append(event.seq)
    numbers: dict[str, list[int]] = defaultdict(list)
    for message in stored.messages:
        numbers[message.stream].append(message.number)
    yield from _not_counting(seqs, "events")
    yield from _not_counting(numbers, "messages")


def acked_where_stored(history: History, stored: Stored) -> Iterator[Violation]:
    rows = {message.client_id: message for message in stored.messages}
    for ack in history.of(Acked):
        row = rows.get(ack.client_id)
        if row is not None and (row.seq, row.stream) != (ack.seq, ack.stream):
            told, held = f"{ack.stream}#{ack.seq}", f"{row.stream}#{row.seq}"
            yield Violation("I4", f"{ack.client_id} was acknowledged at {told} and is stored at {held}")


def never_backwards(history: History) -> Iterator[Violation]:
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    greatest: dict[tuple[str, str], int] = defaultdict(int)
    for record in history.of(Received):
        where = record.client, record.stream
        if record.seq < greatest[where] and record.seq not in seen[where]:
            yield Violation(
                "I5", f"{record.client} got {record.stream}#{record.seq} after #{greatest[where]}"
            )
        seen[where].add(record.seq)
        greatest[where] = max(greatest[where], record.seq)


def received_is_the_log(history: History, stored: Stored) -> Iterator[Violation]:
    log: dict[str, dict[int, StoredEvent]] = defaultdict(dict)
    for event in stored.events:
        if event.seq is not None:
            log[event.stream][event.seq] = event
    left = {(record.client, record.stream) for record in history.of(Left)}
    got: dict[tuple[str, str], dict[int, Received]] = defaultdict(dict)
    for record in history.of(Received):
        got[record.client, record.stream].setdefault(record.seq, record)
    for joined in history.of(Joined):
        where = joined.client, joined.stream
        if where not in left:
            wanted = {seq for seq in log[joined.stream] if seq > joined.seq}
            if missing := sorted(wanted - got[where].keys()):
                yield Violation("I6", f"{joined.client} misses {joined.stream}{_some(missing)}")
    for (client, stream), records in got.items():
        for seq, record in records.items():
            held = log[stream].get(seq)
            if held is None or (held.name, held.client_id) != (record.name, record.client_id):
                yield Violation("I6", f"{client} got {stream}#{seq} {record.name}, which is not in the log")
    yield from _applied_twice(history)


def nothing_outside_membership(history: History) -> Iterator[Violation]:
    joined = {(record.client, record.stream) for record in history.of(Joined)}
    left = {(record.client, record.stream): record.at for record in history.of(Left)}
    for record in history.of(Received):
        where = record.client, record.stream
        if where not in joined:
            yield Violation("I7", f"{record.client} got {record.stream}#{record.seq} and never joined")
        elif record.at > left.get(where, float("inf")) + REVOCATION_GRACE_S:
            yield Violation("I7", f"{record.client} got {record.stream}#{record.seq} after leaving")


def repetition_gets_the_first_position(history: History) -> Iterator[Violation]:
    acks: dict[str, list[Acked]] = defaultdict(list)
    for ack in history.of(Acked):
        acks[ack.client_id].append(ack)
    for client_id, several in acks.items():
        if len({ack.seq for ack in several}) > 1:
            yield Violation("I8", f"{client_id} was acknowledged at {[ack.seq for ack in several]}")
        if sum(not ack.duplicate for ack in several) > 1:
            yield Violation("I8", f"{client_id} was acknowledged as new {len(several)} times")
    attempts = Counter(record.client_id for record in history.of(Sent))
    for client_id, several in acks.items():
        if attempts[client_id] == 1 and any(ack.duplicate for ack in several):
            yield Violation("I8", f"{client_id} was sent once and acknowledged as a repetition")


def fired_once(stored: Stored) -> Iterator[Violation]:
    for one in stored.occurrences:
        whom = one.recipient or "everybody"
        if one.fired != 1:
            yield Violation("I9", f"broadcast {one.broadcast} reached {whom} {one.fired} times")
        elif one.late_s is None:
            yield Violation("I9", f"broadcast {one.broadcast} was never finished")


def refused_with_a_code(history: History) -> Iterator[Violation]:
    for probe in history.of(Probed):
        if not probe.code:
            yield Violation("I10", f"{probe.client}'s {probe.what} was not refused")
        elif probe.code == INTERNAL:
            yield Violation("I10", f"{probe.client}'s {probe.what} was answered {INTERNAL}")
    for failure in history.of(Failed):
        if failure.code == INTERNAL:
            yield Violation("I10", f"{failure.client}'s {failure.client_id} was answered {INTERNAL}")


def calm_again(
    *,
    caught_up_s: float | None,
    bound_s: float,
    failures: Sequence[str] = (),
    deaths: Sequence[str] = (),
    hung: Sequence[str] = (),
) -> Iterator[Violation]:
    """What happened after the last fault was mended; `caught_up_s` None where it never came to that.

    `hung` are those that only a person could bring back to work, at any time.
    """
    if caught_up_s is None or caught_up_s > bound_s:
        took = "never" if caught_up_s is None else f"{caught_up_s:.1f} s"
        yield Violation("I11", f"catching up took longer than {bound_s:.0f} s: {took}")
    for failure in failures:
        yield Violation("I11", f"after the faults {failure}")
    for death in deaths:
        yield Violation("I11", f"after the faults {death} died")
    for name in hung:
        yield Violation("I11", f"{name} ran, did nothing, and had to be killed")


def back_to_baseline(
    before: Mapping[str, float], after: Mapping[str, float], slack: Mapping[str, Slack]
) -> Iterator[Violation]:
    """Less than before is fine."""
    for name, was in before.items():
        if not slack[name].allows(was, after[name]):
            yield Violation("I12", f"{name} rose from {was:,.0f} to {after[name]:,.0f}")


def _applied_twice(history: History) -> Iterator[Violation]:
    """The same message under two numbers: no deduplication by number would notice."""
    seqs: dict[tuple[str, str, str, str], set[int]] = defaultdict(set)
    for record in history.of(Received):
        if record.client_id:
            seqs[record.client, record.stream, record.name, record.client_id].add(record.seq)
    for (client, stream, _, client_id), several in seqs.items():
        if len(several) > 1:
            yield Violation("I6", f"{client} got {client_id} on {stream} at {sorted(several)}")


def _not_counting(found: dict[str, list[int]], what: str) -> Iterator[Violation]:
    for stream, numbers in found.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            odd = _odd_ones(numbers)
            yield Violation(
                "I3", f"{stream}: the numbers of {len(numbers)} {what} have holes or doubles{odd}"
            )


def _odd_ones(numbers: list[int]) -> str:
    doubles = [number for number, count in Counter(numbers).items() if count > 1]
    holes = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
    return f": holes{_some(holes)}, doubles{_some(doubles)}"


def _some(numbers: Iterable[int]) -> str:
    numbers = list(numbers)
    return "".join(f" #{number}" for number in numbers[:5]) + (
        f" … ({len(numbers)})" if len(numbers) > 5 else ""
    )
