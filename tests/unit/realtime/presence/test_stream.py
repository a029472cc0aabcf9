"""What one process knows of a stream's presence: what it announces, what it hears, what its watchers see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.presence.messages import Mode, PresenceChanged
from realtime.presence.stream import StreamPresence

LIMIT = 10


@pytest.fixture
def stream() -> StreamPresence:
    known = StreamPresence()
    known.begin(LIMIT)
    return known


def seen(stream: StreamPresence, now_s: float = 0.0, *, limit: int = LIMIT) -> PresenceChanged | None:
    return stream.change(now_s, linger_s=3.0, limit=limit)


def test_a_person_with_two_sockets_comes_once_and_leaves_once(stream: StreamPresence) -> None:
    stream.enter(7, "online")
    stream.enter(7, "online")
    change = seen(stream)
    assert change is not None
    assert (change.online, change.count) == ([7], 1)
    stream.leave(7)
    assert seen(stream, 10.0) is None
    stream.leave(7)
    assert seen(stream, 20.0) is None  # it lingers
    gone = seen(stream, 23.0)
    assert gone is not None
    assert (gone.offline, gone.count) == ([7], 0)
    assert stream.leaving == {}


def test_who_comes_back_soon_was_never_away(stream: StreamPresence) -> None:
    stream.enter(7, "online")
    seen(stream)
    for at_s in range(1, 20, 2):
        stream.leave(7)
        assert seen(stream, at_s) is None
        stream.enter(7, "online")
        assert seen(stream, at_s + 1) is None
    assert seen(stream, 100.0) is None


def test_of_several_processes_the_most_active_device_counts(stream: StreamPresence) -> None:
    stream.enter(7, "idle")
    seen(stream)
    assert stream.hear_difference("b", 1, {7: "online"}, [])
    change = seen(stream)
    assert change is not None
    assert (change.online, change.idle) == ([7], [])
    assert stream.forget("b")
    change = seen(stream)
    assert change is not None
    assert (change.online, change.idle, change.offline) == ([], [7], [])
    assert not stream.forget("b")


def test_an_invisible_person_is_told_to_nobody(stream: StreamPresence) -> None:
    stream.enter(7, None)
    assert (stream.announcement(), seen(stream)) == (None, None)
    stream.set_mode(7, "dnd")
    announcement, change = stream.announcement(), seen(stream)
    assert announcement is not None
    assert change is not None
    assert (announcement.here, change.dnd) == ({7: "dnd"}, [7])
    stream.set_mode(7, None)
    announcement = stream.announcement()
    assert announcement is not None
    assert announcement.gone == [7]


def test_a_missed_difference_is_noticed(stream: StreamPresence) -> None:
    assert stream.hear_difference("b", 1, {1: "online"}, [])
    assert not stream.hear_difference("b", 3, {3: "online"}, [])
    stream.hear_state("b", 3, {2: "online", 3: "idle"})
    change = seen(stream)
    assert change is not None
    assert (change.online, change.idle) == ([2], [3])


def test_of_a_crowd_only_the_number_is_told_and_names_come_back_well_below(stream: StreamPresence) -> None:
    for user_id in range(12):
        stream.enter(user_id, "online")
    crowd = seen(stream)
    assert crowd == PresenceChanged([], [], [], [], 12, listed=False, whole=True)
    assert (stream.now().online, stream.now().count, stream.now().listed) == ([], 12, False)
    stream.leave(0)
    seen(stream, 1.0)
    assert seen(stream, 4.0) == PresenceChanged([], [], [], [], 11, listed=False, whole=False)
    for user_id in range(1, 3):
        stream.leave(user_id)
    seen(stream, 5.0)
    at_the_limit = seen(stream, 8.0)  # 9 would fit, and soon not fit again
    assert at_the_limit is not None
    assert (at_the_limit.count, at_the_limit.listed) == (9, False)
    stream.leave(3)
    seen(stream, 9.0)
    again = seen(stream, 12.0)
    assert again is not None
    assert (again.online, again.listed, again.whole) == (list(range(4, 12)), True, True)


MODES: list[Mode] = ["online", "idle", "dnd"]
steps = st.lists(
    st.tuples(
        st.sampled_from(["enter", "leave", "mode", "hear", "forget", "look"]),
        st.integers(0, 15),
        st.sampled_from([*MODES, None]),
    ),
    max_size=80,
)


@given(steps)
def test_what_is_shown_in_the_end_is_what_is_and_announcements_add_up_to_it(
    some: list[tuple[str, int, Mode | None]],
) -> None:
    stream, version, now_s = StreamPresence(), 0, 0.0
    stream.begin(LIMIT)
    shown: dict[int, Mode] = {}
    elsewhere: dict[int, Mode] = {}

    def look() -> None:
        change = seen(stream, now_s)
        if change is None:
            return
        if change.whole:
            shown.clear()
        for user_id in change.offline:
            shown.pop(user_id, None)
        for mode in MODES:
            shown.update(dict.fromkeys(getattr(change, mode), mode))

    def announced() -> None:
        said = stream.announcement()
        if said is not None:
            elsewhere.update(said.here)
            for user_id in said.gone:
                del elsewhere[user_id]

    for what, user_id, mode in some:
        now_s += 1
        match what:
            case "enter":
                stream.enter(user_id, mode)
            case "leave" if user_id in stream.sockets:
                stream.leave(user_id)
            case "mode" if user_id in stream.sockets:
                stream.set_mode(user_id, mode)
            case "hear":
                version += 1
                here, gone = ({user_id: mode}, []) if mode else ({}, [user_id])
                assert stream.hear_difference("b", version, here, gone)
            case "forget":
                stream.forget("b")
                version = 0
            case "look":
                look()
                announced()
    look()
    now_s += 10
    look()
    announced()
    assert elsewhere == stream.here
    everybody = StreamPresence(here=stream.here, remote=stream.remote)
    everybody.begin(LIMIT)
    assert stream.now().count == everybody.now().count
    if stream.listed:
        assert shown == everybody.shown
