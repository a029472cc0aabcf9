"""One digest per person and window, of what still needs telling, whatever crashes or runs beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import upkeep
from notifications.channels import Gone, Refused, Retry, Sent
from notifications.deliveries.selectors import due_digests
from notifications.deliveries.why import sentence
from notifications.digests.sending import anything_due, claim_due, gather, send, send_due
from notifications.models import Delivery, Digest, Mark
from notifications.recall import recall
from notifications.selectors import inbox_page
from notifications.services import notification_mark
from tests.support.clock import later
from tests.support.deliveries import called, choose, hours, only
from tests.support.deliveries import send_due as send_deliveries
from tests.support.elsewhere import elsewhere
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Whatever the window: it has ended two days later.
ENDED = 2 * DAY


@pytest.fixture
def ada():
    user = make_user()
    choose(user, "replies", "letters", "hourly")
    return user


def told(*people, text="", **more):
    return called(*people, type="testing.reply", data={"text": text}, **more)


def texts(message) -> list[str]:
    return [entry.text for section in message.sections for entry in section.entries]


def states(user) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(recipient=user, channel="letters").order_by("pk")
    return list(rows.values_list("state", "why"))


def test_what_happens_in_an_hour_is_told_once_at_its_end(ada, letters, monkeypatch):
    told(ada, text="one")
    told(ada, text="two")
    send_deliveries()
    send_due()
    assert not anything_due()
    assert letters.taken == letters.digests_taken == []
    later(monkeypatch, HOUR)
    assert anything_due()
    send_due()
    (message,) = letters.digests_taken
    assert texts(message) == ["one", "two"]
    assert (message.count, message.left_out, message.language) == (2, 0, "en")
    assert states(ada) == [("sent", "digest")] * 2
    assert not anything_due()
    send_due()
    send_deliveries()
    assert len(letters.digests_taken) == 1
    assert letters.taken == []


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
@pytest.mark.parametrize(("frequency", "hour"), [("daily", 8), ("end_of_day", 18)])
def test_a_daily_one_comes_in_the_persons_own_zone(letters, monkeypatch, zone, frequency, hour):
    bo = make_user()
    choose(bo, "replies", "letters", frequency)
    hours(bo, zone=zone)
    told(bo)
    due = only(bo, "letters").due_at
    monkeypatch.setattr("django.utils.timezone.now", lambda: due - timedelta(seconds=1))
    send_due()
    assert letters.digests_taken == []
    monkeypatch.setattr("django.utils.timezone.now", lambda: due)
    send_due()
    (message,) = letters.digests_taken
    assert (due.astimezone(message.zone).hour, str(message.zone)) == (hour, zone)


def test_each_person_has_their_own(ada, letters, monkeypatch):
    bo = make_user()
    choose(bo, "replies", "letters", "hourly")
    hours(bo, language="de")
    told(ada, bo, text="both")
    told(bo, text="bo")
    later(monkeypatch, ENDED)
    send_due()
    assert sorted((one.language, texts(one)) for one in letters.digests_taken) == [
        ("de", ["both", "bo"]),
        ("en", ["both"]),
    ]


def test_rooms_have_sections_by_name(ada, letters, monkeypatch):
    room = make_room(ada, name="Tea")
    choose(ada, "calls", "letters", "hourly")
    told(ada, text="from nowhere")
    told(ada, text="in Tea", scope=f"room:{room}")
    called(ada, data={"line": 3}, scope=f"room:{room}")
    told(ada, text="in Tea too", scope=f"room:{room}")
    told(ada, text="elsewhere", scope="board:nine")
    later(monkeypatch, ENDED)
    send_due()
    (message,) = letters.digests_taken
    sections = [(one.room, one.category, [entry.text for entry in one.entries]) for one in message.sections]
    assert sections == [
        ("", "replies", ["from nowhere"]),
        ("Tea", "calls", ["Line 3"]),
        ("Tea", "replies", ["in Tea", "in Tea too"]),
        ("board:nine", "replies", ["elsewhere"]),
    ]
    assert message.categories == ["calls", "replies"]


def test_what_was_read_or_recalled_meanwhile_is_left_out(ada, letters, monkeypatch):
    told(ada, text="read")
    (item,) = inbox_page(ada).items
    told(ada, text="kept")
    notice = told(ada, text="taken back")
    notification_mark(ada, [item.id], Mark.SEEN, client_id=client_id())
    recall(notice)
    later(monkeypatch, ENDED)
    send_due()
    (message,) = letters.digests_taken
    assert texts(message) == ["kept"]


def test_one_without_anything_left_is_not_sent(ada, letters, monkeypatch):
    told(ada)
    later(monkeypatch, ENDED)
    gather()
    (item,) = inbox_page(ada).items
    notification_mark(ada, [item.id], Mark.READ, client_id=client_id())
    send_due()
    assert letters.digests_taken == []
    assert Digest.objects.get().state == "empty"


def test_who_chose_otherwise_meanwhile_gets_what_they_chose(ada, letters, monkeypatch):
    told(ada)
    choose(ada, "replies", "letters", "off")
    later(monkeypatch, ENDED)
    send_due()
    assert letters.digests_taken == []
    assert states(ada) == [("suppressed", "preference")]
    assert Digest.objects.get().state == "empty"


def test_many_are_cut_and_counted(ada, letters, monkeypatch, settings):
    settings.NOTIFICATIONS = {"max_digest_entries": 3, "max_digest_text_chars": 10, "storm_notices": 100}
    for number in range(5):
        told(ada, text=f"{number}" * 50)
    later(monkeypatch, ENDED)
    send_due()
    (message,) = letters.digests_taken
    assert texts(message) == [f"{number}" * 9 + "…" for number in range(3)]
    assert (message.count, message.left_out) == (5, 2)
    assert Digest.objects.get().count == 5
    assert states(ada) == [("sent", "digest")] * 5


def test_two_workers_share_the_digests_and_double_none(ada, letters, monkeypatch):
    bo = make_user()
    choose(bo, "replies", "letters", "hourly")
    told(ada, bo)
    later(monkeypatch, ENDED)

    def meanwhile(address, message):
        """Another worker, with a beat of its own, while the first one is sending."""
        elsewhere(send_due)
        return Sent("first")

    letters.answers.append(meanwhile)
    send_due()
    assert sorted(one.id for one in letters.digests_taken) == sorted(
        f"digest-{digest.pk}" for digest in Digest.objects.all()
    )
    assert Digest.objects.filter(state="sent").count() == 2


def test_one_whose_worker_died_before_sending_is_sent_once_by_the_next(ada, letters, monkeypatch):
    told(ada)
    later(monkeypatch, ENDED)
    gather()
    dead = claim_due()
    assert dead is not None
    send_due()
    assert letters.digests_taken == []
    later(monkeypatch, ENDED + 2 * MINUTE)
    send_due()
    assert len(letters.digests_taken) == 1
    send(dead)  # it was only slow: the digest is no longer its own
    assert len(letters.digests_taken) == 1


def test_what_comes_too_late_for_its_window_joins_a_later_one(ada, letters, monkeypatch):
    """A transaction that committed after the digest had gone."""
    told(ada, text="in time")
    window = only(ada, "letters").due_at
    later(monkeypatch, HOUR)
    send_due()
    told(ada, text="late")
    Delivery.objects.filter(state="digest").update(due_at=window)
    assert due_digests(10) == []
    send_due()
    assert len(letters.digests_taken) == 1
    later(monkeypatch, 3 * HOUR)
    send_due()
    assert [texts(one) for one in letters.digests_taken] == [["in time"], ["late"]]


def test_a_channel_that_is_away_is_tried_again_under_the_same_id(ada, letters, monkeypatch):
    told(ada, text="one")
    letters.answers += [Retry("away", after_s=100.0)]
    later(monkeypatch, ENDED)
    send_due()
    send_due()
    assert len(letters.digests_taken) == 1
    assert states(ada) == [("digest", "digest")]
    later(monkeypatch, ENDED + 3 * MINUTE)
    send_due()
    first, second = letters.digests_taken
    assert first.id == second.id
    digest = Digest.objects.get()
    assert (digest.state, digest.attempts) == ("sent", 2)


@pytest.mark.parametrize(
    ("answer", "state", "end"),
    [
        (Retry("away"), "failed", ("failed", "failed")),
        (Refused("no"), "failed", ("failed", "refused")),
        (Gone("moved"), "empty", ("suppressed", "no_device")),
        (lambda address, message: 1 / 0, "failed", ("failed", "failed")),
    ],
)
def test_one_that_cannot_be_sent_ends_with_a_reason(ada, letters, monkeypatch, settings, answer, state, end):
    settings.NOTIFICATIONS = {"delivery_attempts": 1}
    told(ada)
    letters.answers.append(answer)
    later(monkeypatch, ENDED)
    send_due()
    digest = Digest.objects.get()
    assert (digest.state, states(ada)) == (state, [end])
    assert digest.error
    assert not anything_due()


def test_a_digest_takes_nothing_from_what_may_be_sent_at_once(ada, letters, monkeypatch, settings):
    settings.NOTIFICATIONS = {"throttle_messages": 2, "storm_notices": 100}
    choose(ada, "calls", "letters", "instant")
    for category in ("calls", "replies"):
        choose(ada, category, "recorder", "off")
    for _ in range(5):
        told(ada)
    later(monkeypatch, ENDED)
    send_due()
    called(ada)
    send_deliveries()
    assert len(letters.taken) == 1


def test_why_says_in_which_summary_it_was(ada, letters, monkeypatch):
    told(ada)
    later(monkeypatch, ENDED)
    send_due()
    sent = only(ada, "letters")
    assert sentence(sent, letters.digests_taken[0].zone).startswith("It was in the summary of 20")


def test_old_ones_are_forgotten(ada, letters, monkeypatch):
    told(ada)
    later(monkeypatch, ENDED)
    send_due()
    upkeep.retain()
    assert Digest.objects.exists()
    later(monkeypatch, 100 * DAY)
    upkeep.retain()
    assert not Digest.objects.exists()


def test_gathering_costs_the_same_for_one_and_many(letters, monkeypatch, django_assert_num_queries):
    people = [make_user() for _ in range(6)]
    for user in people:
        choose(user, "replies", "letters", "hourly")
    told(*people[:1])
    later(monkeypatch, ENDED)
    with django_assert_num_queries(5):
        gather()
    told(*people)
    later(monkeypatch, 2 * ENDED)
    with django_assert_num_queries(5):
        gather()
    assert timezone.now() > Digest.objects.latest("pk").window_ends_at
