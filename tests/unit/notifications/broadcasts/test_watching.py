"""Figures of a broadcast: counted while somebody watches, told when they change, drawn over time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.broadcasts import watching
from notifications.broadcasts.figures import marks_over_time
from notifications.broadcasts.watching import tell_watchers, watch
from notifications.models import Mark, Watch
from notifications.selectors import inbox_page
from notifications.services import notification_mark
from tests.support.notices import sent, stored, to_people
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = []
    monkeypatch.setattr(
        watching, "publish_transient", lambda stream, event: found.append((stream, event.channels[0].seen))
    )
    return found


def look(*people) -> None:
    for user in people:
        items = [item.id for item in inbox_page(user).items]
        notification_mark(user, items, Mark.SEEN, client_id=client_id())


def test_figures_are_told_while_somebody_watches_and_only_news(told, django_assert_num_queries):
    ada, ben = make_user(), make_user()
    broadcast = sent(to_people(ada, ben))
    with django_assert_num_queries(1):
        tell_watchers()
    watch(broadcast)
    look(ada)
    tell_watchers()
    tell_watchers()
    look(ben)
    tell_watchers()
    assert told == [(broadcast.progress_stream, 1), (broadcast.progress_stream, 2)]
    Watch.objects.update(until=timezone.now())
    tell_watchers()
    assert len(told) == 2


@pytest.mark.parametrize("everybody", [True, False])
def test_what_people_did_is_drawn_as_running_totals(everybody):
    people = [make_user() for _ in range(3)]
    broadcast = sent() if everybody else sent(to_people(*people))
    look(*people[:2])
    for name, number in (("seen", 2), ("read", 0), ("clicked", 0)):
        points = marks_over_time(broadcast, now=timezone.now())[name]
        assert (points[-1][1] if points else 0) == number, name
    assert watch(broadcast).channels[0].seen == 2
    for days in (1, 30, 400):
        later = timezone.now() + timedelta(days=days)
        assert marks_over_time(broadcast, now=later)["seen"] == [(0.0, 2)]


def test_what_has_not_begun_has_no_plot():
    make_user()
    assert marks_over_time(stored(), now=timezone.now()) == {}
