"""The administrator's pages: from the empty form over the confirmation to one broadcast, and who may not."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications.models import Broadcast, StatusItem
from tests.support.notices import sent, stored
from tests.support.people import make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/notifications/broadcast/add/"


def staff(*permissions: str) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


def filled(**fields: object) -> dict[str, object]:
    return {
        "form_key": str(uuid.uuid4()),
        "title": "Tea",
        "text": "In the kitchen.",
        "level": "info",
        "link": "",
        "audience_kind": "everybody",
        "when": "now",
        "time_zone": "UTC",
        **fields,
    }


def hidden_fields(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return [(name, value) for name, value in found if name != "csrfmiddlewaretoken"]


def test_the_form_page_is_complete(sender):
    page = sender.get(ADD).content.decode()
    for name in (
        "title",
        "text",
        "level",
        "link",
        "audience_kind",
        "group",
        "room",
        "users",
        "when",
        "time_zone",
    ):
        assert f'name="{name}"' in page
    assert "Asia/Kathmandu" in page
    assert re.search(r'name="form_key" value="[0-9a-f-]{36}"', page)
    assert "<script>" not in page


def test_each_empty_form_has_its_own_key(sender):
    keys = {
        re.search(r'name="form_key" value="([^"]+)"', sender.get(ADD).content.decode())[1] for _ in range(2)
    }
    assert len(keys) == 2


def test_review_asks_and_sends_nothing(sender):
    make_user()
    page = sender.post(ADD, filled(_review="1")).content.decode()
    assert "You are about to send to <strong>2 people</strong>" in page
    assert not Broadcast.objects.exists()


def test_the_confirmation_sends_what_was_reviewed(sender):
    people = [make_user(), make_user()]
    page = sender.post(
        ADD,
        filled(
            audience_kind="users", users=[user.pk for user in people], title='<b>"Tea" & co</b>', _review="1"
        ),
    ).content.decode()
    form = page[page.index('id="broadcast_confirm"') :]
    import html

    data: dict[str, list[str]] = {}
    for name, value in hidden_fields(form):
        data.setdefault(name, []).append(html.unescape(value))
    answer = sender.post(ADD, {**data, "_send": "1"})
    broadcast = Broadcast.objects.get()
    assert answer.url == reverse("admin:notifications_broadcast_change", args=[broadcast.pk])
    assert broadcast.title == '<b>"Tea" & co</b>'
    assert set(broadcast.users.all()) == set(people)
    assert broadcast.total == 2
    assert broadcast.created_by is not None


def test_back_to_the_form_keeps_what_was_written(sender):
    page = sender.post(ADD, filled(title="Kept", _edit="1")).content.decode()
    assert 'value="Kept"' in page
    assert 'name="_review"' in page


@pytest.mark.parametrize("button", ["_send", "_review"])
def test_a_second_submission_of_one_form_shows_the_first_broadcast(sender, button):
    data = filled(_send="1")
    sender.post(ADD, data)
    again = sender.post(
        ADD, {**data, "title": "Changed in another tab", "_send": "", button: "1"}, follow=True
    )
    assert "submitted before" in again.content.decode()
    assert Broadcast.objects.get().title == "Tea"


def test_an_audience_of_nobody_is_warned_of_and_not_sent(sender):
    group = Group.objects.create(name="empty")
    page = sender.post(ADD, filled(audience_kind="group", group=group.pk, _send="1")).content.decode()
    assert "Nobody is in this audience" in page
    assert not Broadcast.objects.exists()


def test_a_room_is_an_audience(sender):
    room = make_room(make_user(), make_user(), name="Kitchen")
    assert "Kitchen (2)" in sender.get(ADD).content.decode()
    sender.post(ADD, filled(audience_kind="room", room=room, _send="1"))
    broadcast = Broadcast.objects.get()
    assert (broadcast.room_id, broadcast.room_name, broadcast.total) == (room, "Kitchen", 2)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "a" * 201}, "at most 200"),
        ({"title": "a\0b"}, "Null characters"),
        ({"link": "javascript:alert(1)"}, "This link cannot be used"),
        ({"audience_kind": "group"}, "Choose who gets it"),
        ({"audience_kind": "room", "room": "99"}, "not one of the available choices"),
        ({"audience_kind": "users", "users": ["99999"]}, "not one of the available choices"),
        ({"audience_kind": "moon"}, "not one of the available choices"),
        ({"level": "panic"}, "not one of the available choices"),
        ({"form_key": "x"}, "This page is damaged"),
        ({"when": "later"}, "Needed to send at a time"),
        ({"when": "later", "local_date": "2020-01-01", "local_time": "10:00"}, "has passed already"),
        ({"when": "later", "local_date": "9999-12-31", "local_time": "23:59"}, "too far ahead"),
        ({"when": "later", "local_date": "0001-01-01", "local_time": "00:00"}, "has passed already"),
        ({"when": "later", "local_date": "2026-02-30", "local_time": "10:00"}, "Enter a valid date"),
        ({"when": "later", "local_date": "2027-01-01", "local_time": "25:00"}, "Enter a valid time"),
        (
            {"when": "later", "local_date": "2027-01-01", "local_time": "10:00", "time_zone": "Mars/Base"},
            "not one of the available choices",
        ),
        (
            {
                "when": "later",
                "local_date": "2027-03-28",
                "local_time": "02:30",
                "time_zone": "Europe/Berlin",
            },
            "the clocks go forward",
        ),
    ],
)
def test_a_mistake_is_said_at_the_form_and_nothing_is_sent(sender, fields, says):
    page = sender.post(ADD, filled(**fields, _send="1")).content.decode()
    assert says in page
    assert not Broadcast.objects.exists()


def test_a_local_time_is_stored_as_its_moment_and_midnight_is_a_time(sender):
    day = (timezone.now() + timedelta(days=40)).date()
    sender.post(
        ADD,
        filled(when="later", local_date=day, local_time="00:00", time_zone="Asia/Kathmandu", _send="1"),
    )
    broadcast = Broadcast.objects.get()
    assert broadcast.due_at.strftime("%H:%M") == "18:15"
    assert broadcast.status == "scheduled"


def test_sending_needs_the_csrf_token():
    admin = User.objects.create_superuser("root", password="x")
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(ADD, filled(_send="1")).status_code == 403
    broadcast = stored(due_at=timezone.now() + timedelta(days=1))
    assert client.post(f"/admin/notifications/broadcast/{broadcast.pk}/cancel/").status_code == 403
    assert Broadcast.objects.get().status == "scheduled"


def pages(broadcast: Broadcast) -> list[str]:
    base = "/admin/notifications/broadcast/"
    return [
        base,
        ADD,
        f"{base}reach/?audience_kind=everybody",
        f"{base}people/?term=a",
        f"{base}{broadcast.pk}/change/",
        f"{base}{broadcast.pk}/progress/",
    ]


def test_staff_without_permission_get_403_everywhere():
    make_user()
    broadcast = stored(due_at=timezone.now() + timedelta(days=1))
    client = staff()
    for address in pages(broadcast):
        assert client.get(address).status_code == 403, address
    assert client.post(ADD, filled(_send="1")).status_code == 403
    assert client.post(f"/admin/notifications/broadcast/{broadcast.pk}/cancel/").status_code == 403
    assert Broadcast.objects.get().status == "scheduled"


def test_people_who_are_no_staff_are_sent_to_the_log_in():
    broadcast = stored(due_at=timezone.now() + timedelta(days=1)) if make_user() else None
    client = Client()
    client.force_login(make_user())
    for address in pages(broadcast):
        assert client.get(address).status_code == 302, address


def test_a_viewer_may_look_and_not_send():
    make_user()
    broadcast = stored(due_at=timezone.now() + timedelta(days=1))
    client = staff("view_broadcast")
    page = client.get(f"/admin/notifications/broadcast/{broadcast.pk}/change/").content.decode()
    assert "Cancel this broadcast" not in page
    assert client.get(ADD).status_code == 403
    assert client.post(f"/admin/notifications/broadcast/{broadcast.pk}/cancel/").status_code == 403


def test_the_page_of_a_broadcast_follows_its_stream(sender):
    broadcast = sent()
    page = sender.get(f"/admin/notifications/broadcast/{broadcast.pk}/change/").content.decode()
    assert f'data-stream="broadcast:{broadcast.pk}"' in page
    assert re.search(r'data-epoch="[^"]+" data-seq="\d+" data-status="sent"', page)
    progress = sender.get(f"/admin/notifications/broadcast/{broadcast.pk}/progress/").json()
    assert (progress["status"], progress["done"]) == ("sent", progress["total"])


def test_cancel_by_its_button(sender):
    broadcast = stored(due_at=timezone.now() + timedelta(days=1))
    address = f"/admin/notifications/broadcast/{broadcast.pk}/"
    assert "Cancel this broadcast" in sender.get(f"{address}change/").content.decode()
    assert sender.get(f"{address}cancel/").status_code == 403
    assert "Nobody got it" in sender.post(f"{address}cancel/", follow=True).content.decode()
    assert Broadcast.objects.get().status == "cancelled"
    other = sent()
    after = sender.post(f"/admin/notifications/broadcast/{other.pk}/cancel/", follow=True).content.decode()
    assert "cannot be cancelled" in after


def test_a_broadcast_that_is_not_there(sender):
    for name in ("progress", "cancel"):
        assert sender.get(f"/admin/notifications/broadcast/999/{name}/").status_code in {403, 404}
    assert sender.post("/admin/notifications/broadcast/999/cancel/").status_code == 404
    assert sender.get("/admin/notifications/broadcast/999/change/").status_code == 302


def test_nothing_is_edited_or_deleted(sender):
    broadcast = sent()
    base = f"/admin/notifications/broadcast/{broadcast.pk}"
    assert sender.post(f"{base}/change/", {"title": "Other"}).status_code == 403
    assert sender.post(f"{base}/delete/", {"post": "yes"}).status_code == 403
    assert Broadcast.objects.get().title == "Tea is ready"


def test_the_list_shows_status_and_reach(sender):
    sent()
    page = sender.get("/admin/notifications/broadcast/").content.decode()
    assert 'data-status="sent"' in page
    assert re.search(r"\d+ of \d+", page)


def test_reach_counts_what_the_fields_name(sender):
    ada = make_user()
    group = Group.objects.create(name="kitchen")
    ada.groups.add(group)
    room = make_room(ada)

    def people(query: str):
        return sender.get(f"/admin/notifications/broadcast/reach/?{query}").json()["people"]

    assert people("audience_kind=everybody") == User.objects.filter(is_active=True).count()
    assert people(f"audience_kind=group&group={group.pk}") == 1
    assert people(f"audience_kind=room&room={room}") == 1
    assert people(f"audience_kind=users&users={ada.pk}") == 1
    assert people("audience_kind=users") is None
    assert people("audience_kind=group&group=999") is None
    assert people("audience_kind=moon") is None
    assert people("") is None


def test_people_are_found_by_a_part_of_their_name_in_pages(sender):
    for number in range(25):
        make_user(f"penguin{number:02}")
    make_user("penguin-off", is_active=False)
    first = sender.get("/admin/notifications/broadcast/people/?term=NGUIN").json()
    second = sender.get("/admin/notifications/broadcast/people/?term=NGUIN&page=2").json()
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (5, False)
    for page in ("0", "-1", "x", "9" * 50):
        assert sender.get(f"/admin/notifications/broadcast/people/?page={page}").status_code == 200


def test_the_list_of_a_live_model_carries_its_position():
    client = staff("view_statusitem")
    address = "/admin/notifications/statusitem/"
    assert 'data-stream="model:notifications.statusitem"' in client.get(address).content.decode()
    StatusItem.objects.create(name="Mail")
    page = client.get(address).content.decode()
    assert re.search(r'data-epoch="[^"]+" data-seq="1"', page)
    assert "live/changelist.js" in page
