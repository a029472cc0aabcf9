"""What is due goes out once, to who still wants it; what goes wrong is tried again, and in the end given up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from notifications import upkeep
from notifications.channels import Gone, Refused, Retry, Sent
from notifications.deliveries import sending
from notifications.deliveries.selectors import deliveries_in, due_digests
from notifications.deliveries.sending import claim_due, due_channels, recheck, send_chunk
from notifications.models import Delivery, Mark
from notifications.preferences.services import preference_mute
from notifications.recall import recall
from notifications.selectors import inbox_page
from notifications.services import notification_mark, notification_read_all
from tests.support.clock import later
from tests.support.deliveries import called, choose, hours, only, send_due, send_later, whys
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def mark(user, name=Mark.SEEN):
    notification_mark(user, [item.id for item in inbox_page(user).items], name, client_id=client_id())


def test_what_is_due_is_sent_in_the_words_of_the_channel(recorder):
    ada, ben = make_user("ada"), make_user("ben")
    called(ada, actor=ben, data={"line": 3}, scope="room:7")
    assert due_channels() == ["recorder"]
    send_due()
    ((place, message),) = recorder.taken
    assert place == f"home of {ada.pk}"
    assert (message.title, message.text, message.category) == ("Call from ben", "", "calls")
    assert message.link.startswith("http")
    assert message.link.endswith("/calls/3")
    assert (message.thread, message.unread, message.language) == ("room:7", 1, "en")
    sent = only(ada)
    assert (sent.state, sent.why, sent.attempts, sent.due_at) == ("sent", "sent", 1, None)
    assert sent.sent_at is not None
    assert due_channels() == []


def test_words_are_in_the_language_of_who_reads_them(recorder):
    ada, ben = make_user(), make_user()
    hours(ada, language="de")
    called(ada, ben, type="testing.reply")
    called(ada, type="testing.reply", group="thread")
    called(ada, type="testing.reply", group="thread")
    assert {item.title for item in inbox_page(ada).items} == {"Ja"}
    assert [item.title for item in inbox_page(ben).items] == ["Yes"]


@pytest.mark.parametrize("what", [Mark.SEEN, Mark.READ, Mark.CLICKED, Mark.ARCHIVED])
def test_what_was_seen_in_the_app_on_any_device_is_not_sent(recorder, what):
    ada, ben = make_user(), make_user()
    called(ada, ben)
    mark(ada, what)
    assert (whys(ada), whys(ben)) == (["read_already"], ["due"])
    send_due()
    assert len(recorder.taken) == 1


def test_who_reads_everything_needs_no_message_about_any_of_it(recorder):
    ada = make_user()
    called(ada)
    called(ada, type="testing.reply")
    notification_read_all(ada, client_id=client_id())
    assert whys(ada) == ["read_already", "read_already"]
    assert whys(ada, "letters") == ["read_already"]


def test_what_is_seen_while_a_worker_has_it_in_hand_is_not_sent(recorder):
    ada = make_user()
    called(ada)
    chunk = claim_due("recorder")
    mark(ada)
    send_chunk(chunk)
    assert recorder.taken == []
    assert whys(ada) == ["read_already"]


def test_an_escalation_waits_for_the_app_and_goes_out_only_unseen(recorder, monkeypatch):
    ada, ben = make_user(), make_user()
    called(ada, ben, type="testing.reply")
    assert (whys(ada), whys(ben)) == (["escalation"], ["escalation"])
    assert only(ada).due_at == only(ada).notice.created_at + 10 * MINUTE
    send_due()
    assert recorder.taken == []
    mark(ben)
    send_later(monkeypatch, 11 * MINUTE)
    assert [place for place, _ in recorder.taken] == [f"home of {ada.pk}"]
    assert (whys(ada), whys(ben)) == (["sent"], ["read_already"])


def test_a_line_that_grew_cancels_all_that_it_stands_for(recorder):
    ada = make_user()
    called(ada, type="testing.reply", group="thread")
    called(ada, type="testing.reply", group="thread")
    mark(ada)
    assert whys(ada) == ["read_already", "read_already"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda user: choose(user, "calls", "recorder", "off"), "preference"),
        (
            lambda user: preference_mute(user, until=timezone.now() + HOUR, client_id=client_id()),
            "muted",
        ),
        (lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False), "deactivated"),
        (lambda user: Delivery.objects.get(channel="recorder").notice.delete(), None),
    ],
)
def test_what_has_changed_since_counts(recorder, change, why):
    ada = make_user()
    called(ada)
    change(ada)
    send_due()
    assert recorder.taken == []
    assert whys(ada) == ([why] if why else [])


def test_quiet_hours_that_have_begun_hold_it_and_it_goes_out_when_they_end(recorder, monkeypatch):
    ada = make_user()
    called(ada)
    now = timezone.now()
    hours(ada, (f"{now - HOUR:%H:%M}", f"{now + HOUR:%H:%M}"))
    send_due()
    assert (whys(ada), recorder.taken) == (["quiet_hours"], [])
    assert due_channels() == []
    send_later(monkeypatch, HOUR + MINUTE)
    assert (whys(ada), len(recorder.taken)) == (["sent"], 1)


def test_what_is_recalled_or_too_late_is_not_sent(recorder, monkeypatch):
    ada = make_user()
    told = called(ada)
    called(ada, expires_at=timezone.now() + HOUR)
    recall(told)
    assert whys(ada) == ["recalled", "due"]
    send_later(monkeypatch, 2 * HOUR)
    assert whys(ada) == ["recalled", "expired"]
    assert recorder.taken == []


def test_a_recall_takes_the_unsent_back_in_chunks(settings):
    settings.NOTIFICATIONS = {"upkeep_chunk": 2}
    people = [make_user() for _ in range(5)]
    told = called(*people)
    recall(told)
    upkeep.keep_up()
    assert [whys(user) for user in people] == [["recalled"]] * 5
    assert not upkeep.anything_due()


def test_not_now_is_tried_again_ever_later_and_the_message_keeps_its_id(recorder, monkeypatch):
    ada = make_user()
    called(ada)
    recorder.answers.extend([Retry("busy"), Retry("busy", after_s=600.0), Sent("r-1")])
    send_due()
    waiting = only(ada)
    assert (waiting.state, waiting.why, waiting.error) == ("waiting", "retry", "busy")
    assert 4 * SECOND < waiting.due_at - timezone.now() <= 10 * SECOND
    send_later(monkeypatch, 11 * SECOND)
    assert only(ada).due_at - timezone.now() == 600 * SECOND
    send_later(monkeypatch, 601 * SECOND)
    sent = only(ada)
    assert (sent.state, sent.attempts, sent.reference, sent.error) == ("sent", 3, "r-1", "")
    assert len({message.id for _, message in recorder.taken}) == 1


def test_in_the_end_it_has_failed(recorder, monkeypatch, settings):
    settings.NOTIFICATIONS = {"delivery_attempts": 3}
    ada = make_user()
    called(ada)
    recorder.answers.extend([Retry("busy")] * 9)
    for _ in range(5):
        send_later(monkeypatch, HOUR)
    failed = only(ada)
    assert (failed.state, failed.why, failed.error, failed.attempts) == ("failed", "failed", "busy", 3)
    assert len(recorder.taken) == 3


@pytest.mark.parametrize(
    ("outcome", "state", "why"),
    [
        (Refused("spam"), "failed", "refused"),
        (Gone("no such device"), "suppressed", "no_device"),
    ],
)
def test_a_no_is_final(recorder, outcome, state, why):
    ada = make_user()
    called(ada)
    recorder.answers.append(outcome)
    send_due()
    assert (only(ada).state, only(ada).why) == (state, why)


def test_each_device_gets_it_once_whatever_the_others_do(recorder, monkeypatch):
    ada = make_user()
    recorder.places[ada.pk] = ["phone", "desk", "old phone"]
    called(ada)
    recorder.answers.extend([Sent(), Retry("off"), Gone("lost")])
    send_due()
    assert only(ada).state == "waiting"
    send_later(monkeypatch, MINUTE)
    assert [place for place, _ in recorder.taken] == ["phone", "desk", "old phone", "desk"]
    assert only(ada).state == "sent"


def test_one_device_that_has_it_is_enough_to_be_told(recorder, monkeypatch, settings):
    settings.NOTIFICATIONS = {"delivery_attempts": 1}
    ada = make_user()
    recorder.places[ada.pk] = ["phone", "desk"]
    called(ada)
    recorder.answers.extend([Sent(), Retry("off")])
    send_due()
    assert (only(ada).state, only(ada).error) == ("sent", "off")


def test_a_channel_that_raises_stops_nobody_else(recorder, caplog):
    ada, ben = make_user(), make_user()
    called(ada, ben)

    def broken(address, message):
        raise ZeroDivisionError

    recorder.answers.append(broken)
    send_due()
    assert sorted([whys(ada)[0], whys(ben)[0]]) == ["retry", "sent"]
    assert "The channel recorder failed" in caplog.text


def test_a_channel_that_is_not_installed_any_more_has_failed(monkeypatch):
    ada = make_user()
    called(ada)
    monkeypatch.setattr(sending, "known_channel", lambda name: None)
    send_due()
    assert only(ada).error == "No installed app declares its channel."


def test_a_person_gets_so_many_messages_a_while_beside_critical_ones(recorder, settings, monkeypatch):
    settings.NOTIFICATIONS = {"throttle_messages": 2}
    ada, ben = make_user(), make_user()
    for number in range(3):
        called(ada, group=str(number))
    called(ada, type="testing.alarm")
    called(ben)
    send_due()
    assert whys(ada) == ["sent", "sent", "throttled", "sent"]
    assert whys(ben) == ["sent"]
    later(monkeypatch, 2 * HOUR)
    called(ada, group="later")
    send_due()
    assert whys(ada)[-1] == "sent"


def test_two_workers_together_send_no_more_than_one_may(recorder, settings):
    settings.NOTIFICATIONS = {"throttle_messages": 1, "delivery_chunk": 1}
    ada = make_user()
    for number in range(3):
        called(ada, group=str(number))
    first, second, third = (sending.claim_due("recorder") for _ in range(3))

    def meanwhile(*_: object) -> Sent:
        """Another worker, while the first one's message is on its way."""
        sending.send_chunk(second)
        return Sent()

    # What a worker knew of the person when it began may be old by now.
    (late,) = sending._groups(third)
    recorder.answers.append(meanwhile)
    sending.send_chunk(first)
    for delivery in late.deliveries:
        late.send(delivery)
    assert len(recorder.taken) == 1
    assert whys(ada) == ["sent", "throttled", "throttled"]


