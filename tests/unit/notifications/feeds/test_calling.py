"""Feeds are asked once per window, however many ask; what they answer is told once, and what goes wrong is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from notifications.feeds import calling
from notifications.feeds.calling import anything_due, call_due, feeds_in_trouble, trim_calls
from notifications.models import AudienceNotification, FeedCall, FeedState, Notification
from realtime.doctor import Site, registry
from tests.support.http_peer import HttpPeer, Reply
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
LATER = timedelta(minutes=10)


@pytest.fixture
def peer() -> Iterator[HttpPeer]:
    peer = HttpPeer()
    peer.usual = Reply(200, body=b'{"title": "Rain", "hours": ["9", "10"]}')
    with peer.running():
        yield peer


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """Ten minutes into an hour, so that no window ends in the middle of a test."""
    begin = timezone.now().replace(minute=10, second=0, microsecond=0)
    Clock.now = begin
    monkeypatch.setattr("django.utils.timezone.now", lambda: Clock.now)


class Clock:
    now: Any


@pytest.fixture
def configure(settings, peer):
    settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
    settings.NOTIFICATIONS = {"outbound_timeout_s": 2.0, "max_answer_bytes": 2_000}

    def configured(**fields: Any) -> None:
        feed = {
            "name": "weather",
            "url": f"{peer.url}/weather",
            "to": "everybody",
            "title": "{{ answer.title }}",
            "text": "At {{ answer.hours|join:' and ' }}",
            **fields,
        }
        settings.NOTIFICATION_FEEDS = [feed]

    configured()
    return configured


def last() -> FeedCall:
    return FeedCall.objects.latest("pk")


def test_without_feeds_there_is_nothing_to_do_and_nothing_to_ask(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not anything_due()


def test_a_window_is_asked_once_and_its_answer_told_once(configure, peer):
    configure(headers={"Authorization": "Bearer us"})
    assert anything_due()
    for _ in range(3):
        call_due()
    assert not anything_due()
    (asked,) = peer.received
    assert (asked.path, asked.headers["authorization"]) == ("/weather", "Bearer us")
    assert (last().state, last().attempts, last().error) == (FeedState.TOLD, 1, "")
    (line,) = AudienceNotification.objects.all()
    assert (line.title, line.text, line.stream) == ("Rain", "At 9 and 10", "audience:all")
    Clock.now += HOUR
    assert anything_due()
    call_due()
    assert len(peer.received) == AudienceNotification.objects.count() == 2


def test_windows_that_passed_unasked_are_left_out(configure, peer):
    call_due()
    Clock.now += 5 * HOUR
    call_due()
    assert len(peer.received) == 2


def test_several_workers_share_the_calls(configure, peer):
    claimed = [calling._claim_due() for _ in range(2)]
    assert claimed == [None, None]
    call_due_without_asking()
    assert [calling._claim_due() is None for _ in range(2)] == [False, True]


def call_due_without_asking() -> None:
    for name, window in calling._windows(Clock.now).items():
        FeedCall.objects.create(feed=name, window=window, due_at=Clock.now)


def test_who_was_taken_for_dead_tells_nothing(configure, peer):
    call_due_without_asking()
    slow = calling._claim_due()
    Clock.now += timedelta(minutes=2)
    call_due()
    assert last().state == FeedState.TOLD
    calling._make(slow)
    assert AudienceNotification.objects.count() == 1
    assert (last().state, last().attempts) == (FeedState.TOLD, 2)


def test_an_answer_that_was_told_is_not_told_again(configure, peer):
    configure(key="{{ answer.title }}")
    for title in (b"Rain", b"Rain", b"Sun"):
        peer.replies.append(Reply(200, body=b'{"title": "%s"}' % title))
        call_due()
        Clock.now += HOUR
    assert [call.state for call in FeedCall.objects.order_by("pk")] == ["told", "nothing", "told"]
    assert AudienceNotification.objects.count() == 2


def test_an_answer_with_nothing_to_say_is_no_failure(configure, peer):
    configure(title="{% if answer.storm %}Storm{% endif %}")
    call_due()
    assert (last().state, AudienceNotification.objects.count()) == (FeedState.NOTHING, 0)
    assert feeds_in_trouble() == []


def test_named_people_are_told(configure, peer):
    ada, ben = make_user(), make_user()
    configure(to=f"users:{ada.pk},{ben.pk}", link="javascript:alert(1)")
    call_due()
    lines = Notification.objects.order_by("recipient")
    assert [(line.recipient_id, line.title, line.link) for line in lines] == [
        (ada.pk, "Rain", ""),
        (ben.pk, "Rain", ""),
    ]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(500), "It answered 500."),
        (Reply(404), "It answered 404."),
        (Reply(302, {"Location": "http://127.0.0.1/"}), "It answered 302: redirects are not followed"),
        (Reply(200, body=b"<html>"), "The answer is not JSON: "),
        (Reply(200, body=b""), "The answer is not JSON: "),
        (Reply(200, body=b'{"title": "' + b"x" * 5_000 + b'"}'), "The answer is longer than 2000 bytes."),
        (Reply(200, body=b"[" * 1_900), "The answer is not JSON: "),
        (Reply(200, {"Content-Length": "9"}, b"[]"), "127.0.0.1:"),
    ],
)
def test_a_bad_answer_is_asked_for_again_and_then_said(configure, peer, reply, error):
    peer.usual = reply
    call_due()
    assert last().error.startswith(error), last().error
    assert (last().state, feeds_in_trouble()) == (FeedState.WAITING, [])
    for _ in range(10):
        Clock.now += LATER
        call_due()
    first = FeedCall.objects.earliest("pk")
    assert (first.state, first.attempts) == (FeedState.FAILED, 4)
    peer.usual = Reply(200, body=b'{"title": "Sun"}')
    Clock.now += HOUR
    call_due()
    assert (last().state, feeds_in_trouble()) == (FeedState.TOLD, [])
    assert AudienceNotification.objects.count() == 1


def test_a_feed_that_failed_is_in_trouble_until_it_answers(configure, peer, settings):
    settings.NOTIFICATIONS = {**settings.NOTIFICATIONS, "feed_attempts": 1}
    peer.replies = [Reply(500)]
    call_due()
    assert [call.error for call in feeds_in_trouble()] == ["It answered 500."]
    assert [finding.level for finding in registry.run(Site("", ""), ["feeds"])] == ["wrong"]


def test_a_server_that_does_not_answer_costs_a_bounded_time(configure, peer, settings):
    settings.NOTIFICATIONS = {**settings.NOTIFICATIONS, "outbound_timeout_s": 0.2}
    silence = threading.Event()
    peer.reply_to = lambda request: silence.wait(20) and Reply(200, body=b"{}")
    try:
        call_due()
    finally:
        silence.set()
    assert last().state == FeedState.WAITING
    assert last().error


def test_a_private_address_is_not_asked(configure, peer, settings):
    settings.OUTBOUND_ALLOW = []
    call_due()
    assert peer.received == []
    assert last().error.startswith("Nothing can be sent to this address")


def test_an_audience_that_is_gone_is_said(configure, peer):
    configure(to="group:77")
    call_due()
    assert last().error == "There is no audience 'group' 77."


def test_a_feed_that_is_not_configured_any_more_ends(configure, settings):
    call_due_without_asking()
    settings.NOTIFICATION_FEEDS = []
    call_due()
    assert (last().state, last().error) == (FeedState.FAILED, "This feed is not configured any more.")


def test_old_calls_are_deleted(configure, peer):
    call_due()
    trim_calls()
    assert FeedCall.objects.count() == 1
    Clock.now += timedelta(days=91)
    trim_calls()
    assert not FeedCall.objects.exists()


def test_another_fraction_of_a_day_is_a_window_too(configure, peer):
    configure(every_s=900)
    for _ in range(4):
        call_due()
        Clock.now += LATER
    assert len(peer.received) == 3  # at :10, :20, :30; :40 lies in the window of :30


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"every_s": 5}, "every_s"),
        ({"every": 5}, "every"),
        ({"name": "A b"}, "name"),
        ({"to": "all people"}, "weather: `to` is 'all people'"),
        ({"to": "planet"}, "weather: there is no audience 'planet'"),
        ({"to": "users"}, "weather: `to` names no user"),
        ({"title": "{% if %}"}, "weather: the template '{% if %}' cannot be read"),
    ],
)
def test_a_bad_configuration_is_refused_at_start(configure, fields, error):
    configure(**fields)
    with pytest.raises(SystemCheckError, match=error.replace("{", r"\{")):
        call_command("check")


def test_a_good_configuration_passes(configure, settings):
    call_command("check")
    settings.NOTIFICATION_FEEDS = settings.NOTIFICATION_FEEDS * 2
    with pytest.raises(SystemCheckError, match="two feeds have the same name"):
        call_command("check")
