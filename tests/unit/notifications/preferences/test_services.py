"""Preferences are changed on one device and known on all; what cannot be chosen is refused with a reason."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from notifications.errors import (
    BadFrequency,
    BadMute,
    BadQuietHours,
    BadScope,
    BadWorkingDays,
    TooManyScopes,
    UnknownCategory,
    UnknownChannel,
    UnknownLanguage,
    UnknownTimeZone,
)
from notifications.preferences.payloads import ChannelPreference, Preferences, QuietHours
from notifications.preferences.selectors import people_for, preferences_of
from notifications.preferences.services import (
    preference_choose,
    preference_hours,
    preference_mute,
    preference_scope,
)
from tests.support import notification_types, recorder  # noqa: F401  (register themselves)
from tests.support.deliveries import choose, hours
from tests.support.notices import published
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def test_who_chose_nothing_has_everything_as_it_is():
    ada = make_user()
    assert preferences_of(ada) == Preferences(0, "", "", None, [1, 2, 3, 4, 5, 6, 7], None, [], [])


def test_a_change_is_told_to_all_devices_with_all_that_is_chosen_then():
    ada = make_user()
    choose(ada, "calls", "recorder", "off")
    choose(ada, "calls", "letters", "daily")
    choose(ada, "calls", "recorder", "instant")
    first, _, last = (event["preferences"] for event in published(f"user:{ada.pk}"))
    assert (first["version"], last["version"]) == (1, 3)
    assert preferences_of(ada).choices == [
        ChannelPreference("calls", "letters", "daily"),
        ChannelPreference("calls", "recorder", "instant"),
    ]


def test_a_repetition_changes_nothing_and_gets_the_first_answer():
    ada = make_user()
    until = timezone.now() + HOUR
    first = preference_mute(ada, until=until, client_id="one")
    assert preference_mute(ada, until=until + HOUR, client_id="one") == first
    assert preferences_of(ada).muted_until == until
    assert len(published(f"user:{ada.pk}")) == 1


def test_a_mute_ends_and_a_room_goes_back_to_all():
    ada = make_user()
    preference_mute(ada, until=timezone.now() + HOUR, client_id=client_id())
    preference_scope(ada, scope="room:1", follow="nothing", muted_until=None, client_id=client_id())
    assert preferences_of(ada).scopes[0].follow == "nothing"
    preference_mute(ada, until=None, client_id=client_id())
    preference_scope(ada, scope="room:1", follow="all", muted_until=None, client_id=client_id())
    after = preferences_of(ada)
    assert (after.muted_until, after.scopes) == (None, [])


def test_hours_are_read_in_the_zone_they_were_set_in():
    ada, ben = make_user(), make_user()
    hours(ada, ("22:30", "06:00"), days=[5, 1, 2], zone="America/St_Johns")
    people = people_for([ada.pk, ben.pk], category="calls", scope="")
    assert str(people[ada.pk].hours.zone) == "America/St_Johns"
    assert people[ada.pk].hours.working_days == {1, 2, 5}
    assert str(people[ben.pk].hours.zone) == "UTC"
    assert preferences_of(ada).quiet_hours == QuietHours("22:30", "06:00")


def test_nobody_elses_preferences_change():
    ada, ben = make_user(), make_user()
    choose(ada, "calls", "recorder", "off")
    hours(ada, ("22:30", "06:00"))
    assert preferences_of(ben).version == 0
    assert published(f"user:{ben.pk}") == []


@pytest.mark.django_db(transaction=False)  # nothing is committed
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"category": "nothing"}, UnknownCategory),
        ({"category": ""}, UnknownCategory),
        ({"channel": "pigeon"}, UnknownChannel),
        ({"frequency": "daily"}, BadFrequency),
        ({"frequency": "never"}, BadFrequency),
        ({"channel": "in_app", "frequency": "hourly"}, BadFrequency),
    ],
)
def test_what_cannot_be_chosen_is_refused(fields, error):
    usual = {"category": "calls", "channel": "recorder", "frequency": "off"}
    ada = make_user()
    with pytest.raises(error):
        preference_choose(ada, **{**usual, **fields}, client_id=client_id())
    assert preferences_of(ada).version == 0


@pytest.mark.django_db(transaction=False)  # nothing is committed
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"time_zone": "Mars/Olympus"}, UnknownTimeZone),
        ({"time_zone": "../../etc/passwd"}, UnknownTimeZone),
        ({"time_zone": "Europe/\0"}, UnknownTimeZone),
        ({"time_zone": "x" * 10_000}, UnknownTimeZone),
        ({"language": "tlh"}, UnknownLanguage),
        ({"quiet_hours": QuietHours("22:00", "22:00")}, BadQuietHours),
        ({"quiet_hours": QuietHours("24:00", "07:00")}, BadQuietHours),
        ({"quiet_hours": QuietHours("22:00", "7:00")}, BadQuietHours),
        ({"quiet_hours": QuietHours("22:00\n", "07:00")}, BadQuietHours),
        ({"quiet_hours": QuietHours("٢٢:٠٠", "07:00")}, BadQuietHours),
        ({"working_days": []}, BadWorkingDays),
        ({"working_days": [0]}, BadWorkingDays),
        ({"working_days": [8]}, BadWorkingDays),
        ({"working_days": [1, 1]}, BadWorkingDays),
    ],
)
def test_hours_that_do_not_exist_are_refused(fields, error):
    usual = {"time_zone": "", "language": "", "quiet_hours": None, "working_days": [1]}
    ada = make_user()
    with pytest.raises(error):
        preference_hours(ada, **{**usual, **fields}, client_id=client_id())
    assert preferences_of(ada).version == 0


@pytest.mark.django_db(transaction=False)  # nothing is committed
@pytest.mark.parametrize(
    "until",
    [
        timezone.now() - HOUR,
        datetime(9999, 12, 31, 23, tzinfo=timezone.get_default_timezone()),
        datetime(2027, 1, 1),  # of which zone?
    ],
)
def test_a_mute_is_until_a_time_ahead(until):
    ada = make_user()
    with pytest.raises(BadMute):
        preference_mute(ada, until=until, client_id=client_id())
    with pytest.raises(BadMute):
        preference_scope(ada, scope="room:1", follow="all", muted_until=until, client_id=client_id())


@pytest.mark.django_db(transaction=False)  # nothing is committed
@pytest.mark.parametrize(
    ("scope", "follow"),
    [
        ("room", "all"),
        ("room:0", "all"),
        ("room:1 ", "all"),
        ("ROOM:1", "all"),
        ("room:1", "some"),
        ("", "all"),
    ],
)
def test_a_rule_is_for_a_room(scope, follow):
    with pytest.raises(BadScope):
        preference_scope(make_user(), scope=scope, follow=follow, muted_until=None, client_id=client_id())


def test_a_person_has_so_many_rules(settings):
    settings.NOTIFICATIONS = {"max_scope_choices": 2}
    ada = make_user()
    for number in (1, 2, 2):
        preference_scope(
            ada, scope=f"room:{number}", follow="nothing", muted_until=None, client_id=client_id()
        )
    with pytest.raises(TooManyScopes):
        preference_scope(ada, scope="room:3", follow="nothing", muted_until=None, client_id=client_id())


def test_two_devices_at_once_lose_no_change():
    ada = make_user()
    barrier = threading.Barrier(4)

    def change(number: int) -> None:
        barrier.wait()
        preference_scope(
            ada, scope=f"room:{number}", follow="nothing", muted_until=None, client_id=client_id()
        )
        connections.close_all()

    threads = [threading.Thread(target=change, args=[number]) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = preferences_of(ada)
    assert (after.version, len(after.scopes)) == (4, 4)
    assert sorted(event["preferences"]["version"] for event in published(f"user:{ada.pk}")) == [1, 2, 3, 4]