def test_the_message_of_a_storm_says_for_how_many_it_stands(recorder, settings, monkeypatch):
    settings.NOTIFICATIONS = {"storm_notices": 2}
    ada = make_user()
    for _ in range(5):
        called(ada)
    send_due()
    assert len(recorder.taken) == 2
    recorder.answers.append(Retry("busy"))
    send_later(monkeypatch, 6 * MINUTE)
    send_later(monkeypatch, MINUTE)
    assert recorder.taken[-1][1].text == "And 2 more of this kind: the inbox has all of them."
    assert len(recorder.taken) == 4  # the last two are one message
    assert whys(ada) == ["sent", "sent", "sent", "collapsed", "collapsed"]


def test_what_a_dead_worker_held_falls_due_again(recorder, monkeypatch):
    ada = make_user()
    called(ada)
    (held,) = claim_due("recorder")
    assert claim_due("recorder") == []
    later(monkeypatch, 61 * SECOND)
    send_due()
    assert whys(ada) == ["sent"]
    # It was not dead after all: it may do nothing any more.
    send_chunk([held])
    assert len(recorder.taken) == 1


def test_any_number_of_workers_send_each_message_once(recorder, settings):
    settings.NOTIFICATIONS = {"delivery_chunk": 3}
    people = [make_user() for _ in range(20)]
    called(*people)
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        send_due()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(place for place, _ in recorder.taken) == sorted(f"home of {user.pk}" for user in people)
    assert set(Delivery.objects.filter(channel="recorder").values_list("state", flat=True)) == {"sent"}


