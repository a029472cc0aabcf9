"""Broadcasts over channels outside the app: the rehearsal foretells what becomes of them, and the figures say it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from notifications.audiences import Audience
from notifications.broadcasts.figures import channel_figures
from notifications.broadcasts.rehearsal import rehearse
from notifications.broadcasts.retry import broadcast_retry
from notifications.broadcasts.steering import broadcast_recall
from notifications.channels import Refused, Sent
from notifications.errors import NothingToRetry
from notifications.models import Broadcast, Delivery, Mark
from notifications.preferences.payloads import QuietHours
from notifications.preferences.services import preference_choose, preference_hours, preference_mute
from notifications.selectors import inbox_page
from notifications.services import notification_mark
from notifications.upkeep import keep_up
from tests.support.deliveries import send_due as send_deliveries
from tests.support.notices import send_due, stored, to_people
from tests.support.people import client_id, make_user
from tests.support.recorder import recorder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def taken():
    return recorder()


@pytest.fixture
def world(taken) -> dict[str, User]:
    """One of each: who gets it, is asleep, does not want it here, has muted all, has no device."""
    people = {name: make_user(name) for name in ("ada", "sleeper", "off", "muted", "nowhere")}
    now = timezone.now()
    night = QuietHours(f"{now - timedelta(hours=2):%H:%M}", f"{now + timedelta(hours=2):%H:%M}")
    preference_hours(
        people["sleeper"],
        time_zone="UTC",
        language="de",
        quiet_hours=night,
        working_days=[1, 2, 3, 4, 5, 6, 7],
        client_id=client_id(),
    )
    preference_choose(
        people["off"], category="broadcasts", channel="recorder", frequency="off", client_id=client_id()
    )
    preference_mute(people["muted"], until=now + timedelta(hours=1), client_id=client_id())
    taken.places = {people["nowhere"].pk: []}
    return people


def told_outside(audience: Audience, **fields: object) -> Broadcast:
    """Stored, to go out over the recorder as well."""
    broadcast = stored(audience)
    Broadcast.objects.filter(pk=broadcast.pk).update(channels=["in_app", "recorder"], **fields)
    broadcast.refresh_from_db()
    return broadcast


def outside(broadcast: Broadcast):
    return channel_figures(broadcast)[1]


def test_what_was_rehearsed_comes_true(world, taken):
    broadcast = told_outside(to_people(*world.values()))
    in_app, forecast = rehearse(broadcast, now=timezone.now()).channels
    assert (in_app.now, in_app.preference) == (5, 0)
    assert (forecast.now, forecast.held, forecast.preference, forecast.no_device) == (1, 1, 2, 1)
    assert not Delivery.objects.exists()
    send_due()
    send_deliveries()
    figures = outside(broadcast)
    assert (figures.sent, figures.queued, figures.suppressed, figures.failed) == (1, 1, 3, 0)
    assert figures.why == {"quiet_hours": 1, "preference": 1, "muted": 1, "no_device": 1}
    assert [message.title for _, message in taken.taken] == ["Tea is ready"]


def test_a_critical_one_passes_what_people_chose(world):
    broadcast = told_outside(to_people(*world.values()), critical=True)
    send_due()
    send_deliveries()
    assert outside(broadcast).sent == 4


def test_everybody_gets_one_line_and_each_a_message(world, settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    group = Group.objects.create(name="tea")
    group.user_set.set(world.values())
    broadcast = told_outside(Audience(kind="group", key=group.pk))
    send_due()
    send_deliveries()
    broadcast.refresh_from_db()
    in_app, figures = channel_figures(broadcast)
    assert (broadcast.status, in_app.sent, figures.sent) == ("sent", 5, 1)
    assert Delivery.objects.filter(channel="recorder").count() == 5


def test_each_reads_it_in_their_own_language(world, taken):
    translations = {"de": {"title": "Tee", "text": "In der **Küche**."}}
    told_outside(to_people(*world.values()), critical=True, translations=translations)
    send_due()
    send_deliveries()
    titles = {where: message.title for where, message in taken.taken}
    assert titles[f"home of {world['sleeper'].pk}"] == "Tee"
    assert titles[f"home of {world['ada'].pk}"] == "Tea is ready"


def test_who_does_not_want_it_in_the_app_has_no_line(world):
    ada = world["ada"]
    preference_choose(ada, category="broadcasts", channel="in_app", frequency="off", client_id=client_id())
    broadcast = told_outside(to_people(ada, world["off"]))
    send_due()
    assert inbox_page(ada).items == []
    in_app = channel_figures(broadcast)[0]
    assert (in_app.sent, in_app.suppressed, in_app.why) == (1, 1, {"preference": 1})


def test_seen_in_the_app_it_is_not_sent_any_more(world):
    sleeper = world["sleeper"]
    broadcast = told_outside(to_people(sleeper))
    send_due()
    items = [item.id for item in inbox_page(sleeper).items]
    notification_mark(sleeper, items, Mark.SEEN, client_id=client_id())
    assert outside(broadcast).why == {"read_already": 1}


def test_a_recall_takes_back_what_was_not_sent(world, taken):
    broadcast = told_outside(to_people(*world.values()))
    send_due()
    broadcast_recall(broadcast.pk)
    keep_up()
    send_deliveries()
    assert taken.taken == []
    assert outside(broadcast).why["recalled"] == 2


def test_what_failed_is_tried_again(world, taken):
    taken.answers.append(Refused("full"))
    broadcast = told_outside(to_people(world["ada"]))
    send_due()
    send_deliveries()
    assert (outside(broadcast).failed, outside(broadcast).why) == (1, {"refused": 1})
    taken.answers.append(Sent())
    broadcast_retry(broadcast.pk)
    send_deliveries()
    assert (outside(broadcast).sent, outside(broadcast).failed) == (1, 0)
    with pytest.raises(NothingToRetry):
        broadcast_retry(broadcast.pk)
