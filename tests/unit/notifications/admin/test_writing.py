"""The form: what it holds, what it refuses, and the draft that it makes; once, however often it is sent."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from notifications.models import AuditEntry, Broadcast, Picture
from realtime.jobs.running import job_claim_due, job_run
from tests.support.cockpit import ADD, BASE, draft, filled, page_of, press, staff, work_off
from tests.support.people import make_room, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


def a_file(content: bytes, name: str = "people.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_form_page_is_complete(sender):
    page = sender.get(ADD).content.decode()
    for name in (
        "title", "text", "level", "link", "picture", "picture_url", "audience_kind", "group", "room", "users",
        "joined_since",
        "people_file", "without_group", "without_users", "when", "time_zone", "critical", "expires_after",
        "people_per_s", "title_de", "text_ar",
    ):  # fmt: skip
        assert f'name="{name}"' in page, name
    assert "Asia/Kathmandu" in page
    assert re.search(r'name="form_key" value="[0-9a-f-]{36}"', page)
    assert "<script>" not in page


def test_each_empty_form_has_its_own_key(sender):
    keys = {
        re.search(r'name="form_key" value="([^"]+)"', sender.get(ADD).content.decode())[1] for _ in range(2)
    }
    assert len(keys) == 2


def test_a_filled_form_makes_a_draft_and_sends_nothing(sender):
    people = [make_user(), make_user()]
    broadcast = draft(
        sender, audience_kind="users", users=[user.pk for user in people], title='<b>"Tea" & co</b>'
    )
    assert (broadcast.status, broadcast.title) == ("draft", '<b>"Tea" & co</b>')
    assert set(broadcast.users.all()) == set(people)
    assert not broadcast.occurrences.exists()
    assert "&lt;b&gt;&quot;Tea&quot; &amp; co&lt;/b&gt;" in sender.get(page_of(broadcast)).content.decode()


def test_one_form_makes_one_draft_and_the_last_word_stands(sender):
    data = filled()
    for title in ("Tea", "Tea", "Coffee"):
        sender.post(ADD, {**data, "title": title})
    broadcast = Broadcast.objects.get()
    assert (broadcast.title, broadcast.revision) == ("Coffee", 1)
    assert list(broadcast.audit.values_list("act", flat=True)) == ["wrote it", "changed it"]


def test_a_form_that_was_submitted_shows_what_became_of_it(sender):
    data = filled()
    sender.post(ADD, data)
    press(sender, Broadcast.objects.get(), "submit", people="1")
    again = sender.post(ADD, {**data, "title": "Changed in another tab"}, follow=True)
    assert "submitted before" in again.content.decode()
    assert Broadcast.objects.get().title == "Tea"


def test_of_two_who_change_a_draft_the_second_looks_again(sender):
    broadcast = draft(sender)
    other = staff("add_broadcast")
    address = f"{BASE}{broadcast.pk}/edit/"
    assert 'name="seen" value="0"' in other.get(address).content.decode()
    same_key = {"form_key": str(broadcast.form_key)}
    sender.post(address, filled(title="Mine", **same_key))
    after = other.post(address, filled(title="Theirs", **same_key), follow=True)
    assert "changed this broadcast meanwhile" in after.content.decode()
    assert Broadcast.objects.get().title == "Mine"


def test_changing_a_draft_keeps_what_is_not_sent_again(sender):
    picture = BytesIO()
    Image.new("RGB", (30, 30), "teal").save(picture, "PNG")
    make_user("ada")
    broadcast = draft(
        sender,
        audience_kind="file",
        people_file=a_file(b"ada"),
        picture=SimpleUploadedFile("tea.png", picture.getvalue()),
        title_de="Tee",
        text_de="In der **Teeküche**.",
        critical="on",
        expires_after="86400",
        people_per_s="50",
    )
    work_off()
    address = f"{BASE}{broadcast.pk}/edit/"
    page = sender.get(address).content.decode()
    for value in ('value="Tee"', "In der **Teeküche**.", 'value="50"', 'value="86400" selected', "checked"):
        assert value in page, value
    sender.post(address, filled(title="Later", audience_kind="file", seen="0"))
    broadcast.refresh_from_db()
    assert [user.username for user in broadcast.users.all()] == ["ada"]
    assert broadcast.image == Picture.objects.get().path
    assert broadcast.people_file["name"] == "people.csv"
    sender.post(address, filled(audience_kind="file", seen="1", no_picture="on"))
    broadcast.refresh_from_db()
    assert broadcast.image == ""


def test_an_audience_of_nobody_is_warned_of_and_not_stored(sender):
    group = Group.objects.create(name="empty")
    page = sender.post(ADD, filled(audience_kind="group", group=group.pk)).content.decode()
    assert "Nobody is in this audience" in page
    everybody = Group.objects.create(name="all")
    everybody.user_set.set(User.objects.all())
    page = sender.post(ADD, filled(without_group=everybody.pk)).content.decode()
    assert "Nobody is in this audience" in page
    assert not Broadcast.objects.exists()


def test_a_room_is_an_audience(sender):
    room = make_room(make_user(), make_user(), name="Kitchen")
    assert "Kitchen (2)" in sender.get(ADD).content.decode()
    broadcast = draft(sender, audience_kind="room", room=room)
    assert (broadcast.room_id, broadcast.room_name) == (room, "Kitchen")


def test_a_file_of_people_is_read_by_a_job_and_its_wrong_lines_are_told(sender):
    make_user("ada")
    make_user("gone", is_active=False)
    content = b"username\nada\nnobody\ngone\nada\n\xff\xff\n"
    broadcast = draft(sender, audience_kind="file", people_file=a_file(content))
    page = sender.get(page_of(broadcast)).content.decode()
    assert "The people of people.csv are read" in page
    assert "Import CSV audience" in page
    assert "has not been read" in press(sender, broadcast, "submit", people="1")
    assert "has not been read" in press(sender, broadcast, "ask")
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert (job["state"], job["done"]) == ("queued", 0)
    work_off()
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert (job["state"], job["done"], job["message"]) == ("done", 6, "1 people, 4 lines left out.")
    assert [user.username for user in broadcast.users.all()] == ["ada"]
    page = sender.get(page_of(broadcast)).content.decode()
    assert "4 lines left out" in page
    for line, why in ((3, "nobody has this name"), (4, "deactivated"), (5, "the same person"), (6, "UTF-8")):
        assert re.search(rf"<td>{line}</td><td><code>[^<]*</code></td><td>[^<]*{why}", page), line


def test_a_file_that_names_nobody_is_told_and_cannot_be_sent(sender):
    broadcast = draft(sender, audience_kind="file", people_file=a_file(b"nobody"))
    work_off()
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert job["state"] == "failed"
    assert "No line of this file names somebody" in job["error"]
    assert "line 1: 'nobody'" in job["error"]
    assert "1 line left out" in sender.get(page_of(broadcast)).content.decode()
    assert "Nobody is in this audience" in press(sender, broadcast, "submit", people="0")


def test_an_import_that_is_called_off_leaves_a_draft_that_cannot_be_sent(sender):
    make_user("ada")
    broadcast = draft(sender, audience_kind="file", people_file=a_file(b"ada"))
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert sender.get(f"{BASE}{broadcast.pk}/work/{job['id']}/cancel/").status_code == 403
    assert sender.post(f"{BASE}{broadcast.pk}/work/999/cancel/").status_code == 404
    assert "It is called off" in press(sender, broadcast, f"work/{job['id']}/cancel")
    work_off()
    assert not broadcast.users.exists()
    assert "has not been read" in press(sender, broadcast, "submit", people="0")
    assert "cancelled" in sender.get(page_of(broadcast)).content.decode()
    sender.post(
        f"{BASE}{broadcast.pk}/edit/", filled(audience_kind="file", people_file=a_file(b"ada"), seen="0")
    )
    work_off()
    assert [user.username for user in broadcast.users.all()] == ["ada"]


def test_of_two_files_the_later_one_counts(sender):
    make_user("ada"), make_user("ben")
    broadcast = draft(sender, audience_kind="file", people_file=a_file(b"ada"))
    sender.post(
        f"{BASE}{broadcast.pk}/edit/", filled(audience_kind="file", people_file=a_file(b"ben"), seen="0")
    )
    work_off()
    assert [user.username for user in broadcast.users.all()] == ["ben"]
    broadcast.refresh_from_db()
    assert broadcast.people_file["people"] == 1


def test_a_long_file_is_read_in_steps_and_goes_on_where_a_worker_left_it(sender, settings):
    settings.REALTIME = {**settings.REALTIME, "JOB_SLICE_S": 0.0}
    people = [make_user(f"person{number}") for number in range(3)]
    lines = [*(user.username for user in people), *["nobody"] * 1200, people[0].username]
    broadcast = draft(sender, audience_kind="file", people_file=a_file("\n".join(lines).encode()))
    (job_id,) = job_claim_due()
    assert job_run(job_id)
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert (job["done"], job["total"]) == (500, 1204)
    while job_run(job_id):
        pass
    broadcast.refresh_from_db()
    assert (broadcast.people_file["people"], broadcast.people_file["wrong_lines"]) == (3, 1201)
    assert len(broadcast.people_file["problems"]) == 200
    assert broadcast.users.count() == 3


def test_a_file_that_is_too_large_is_refused(sender, settings):
    settings.NOTIFICATIONS = {"max_people_file_bytes": 10}
    page = sender.post(ADD, filled(audience_kind="file", people_file=a_file(b"x" * 11))).content.decode()
    assert "at most 10 are read" in page
    assert not Broadcast.objects.exists()


def test_what_is_no_picture_is_refused_whatever_it_is_called(sender):
    page = sender.post(ADD, filled(picture=a_file(b"<svg onload=alert(1)>", "tea.png"))).content.decode()
    assert "no picture that can be used" in page
    assert not Broadcast.objects.exists()


def test_nobody_is_online_where_no_server_runs(sender):
    page = sender.post(ADD, filled(audience_kind="online")).content.decode()
    assert "Nobody is in this audience" in page
    later = filled(audience_kind="online", when="later", local_date="2030-01-01", local_time="10:00")
    assert "known only now" in sender.post(ADD, later).content.decode()


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
        ({"seen": "-1"}, "greater than or equal to 0"),
        ({"audience_kind": "joined"}, "Choose who gets it"),
        ({"audience_kind": "joined", "joined_since": "yesterday"}, "Enter a valid date"),
        ({"audience_kind": "file"}, "Choose the file"),
        ({"audience_kind": "segment", "segment": "no.such"}, "not one of the available choices"),
        ({"without_users": ["99999"]}, "not one of the available choices"),
        ({"people_per_s": "0"}, "greater than or equal to 1"),
        ({"people_per_s": "fast"}, "Enter a whole number"),
        ({"expires_after": "7"}, "not one of the available choices"),
        ({"text_de": "Tee"}, "needs a title too"),
        ({"title_de": "a" * 201}, "at most 200"),
        ({"when": "later"}, "Needed for this choice"),
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
    page = sender.post(ADD, filled(**fields)).content.decode()
    assert says in page
    assert not Broadcast.objects.exists()


def test_the_preview_is_what_people_get(sender):
    words = sender.post(f"{BASE}preview/", {"title": "<b>", "text": "**Hot** <script>x</script>"}).json()
    assert words == {
        "title": "<b>",
        "text": "Hot <script>x</script>",
        "html": "<p><strong>Hot</strong> &lt;script&gt;x&lt;/script&gt;</p>",
    }


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
    assert people(f"audience_kind=everybody&without_users={ada.pk}") == 1
    assert people(f"audience_kind=everybody&without_group={group.pk}") == 1
    assert people("audience_kind=joined&joined_since=2000-01-01") == 2
    assert people("audience_kind=file") is None
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


def test_who_writes_what_is_written_down(sender):
    broadcast = draft(sender)
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(title="Coffee", seen="0"))
    wrote, changed = AuditEntry.objects.all()
    assert wrote.after["title"] == "Tea"
    assert (changed.before, changed.after) == ({"title": "Tea"}, {"title": "Coffee"})
    assert changed.actor == wrote.actor == broadcast.created_by
    assert "Tea → Coffee" in sender.get(page_of(broadcast)).content.decode()
