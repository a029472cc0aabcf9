"""Moments of many members: nobody early, nobody forgotten, and only those whose moment has come are looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime.gateway.agenda import TICK_S, Agenda


def test_a_member_comes_once_and_not_before_its_moment() -> None:
    agenda: Agenda[str] = Agenda(100.0)
    agenda.put("ping", 103.2)
    assert agenda.take(103.1) == []
    assert agenda.take(104.0) == ["ping"]
    assert agenda.take(999.0) == []


def test_a_later_word_replaces_an_earlier_one() -> None:
    agenda: Agenda[str] = Agenda(0.0)
    agenda.put("ping", 1.0)
    agenda.put("ping", 5.0)
    assert agenda.take(4.9) == []
    agenda.put("ping", 2.0)  # in the past: next
    assert agenda.take(5.5) == ["ping"]


def test_who_was_forgotten_does_not_come() -> None:
    agenda: Agenda[str] = Agenda(0.0)
    agenda.put("gone", 1.0)
    agenda.put("here", 1.0)
    agenda.forget("gone")
    agenda.forget("never there")
    assert agenda.take(2.0) == ["here"]


@given(st.dictionaries(st.integers(), st.floats(0, 60), max_size=30), st.floats(0.01, 7))
def test_everybody_comes_within_a_second_whatever_the_steps(moments: dict[int, float], step: float) -> None:
    agenda: Agenda[int] = Agenda(0.0)
    for member, due in moments.items():
        agenda.put(member, due)
    now = 0.0
    while now < 60 + 2 * TICK_S + step:
        now += step
        for member in agenda.take(now):
            assert moments[member] <= now < moments.pop(member) + 2 * TICK_S + step
    assert not moments
