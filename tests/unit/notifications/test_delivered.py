"""Lines of broadcasts that pages have confirmed: written down once, of those who are to see them, and counted."""

from __future__ import annotations

import pytest
from django.utils import timezone

from notifications.broadcasts.figures import channel_figures, marks_over_time
from notifications.delivered import delivered
from notifications.events import NotificationCreated
from notifications.models import AudienceDelivery, AudienceNotification, Broadcast, Mark, Notification
from notifications.selectors import audience_item, inbox_page, own_item
from notifications.services import notification_mark
from realtime import DeliveryReceipt
from tests.support.deliveries import choose
from tests.support.notices import sent, to_people, told
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db


def own(line: Notification) -> DeliveryReceipt:
    return DeliveryReceipt(NotificationCreated(own_item(line), 1, None), [line.recipient_id])


def shared(row: AudienceNotification, *people) -> DeliveryReceipt:
    return DeliveryReceipt(NotificationCreated(audience_item(row), None, None), [user.pk for user in people])


def in_app(broadcast: Broadcast):
    return channel_figures(broadcast)[0]


def see(user) -> None:
    items = [item.id for item in inbox_page(user).items]
    notification_mark(user, items, Mark.SEEN, client_id=client_id())


def test_own_lines_count_once_they_are_confirmed_or_seen(django_assert_num_queries):
    ada, ben, cyd = make_user(), make_user(), make_user()
    broadcast = sent(to_people(ada, ben, cyd))
    lines = list(Notification.objects.order_by("recipient"))
    assert (in_app(broadcast).sent, in_app(broadcast).delivered) == (3, 0)
    with django_assert_num_queries(1):
        delivered([own(line) for line in lines[:1]])
    first = Notification.objects.get(recipient=ada).delivered_at
    delivered([own(line) for line in lines[:1]])
    assert Notification.objects.get(recipient=ada).delivered_at == first
    see(ben)
    assert in_app(broadcast).delivered == 2
    assert marks_over_time(broadcast, now=timezone.now())["delivered"][-1][1] == 2


def test_a_shared_line_counts_for_each_person_once():
    ada, ben, cyd = make_user(), make_user(), make_user()
    broadcast = sent()
    row = AudienceNotification.objects.get()
    late = make_user()
    delivered([shared(row, ada, ben), shared(row, ada, late)])
    delivered([shared(row, ben)])
    # Who came later has no such line, though their page has passed it.
    assert set(AudienceDelivery.objects.values_list("user", flat=True)) == {ada.pk, ben.pk}
    see(ben)
    see(cyd)
    assert in_app(broadcast).delivered == 3
    assert marks_over_time(broadcast, now=timezone.now())["delivered"][-1][1] == 2


def test_who_does_not_want_it_in_the_app_has_not_got_it():
    ada, ben = make_user(), make_user()
    choose(ben, "broadcasts", "in_app", "off")
    broadcast = sent()
    delivered([shared(AudienceNotification.objects.get(), ada, ben)])
    found = in_app(broadcast)
    assert (found.sent, found.delivered, found.suppressed, found.why) == (1, 1, 1, {"preference": 1})


def test_what_is_no_broadcast_or_is_gone_is_not_written_down():
    ada = make_user()
    (line,) = told(ada)
    broadcast = sent()
    row = AudienceNotification.objects.get()
    receipt = shared(row, ada)
    row.delete()
    delivered([own(line), receipt])
    assert Notification.objects.get(pk=line.pk).delivered_at is None
    assert in_app(broadcast).delivered == 0


def test_a_deleted_account_takes_it_along():
    ada = make_user()
    sent()
    delivered([shared(AudienceNotification.objects.get(), ada)])
    ada.delete()
    assert not AudienceDelivery.objects.exists()