def test_no_transaction_is_open_while_a_channel_is_at_work(recorder):
    ada = make_user()
    called(ada)
    open_ones = []

    def look(address, message):
        open_ones.append(connections["default"].in_atomic_block)
        return Sent()

    recorder.answers.append(look)
    send_due()
    assert open_ones == [False]


def test_digests_that_are_due_are_found_once_per_person_and_window(letters, monkeypatch):
    ada, ben = make_user(), make_user()
    for user in (ada, ben):
        choose(user, "calls", "letters", "daily")
    called(ada, ben)
    called(ada)
    assert due_digests(10) == []
    send_due()
    assert letters.taken == []
    later(monkeypatch, DAY)
    digests = due_digests(10)
    assert sorted(one.user_id for one in digests) == [ada.pk, ben.pk]
    mine = next(one for one in digests if one.user_id == ada.pk)
    assert len(deliveries_in(mine)) == 2


def test_a_digest_leaves_out_what_needs_no_telling_any_more(letters, monkeypatch):
    ada = make_user()
    choose(ada, "calls", "letters", "daily")
    choose(ada, "orders", "letters", "daily")
    called(ada)
    mark(ada)
    told = called(ada, type="testing.shipped", data={"number": 1})
    called(ada, type="testing.shipped", data={"number": 2}, expires_at=timezone.now() + HOUR)
    later(monkeypatch, DAY)
    (digest,) = due_digests(10)
    kept = recheck(list(deliveries_in(digest)))
    assert [one.notice_id for one in kept] == [told]
    assert whys(ada, "letters") == ["read_already", "digest", "expired"]


def test_a_channel_has_so_many_in_hand_and_leaves_workers_to_the_others(
    recorder, letters, settings, monkeypatch
):
    settings.NOTIFICATIONS = {"delivery_chunk": 2, "deliveries_in_hand": 3}
    people = [make_user() for _ in range(5)]
    for user in people:
        choose(user, "calls", "letters", "instant")
    called(*people)
    assert [len(claim_due("recorder")) for _ in range(3)] == [2, 1, 0]
    assert len(claim_due("letters")) == 2
    assert due_channels() == ["letters", "recorder"]
    later(monkeypatch, 61 * SECOND)  # they were all dead
    assert len(claim_due("recorder")) == 2


def test_a_task_that_has_had_its_time_gives_back_what_it_has_not_begun(recorder):
    people = [make_user() for _ in range(3)]
    called(*people)
    send_chunk(claim_due("recorder"), end_s=0.0)
    assert recorder.taken == []
    assert len(claim_due("recorder")) == 3


def test_waiting_for_nothing_takes_one_look(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert due_channels() == []
