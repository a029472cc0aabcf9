"""The page of a broadcast on its way: progress, figures, what may be done, what is written down, and the report."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.add_only import NotForChange
from notifications.models import AuditEntry, Broadcast, Mark, Occurrence
from notifications.selectors import inbox_page
from notifications.services import notification_mark
from tests.support.cockpit import ADD, BASE, filled, page_of, staff
from tests.support.notices import at, send_due, sent, stored, to_people
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


def tomorrow():
    return at(timezone.now() + timedelta(days=1))


def test_the_page_of_a_broadcast_follows_its_stream(sender):
    broadcast = sent()
    page = sender.get(f"/admin/notifications/broadcast/{broadcast.pk}/change/").content.decode()
    assert f'data-stream="broadcast:{broadcast.pk}"' in page
    assert re.search(r'data-epoch="[^"]+" data-seq="\d+" data-status="sent"', page)
    progress = sender.get(f"/admin/notifications/broadcast/{broadcast.pk}/progress/").json()
    assert (progress["status"], progress["done"]) == ("sent", progress["total"])


def test_cancel_by_its_button(sender):
    broadcast = stored(schedule=at(timezone.now() + timedelta(days=1)))
    address = f"/admin/notifications/broadcast/{broadcast.pk}/"
    assert "Cancel this broadcast" in sender.get(f"{address}change/").content.decode()
    assert sender.get(f"{address}cancel/do/").status_code == 403
    assert "nobody else gets it" in sender.post(f"{address}cancel/do/", follow=True).content.decode()
    assert Broadcast.objects.get().status == "cancelled"
    other = sent()
    after = sender.post(f"/admin/notifications/broadcast/{other.pk}/cancel/do/", follow=True).content.decode()
    assert "cannot be cancelled" in after


def test_a_broadcast_is_paused_resumed_and_recalled_by_its_buttons(sender):
    ada, ben = make_user(), make_user()
    broadcast = stored(to_people(ada, ben), schedule=tomorrow())
    address = f"{BASE}{broadcast.pk}/"

    def press(action: str) -> str:
        return sender.post(f"{address}{action}/do/", follow=True).content.decode()

    assert "is paused" in press("pause")
    assert "goes on" in press("resume")
    assert "Only a broadcast that is scheduled" in press("resume")
    assert "nothing to recall" in press("recall")
    assert "nothing to try again" in press("retry")
    Occurrence.objects.update(due_at=timezone.now())
    send_due()
    items = [item.id for item in inbox_page(ada).items]
    notification_mark(ada, items, Mark.CLICKED, client_id=client_id())
    told = sender.get(f"{address}progress/").json()
    channel = told["channels"][0]
    assert (told["status"], channel["name"], channel["sent"]) == ("sent", "in_app", 2)
    assert (channel["seen"], channel["read"], channel["clicked"]) == (1, 1, 1)
    assert 'class="plot-line"' in sender.get(f"{address}change/").content.decode()
    assert "leaves screens and inboxes" in press("recall")
    assert re.search("Seen before it was recalled:.*1", sender.get(f"{address}change/").content.decode())
    assert inbox_page(ada).items == inbox_page(ben).items == []
    assert sender.post(f"{address}eat/do/").status_code == 404
    assert [(entry.act, entry.before, entry.after) for entry in broadcast.audit.all()] == [
        ("paused it", {"status": "scheduled"}, {"status": "paused"}),
        ("resumed it", {"status": "paused"}, {"status": "scheduled"}),
        ("recalled it", {"status": "sent"}, {"status": "recalled"}),
    ]


def test_what_is_written_down_stays_as_it_is(sender):
    broadcast = stored(schedule=tomorrow())
    sender.post(f"{BASE}{broadcast.pk}/pause/do/")
    entry = AuditEntry.objects.get()
    entry.actor_name = "somebody else"
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(act="x"),
        lambda: AuditEntry.objects.bulk_update([entry], ["act"]),
    ):
        with pytest.raises(NotForChange):
            change()
    entry.actor.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.act) == (None, "paused it")
    assert entry.actor_name.startswith("user")


def test_the_list_shows_status_and_reach(sender, django_assert_max_num_queries):
    for _ in range(3):
        sent()
    with django_assert_max_num_queries(14):
        page = sender.get(BASE).content.decode()
    assert 'data-status="sent"' in page
    assert re.search(r"1 of 1", page)


def test_nothing_is_deleted_and_what_is_sent_is_not_edited(sender):
    broadcast = sent()
    base = f"{BASE}{broadcast.pk}"
    assert sender.post(f"{base}/change/", {"title": "Other"}).status_code == 403
    assert sender.post(f"{base}/delete/", {"post": "yes"}).status_code == 403
    after = sender.post(f"{base}/edit/", filled(title="Other", revision="0"), follow=True).content.decode()
    assert "already being sent or finished" in after
    assert Broadcast.objects.get().title == "Tea is ready"


def test_what_is_not_there_is_not_found(sender):
    assert sender.post(f"{BASE}999/cancel/do/").status_code == 404
    assert sender.get(f"{BASE}999/progress/").status_code == 404
    assert sender.get(f"{BASE}999/cancel/do/").status_code == 403


# ---- doors


def pages(broadcast: Broadcast) -> list[str]:
    return [
        BASE,
        ADD,
        f"{BASE}{broadcast.pk}/edit/",
        f"{BASE}reach/?audience_kind=everybody",
        f"{BASE}people/?term=a",
        page_of(broadcast),
        f"{BASE}{broadcast.pk}/progress/",
    ]


def test_staff_without_permission_get_403_everywhere():
    make_user()
    broadcast = stored(schedule=tomorrow())
    client = staff()
    for address in pages(broadcast):
        assert client.get(address).status_code == 403, address
    for address in (
        ADD,
        f"{BASE}preview/",
        f"{BASE}{broadcast.pk}/cancel/do/",
        f"{BASE}{broadcast.pk}/submit/",
    ):
        assert client.post(address, filled()).status_code == 403, address
    assert Broadcast.objects.get().status == "scheduled"
    assert AuditEntry.objects.filter(act="was refused", note="cancel", broadcast=broadcast).exists()


def test_people_who_are_no_staff_are_sent_to_the_log_in():
    make_user()
    broadcast = stored(schedule=tomorrow())
    client = Client()
    client.force_login(make_user())
    for address in pages(broadcast):
        assert client.get(address).status_code == 302, address


@pytest.mark.parametrize("permission", ["view_broadcast", "approve_broadcast", "stop_broadcasts"])
def test_who_may_only_look_is_offered_nothing_and_gets_nothing(permission):
    make_user()
    broadcast = stored(schedule=tomorrow())
    client = staff(permission)
    page = client.get(page_of(broadcast)).content.decode()
    assert "Cancel this broadcast" not in page
    assert client.get(ADD).status_code == 403
    for action in ("cancel", "pause", "resume", "recall", "retry"):
        assert client.post(f"{BASE}{broadcast.pk}/{action}/do/").status_code == 403
    assert Broadcast.objects.get().status == "scheduled"


def test_nothing_is_done_without_the_csrf_token():
    user = make_user(is_staff=True, is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    broadcast = stored(schedule=tomorrow())
    doors = [ADD, f"{BASE}preview/", f"{BASE}stop/", f"{BASE}release/"]
    doors += [
        f"{BASE}{broadcast.pk}/{door}/" for door in ("edit", "submit", "try", "ask", "decide", "cancel/do")
    ]
    for address in doors:
        assert client.post(address, filled(reason="x")).status_code == 403, address
    assert Broadcast.objects.get().status == "scheduled"
