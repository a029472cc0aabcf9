"""The rules, one by one, and what holds for every person, notice and moment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.deliveries.rules import IN_APP, Facts, Limits, State, Subject, Verdict, Why, decide
from notifications.preferences.hours import EVERY_DAY, Hours
from notifications.preferences.person import Follow, Frequency, Person, ScopeRule

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
LIMITS = Limits(storm_notices=3, storm_hold=timedelta(minutes=5), throttle_messages=5)
AWAKE = Hours(ZoneInfo("UTC"))
DUE = Verdict(State.WAITING, Why.DUE, NOON)


def person(hours: Hours = AWAKE, **chosen) -> Person:
    return Person(hours=hours, language="en", **chosen)


def asked(one: Person | None = None, channel: str = "mail", **more) -> Verdict:
    facts = more.pop("facts", Facts())
    told = {"told_at": NOON, "channels": (IN_APP, "mail"), **more}
    return decide(one or person(), Subject(**told), channel, NOON, facts=facts, limits=LIMITS)


@pytest.mark.parametrize(
    ("why", "one", "more"),
    [
        (Why.PREFERENCE, person(choices={"mail": Frequency.OFF}), {}),
        (Why.PREFERENCE, person(), {"channels": (IN_APP,)}),
        (Why.SCOPE, person(scope=ScopeRule(Follow.NOTHING)), {}),
        (Why.SCOPE, person(scope=ScopeRule(Follow.MENTIONS)), {}),
        (Why.SCOPE_MUTED, person(scope=ScopeRule(Follow.ALL, LATER)), {}),
        (Why.MUTED, person(muted_until=LATER), {}),
        (Why.NO_DEVICE, person(), {"facts": Facts(reachable=False)}),
        (Why.READ_ALREADY, person(), {"facts": Facts(seen=True)}),
        (Why.THROTTLED, person(), {"facts": Facts(sent=5)}),
        (Why.COLLAPSED, person(), {"facts": Facts(recent=3, storm_waits=True)}),
        (Why.EXPIRED, person(), {"expires_at": NOON}),
        (Why.RECALLED, person(), {"recalled": True}),
        (Why.DEACTIVATED, person(), {"facts": Facts(active=False)}),
    ],
)
def test_a_message_is_not_sent_and_the_reason_is_named(why, one, more):
    assert asked(one, **more) == Verdict(State.SUPPRESSED, why)


@pytest.mark.parametrize(
    ("why", "until", "one", "more"),
    [
        (Why.QUIET_HOURS, LATER, person(Hours(ZoneInfo("UTC"), (time(11), time(13)))), {}),
        (
            Why.WORKING_DAYS,
            datetime(2026, 11, 26, tzinfo=UTC),
            person(Hours(ZoneInfo("UTC"), None, EVERY_DAY - {3})),
            {},
        ),
        (Why.ESCALATION, LATER, person(), {"escalate": {"mail": timedelta(hours=1)}}),
        (Why.STORM, NOON + timedelta(minutes=5), person(), {"facts": Facts(recent=3)}),
    ],
)
def test_a_message_waits_and_it_is_said_for_what_and_until_when(why, until, one, more):
    assert asked(one, **more) == Verdict(State.WAITING, why, until)


@pytest.mark.parametrize(
    ("one", "more"),
    [
        (person(), {}),
        (person(choices={"mail": Frequency.INSTANT}), {"channels": (IN_APP,)}),
        (person(scope=ScopeRule(Follow.MENTIONS)), {"mention": True}),
        (person(muted_until=EARLIER), {}),
        (person(scope=ScopeRule(Follow.ALL, EARLIER)), {}),
        (person(), {"told_at": EARLIER, "escalate": {"mail": timedelta(hours=1)}}),
        (person(), {"facts": Facts(recent=2, sent=4)}),
        (person(), {"expires_at": LATER}),
    ],
)
def test_a_message_is_due_at_once(one, more):
    assert asked(one, **more) == DUE


def test_what_is_for_a_digest_waits_for_its_window():
    verdict = asked(person(choices={"mail": Frequency.DAILY}))
    assert verdict == Verdict(State.DIGEST, Why.DIGEST, datetime(2026, 11, 26, 8, tzinfo=UTC))


def test_the_inbox_keeps_what_mutes_and_quiet_hours_hold_back():
    silent = person(Hours(ZoneInfo("UTC"), (time(11), time(13))), muted_until=LATER)
    assert asked(silent, IN_APP) == Verdict(State.SENT, Why.SENT)
    assert asked(person(choices={IN_APP: Frequency.OFF}), IN_APP).why is Why.PREFERENCE
    assert asked(person(scope=ScopeRule(Follow.NOTHING)), IN_APP).why is Why.SCOPE
    assert asked(person(scope=ScopeRule(Follow.ALL, LATER)), IN_APP).state is State.SENT


moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
rules = st.builds(ScopeRule, st.sampled_from(Follow), st.none() | moments)
people = st.builds(
    Person,
    hours=st.builds(
        Hours,
        zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"]).map(ZoneInfo),
        quiet=st.none() | st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]),
        working_days=st.frozensets(st.integers(1, 7), min_size=1),
    ),
    language=st.just("en"),
    muted_until=st.none() | moments,
    choices=st.dictionaries(st.sampled_from([IN_APP, "mail"]), st.sampled_from(Frequency)),
    scope=rules,
)
subjects = st.builds(
    Subject,
    told_at=moments,
    expires_at=st.none() | moments,
    critical=st.booleans(),
    mention=st.booleans(),
    recalled=st.booleans(),
    channels=st.sampled_from([(IN_APP,), (IN_APP, "mail")]),
    escalate=st.dictionaries(st.just("mail"), st.timedeltas(timedelta(0), timedelta(days=1))),
)
facts = st.builds(
    Facts,
    active=st.booleans(),
    reachable=st.booleans(),
    seen=st.booleans(),
    recent=st.integers(0, 6),
    storm_waits=st.booleans(),
    sent=st.integers(0, 9),
)
channels = st.sampled_from([IN_APP, "mail"])


@given(people, subjects, channels, moments, facts)
def test_whoever_waits_is_looked_at_again_later_and_nobody_else_is(one, subject, channel, now, known):
    verdict = decide(one, subject, channel, now, facts=known, limits=LIMITS)
    waits = verdict.state in {State.WAITING, State.DIGEST}
    assert (verdict.until is not None) == waits
    if waits:
        assert verdict.until > now or verdict == Verdict(State.WAITING, Why.DUE, now)
    assert (verdict.state is State.SENT) == (verdict.why is Why.SENT)
    assert channel != IN_APP or not waits


@given(people, subjects, moments, facts)
def test_a_critical_notice_passes_what_people_chose_and_every_limit(one, subject, now, known):
    if not subject.critical:
        return
    verdict = decide(one, subject, "mail", now, facts=known, limits=LIMITS)
    of_the_notice = {Why.RECALLED, Why.EXPIRED, Why.DEACTIVATED, Why.NO_DEVICE, Why.READ_ALREADY}
    assert verdict.why in of_the_notice | {Why.DUE, Why.ESCALATION}
    plain = Person(hours=AWAKE, language="en")
    assert verdict == decide(plain, subject, "mail", now, facts=known, limits=LIMITS)


@given(people, subjects, moments, facts)
def test_nothing_goes_out_that_somebody_does_not_want(one, subject, now, known):
    verdict = decide(one, subject, "mail", now, facts=known, limits=LIMITS)
    if verdict.why is not Why.DUE or subject.critical:
        return
    assert one.choices.get("mail") is not Frequency.OFF
    assert one.hours.silent_until(now) is None
    assert one.muted_until is None or one.muted_until <= now
    assert one.scope.follow is not Follow.NOTHING
    assert known.active
    assert known.reachable
    assert not known.seen
    assert known.sent < LIMITS.throttle_messages


@given(people, subjects, facts, moments)
def test_who_is_asked_again_when_the_wait_is_over_gets_an_end_to_it(one, subject, known, now):
    """However often: silences, escalation and storms follow each other, but not for ever."""
    for _ in range(4):
        verdict = decide(one, subject, "mail", now, facts=known, limits=LIMITS)
        if verdict.state is not State.WAITING or verdict.why is Why.DUE:
            return
        now = verdict.until
        known = Facts(active=known.active, reachable=known.reachable, seen=known.seen, sent=known.sent)
    raise AssertionError(f"still waiting: {verdict}")
