"""Each kind of violation, planted alone in a sound history, is found under its own name."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from realtime.testing.checker import (
    Slack,
    Stored,
    as_seen,
    back_to_baseline,
    calm_again,
    check,
    raw_duplicates,
)
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

ROOM = "room:1"
CREATED = "chat.message_created"


def received(client: str, seq: int, client_id: str, at: float, stream: str = ROOM) -> Received:
    return Received(client, stream, seq, CREATED, client_id, at)


def sound_history() -> History:
    """Two messages of ada, the second acknowledged at the second attempt; bo sees both."""
    return History(
        [
            Joined("ada", ROOM, 0, 0.0),
            Joined("bo", ROOM, 0, 0.0),
            Sent("ada", ROOM, "a1", 1.0),
            Acked("ada", ROOM, "a1", 1, False, 1.0, 1.1),
            received("ada", 1, "a1", 1.1),
            received("bo", 1, "a1", 1.1),
            Sent("ada", ROOM, "a2", 2.0),
            Failed("ada", "a2", "closed", 2.0, 2.1),
            received("bo", 2, "a2", 2.1),
            Sent("ada", ROOM, "a2", 3.0),
            Acked("ada", ROOM, "a2", 2, True, 3.0, 3.1),
            received("ada", 2, "a2", 3.1),
        ]
    )


def sound_rows() -> Stored:
    return Stored(
        [StoredEvent(ROOM, 1, CREATED, "a1"), StoredEvent(ROOM, 2, CREATED, "a2")],
        [StoredMessage(ROOM, 1, 1, "ada", "a1"), StoredMessage(ROOM, 2, 2, "ada", "a2")],
    )


def found(history: History, stored: Stored) -> set[str]:
    return {violation.invariant for violation in check(history, stored)}


def changed(rows: Any, index: int, **fields: Any) -> list[Any]:
    copy = list(rows)
    copy[index] = msgspec.structs.replace(copy[index], **fields)
    return copy


def test_a_sound_history_has_no_violation() -> None:
    assert check(sound_history(), sound_rows()) == []


def test_an_acknowledged_message_that_is_not_stored_breaks_i1() -> None:
    history = sound_history()
    history.add(Sent("bo", ROOM, "b1", 4.0))
    history.add(Acked("bo", ROOM, "b1", 3, False, 4.0, 4.1))
    assert found(history, sound_rows()) == {"I1"}


def test_a_message_that_is_stored_twice_breaks_i2() -> None:
    stored = sound_rows()
    twice = StoredMessage(ROOM, 3, 2, "ada", "a2")
    assert found(sound_history(), Stored(stored.events, [*stored.messages, twice])) == {"I2"}


@pytest.mark.parametrize("numbers", [(1, 3), (1, 1), (2, 3)])
def test_numbers_with_a_hole_or_a_double_break_i3(numbers: tuple[int, int]) -> None:
    stored = sound_rows()
    messages = changed(changed(stored.messages, 0, number=numbers[0]), 1, number=numbers[1])
    assert found(sound_history(), Stored(stored.events, messages)) == {"I3"}


def test_an_event_that_never_got_a_number_breaks_i3() -> None:
    stored = sound_rows()
    pending = StoredEvent(ROOM, None, "chat.message_edited")
    assert found(sound_history(), Stored([*stored.events, pending], stored.messages)) == {"I3"}


def test_an_acknowledged_position_that_is_not_the_stored_one_breaks_i4() -> None:
    stored = sound_rows()
    messages = changed(changed(stored.messages, 0, seq=2), 1, seq=1)
    assert found(sound_history(), Stored(stored.events, messages)) == {"I4"}


def test_an_event_that_comes_after_a_later_one_breaks_i5() -> None:
    history = sound_history()
    mine = [
        index for index, one in enumerate(history.records) if isinstance(one, Received) and one.client == "bo"
    ]
    first, second = mine
    history.records[first], history.records[second] = history.records[second], history.records[first]
    assert found(history, sound_rows()) == {"I5"}


def test_an_event_that_a_client_never_got_breaks_i6() -> None:
    history = sound_history()
    history.records = [one for one in history.records if one != received("bo", 2, "a2", 2.1)]
    assert found(history, sound_rows()) == {"I6"}


def test_an_event_that_is_not_in_the_log_breaks_i6() -> None:
    history = sound_history()
    history.add(received("bo", 3, "ghost", 4.0))
    assert found(history, sound_rows()) == {"I6"}


def test_an_event_with_another_content_than_the_log_breaks_i6() -> None:
    stored = sound_rows()
    events = changed(stored.events, 1, client_id="other")
    assert found(sound_history(), Stored(events, stored.messages)) == {"I6"}


def test_one_message_under_two_numbers_breaks_i6() -> None:
    history, stored = sound_history(), sound_rows()
    for client in ("ada", "bo"):
        history.add(received(client, 3, "a2", 4.0))
    events = [*stored.events, StoredEvent(ROOM, 3, CREATED, "a2")]
    assert found(history, Stored(events, stored.messages)) == {"I6"}


def test_an_event_long_after_leaving_breaks_i7() -> None:
    history = sound_history()
    history.records.insert(3, Left("bo", ROOM, 0.05))
    history.add(received("bo", 2, "a2", 5.0))
    assert found(history, sound_rows()) == {"I7"}


def test_an_event_of_a_stream_never_joined_breaks_i7() -> None:
    history = sound_history()
    history.add(received("eve", 1, "a1", 1.1))
    assert found(history, sound_rows()) == {"I7"}


def test_a_repetition_that_gets_another_position_breaks_i8() -> None:
    history = sound_history()
    history.add(Sent("ada", ROOM, "a1", 4.0))
    history.add(Acked("ada", ROOM, "a1", 2, True, 4.0, 4.1))
    assert "I8" in found(history, sound_rows())


def test_a_repetition_that_is_called_new_breaks_i8() -> None:
    history = sound_history()
    history.add(Sent("ada", ROOM, "a1", 4.0))
    history.add(Acked("ada", ROOM, "a1", 1, False, 4.0, 4.1))
    assert found(history, sound_rows()) == {"I8"}


def test_a_first_send_that_is_called_a_repetition_breaks_i8() -> None:
    history = sound_history()
    index = next(index for index, one in enumerate(history.records) if isinstance(one, Acked))
    history.records[index] = Acked("ada", ROOM, "a1", 1, True, 1.0, 1.1)
    assert found(history, sound_rows()) == {"I8"}


def test_an_event_that_comes_again_is_counted_and_no_violation() -> None:
    history = sound_history()
    history.add(received("bo", 1, "a1", 4.0))
    assert check(history, sound_rows()) == []
    assert raw_duplicates(history) == 1


def test_a_history_that_was_written_reads_the_same(tmp_path: Path) -> None:
    sound_history().write(tmp_path / "history.jsonl")
    assert History.read(tmp_path / "history.jsonl").records == sound_history().records


@pytest.mark.parametrize("fired", [0, 2])
def test_a_broadcast_that_reached_somebody_twice_or_never_breaks_i9(fired: int) -> None:
    stored = sound_rows()
    occurrences = [StoredOccurrence(7, "ada", 1, 0.4), StoredOccurrence(7, "bo", fired, 0.4)]
    assert found(sound_history(), Stored(stored.events, stored.messages, occurrences)) == {"I9"}


def test_a_broadcast_that_never_ended_breaks_i9() -> None:
    stored = sound_rows()
    unfinished = [StoredOccurrence(7, "", 1, None)]
    assert found(sound_history(), Stored(stored.events, stored.messages, unfinished)) == {"I9"}


@pytest.mark.parametrize("code", ["", "internal"])
def test_a_wrong_input_that_is_taken_or_breaks_something_breaks_i10(code: str) -> None:
    history = sound_history()
    history.add(Probed("ada", "empty text", "empty_body", 4.0))
    assert found(history, sound_rows()) == set()
    history.add(Probed("ada", "empty text", code, 4.0))
    assert found(history, sound_rows()) == {"I10"}


def test_a_send_that_fails_for_a_reason_of_the_server_breaks_i10() -> None:
    history = sound_history()
    history.add(Sent("bo", ROOM, "b1", 4.0))
    history.add(Failed("bo", "b1", "internal", 4.0, 4.1))
    assert found(history, sound_rows()) == {"I10"}


@pytest.mark.parametrize(
    ("caught_up_s", "failures", "deaths", "violations"),
    [
        (1.0, [], [], 0),
        (11.0, [], [], 1),
        (None, [], [], 1),
        (1.0, ["a1 failed with timeout"], ["worker1"], 2),
    ],
)
def test_no_peace_after_the_faults_breaks_i11(caught_up_s, failures, deaths, violations) -> None:
    broken = list(calm_again(caught_up_s=caught_up_s, bound_s=10.0, failures=failures, deaths=deaths))
    assert [one.invariant for one in broken] == ["I11"] * violations


def test_a_process_that_only_a_person_could_bring_back_breaks_i11() -> None:
    (broken,) = calm_again(caught_up_s=1.0, bound_s=10.0, hung=["worker1"])
    assert broken.invariant == "I11"


@pytest.mark.parametrize(("after", "violations"), [(50, 0), (104, 0), (106, 1)])
def test_more_of_something_than_the_slack_breaks_i12(after: float, violations: int) -> None:
    before, slack = {"files": 100.0}, {"files": Slack(3)}
    broken = list(back_to_baseline(before, {"files": after}, slack))
    assert [one.invariant for one in broken] == ["I12"] * violations


def test_what_all_saw_together_stands_in_for_a_database_that_one_cannot_read() -> None:
    history = sound_history()
    assert check(history, as_seen(history)) == []
    history.records = [one for one in history.records if one != received("bo", 1, "a1", 1.1)]
    assert found(history, as_seen(history)) == {"I6"}, "ada saw what bo did not"


def test_what_nobody_saw_of_it_is_a_hole() -> None:
    history = sound_history()
    history.records = [one for one in history.records if not (isinstance(one, Received) and one.seq == 1)]
    assert "I3" in found(history, as_seen(history))
    assert "I1" in found(history, as_seen(history))
