"""Each recipient and channel gets one decision, written down with its reason, at the same cost for one and for many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import upkeep
from notifications.deliveries.decide import decide_chunk, foresee
from notifications.models import Delivery, Notice
from notifications.preferences.services import preference_mute, preference_scope
from notifications.selectors import inbox_page
from notifications.types import known_type
from tests.support.deliveries import called, choose, hours, only, whys
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def test_a_decision_is_written_down_for_each_channel():
    ada = make_user()
    called(ada)
    assert whys(ada, "in_app") == ["sent"]
    assert whys(ada) == ["due"]
    assert only(ada, "in_app").sent_at is not None
    assert whys(ada, "letters") == []  # the type does not use it, and she did not ask for it


def test_a_notice_that_is_rolled_back_has_decided_nothing():
    ada = make_user()

    def fail():
        with transaction.atomic():
            called(ada)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Delivery.objects.exists()


def test_what_people_chose_is_followed_each_for_themselves():
    off, asked, muted, plain = (make_user() for _ in range(4))
    choose(off, "calls", "recorder", "off")
    choose(asked, "calls", "letters", "instant")
    preference_mute(muted, until=timezone.now() + HOUR, client_id=client_id())
    called(off, asked, muted, plain)
    assert [whys(one)[0] for one in (off, asked, muted, plain)] == ["preference", "due", "muted", "due"]
    assert [whys(one, "letters") for one in (off, asked)] == [[], ["due"]]
    assert len(inbox_page(muted).items) == 1


def test_who_wants_nothing_of_it_in_the_app_has_no_line():
    ada, ben = make_user(), make_user()
    choose(ada, "calls", "in_app", "off")
    called(ada, ben)
    assert [len(inbox_page(user).items) for user in (ada, ben)] == [0, 1]
    assert (whys(ada, "in_app"), whys(ada)) == (["preference"], ["due"])


def test_a_room_may_be_followed_for_mentions_not_at_all_or_muted():
    ada, ben, cleo = make_user(), make_user(), make_user()
    for user, follow in ((ada, "mentions"), (ben, "nothing"), (cleo, "all")):
        until = timezone.now() + HOUR if follow == "all" else None
        preference_scope(user, scope="room:7", follow=follow, muted_until=until, client_id=client_id())
    called(ada, ben, cleo, scope="room:7")  # calls are mentions
    called(ada, ben, cleo, type="testing.reply", scope="room:7")
    called(ada, ben, cleo, scope="room:8")
    assert whys(ada) == ["due", "scope", "due"]
    assert whys(ben) == ["scope", "scope", "due"]
    assert whys(cleo) == ["scope_muted", "scope_muted", "due"]
    assert [len(inbox_page(user).items) for user in (ada, ben, cleo)] == [2, 1, 3]


def test_what_waits_says_until_when():
    ada = make_user()
    now = timezone.now()
    begins, ends = now - HOUR, now + HOUR
    hours(ada, (f"{begins:%H:%M}", f"{ends:%H:%M}"))
    called(ada)
    held = only(ada)
    assert (held.state, held.why) == ("waiting", "quiet_hours")
    assert held.due_at == ends.replace(second=0, microsecond=0)


def test_a_critical_notice_goes_out_at_night_to_who_muted_everything():
    ada = make_user()
    now = timezone.now()
    hours(ada, (f"{now - HOUR:%H:%M}", f"{now + HOUR:%H:%M}"))
    choose(ada, "alarms", "recorder", "off")
    preference_mute(ada, until=now + HOUR, client_id=client_id())
    called(ada, type="testing.alarm")
    assert whys(ada) == ["due"]


def test_who_has_no_address_is_said_to_have_none(recorder):
    ada = make_user()
    recorder.places[ada.pk] = []
    called(ada, type="testing.alarm")
    assert whys(ada) == ["no_device"]


def test_a_storm_is_told_in_one_message(settings):
    settings.NOTIFICATIONS = {"storm_notices": 3}
    ada = make_user()
    for _ in range(6):
        called(ada)
    called(ada, group="another")
    assert whys(ada) == ["due", "due", "due", "storm", "collapsed", "collapsed", "due"]


def test_a_storm_that_is_over_holds_nothing_back(settings):
    settings.NOTIFICATIONS = {"storm_notices": 2}
    ada = make_user()
    for _ in range(3):
        called(ada)
    Delivery.objects.update(decided_at=timezone.now() - HOUR)
    called(ada)
    assert whys(ada) == ["due", "due", "storm", "due"]


def test_a_chunk_of_a_broadcast_is_decided_over_the_channels_it_names():
    """And again by a worker that did not know of the first time."""
    ada, ben = make_user(), make_user()
    choose(ben, "orders", "letters", "off")
    notice = Notice.objects.create(type="testing.shipped", key="broadcast:1:1", data='{"number":1}')
    declared = known_type(notice.type)
    for _ in range(2):
        decided = decide_chunk(notice, declared, [ada.pk, ben.pk], ["letters", "recorder", "not there"])
    assert {name: len(verdicts) for name, verdicts in decided.verdicts.items()} == {
        "letters": 2,
        "recorder": 2,
    }
    assert (whys(ada, "letters"), whys(ben, "letters")) == (["due"], ["preference"])
    assert (whys(ada), whys(ben)) == (["due"], ["due"])
    assert whys(ada, "in_app") == []


def test_what_would_be_decided_can_be_asked_without_writing():
    ada = make_user()
    choose(ada, "calls", "recorder", "off")
    notice = Notice(type="testing.called", key="rehearsed", data="{}")
    foreseen = foresee(notice, known_type(notice.type), [ada.pk], now=timezone.now())
    assert foreseen.verdicts["recorder"][ada.pk].why == "preference"
    assert not Delivery.objects.exists()
    assert not Notice.objects.exists()


def test_workers_decide_about_batches(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 3}
    people = [make_user() for _ in range(7)]
    called(*people)
    assert not Delivery.objects.exists()
    upkeep.keep_up()
    assert Delivery.objects.count() == 14


def test_a_chunk_costs_the_same_statements_as_one_person():
    people = [make_user() for _ in range(40)]
    for user in people[::2]:
        choose(user, "calls", "recorder", "off")
        hours(user, ("22:00", "07:00"), zone="Asia/Kathmandu")

    def statements(count: int) -> int:
        with CaptureQueriesContext(connections["default"]) as captured:
            called(*people[:count], scope="room:7")
        return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE", "WITH")) for one in captured)

    statements(40)  # makes their inboxes and streams
    assert statements(1) == statements(40)


def test_old_decisions_are_trimmed_and_what_waits_is_not():
    ada, ben = make_user(), make_user()
    called(ada)
    Delivery.objects.update(decided_at=timezone.now() - timedelta(days=100))
    called(ben)
    upkeep.retain()
    assert list(Delivery.objects.order_by("pk").values_list("recipient", "channel")) == [
        (ada.pk, "recorder"),
        (ben.pk, "in_app"),
        (ben.pk, "recorder"),
    ]
