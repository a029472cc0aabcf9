"""A draft's page: what would happen, a try on oneself, approval by a second person, and sending it once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from notifications.models import AuditEntry, Broadcast, Notification
from tests.support.cockpit import BASE, administrator, draft, filled, page_of, press, staff, window, work_off
from tests.support.deliveries import choose, hours
from tests.support.notices import only_occurrence, send_due
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


@pytest.fixture
def approved_first(settings) -> None:
    settings.NOTIFICATIONS = {"approve_people": 1, "confirm_people": 0}


def page(client: Client, broadcast: Broadcast) -> str:
    return client.get(page_of(broadcast)).content.decode()


def test_it_says_what_would_be_sent_to_whom(sender):
    people = [make_user("ada"), make_user("ben")]
    broadcast = draft(
        sender,
        audience_kind="users",
        users=[user.pk for user in people],
        title_de="Tee",
        text_de="In der *Küche*.",
        expires_after="3600",
        people_per_s="7",
        critical="on",
    )
    shown = page(sender, broadcast)
    assert "Nothing is sent yet. It goes to <strong>2 people</strong>, as soon as it is sent" in shown
    for words in (
        "<strong>kitchen</strong>", "In der <em>Küche</em>.", 'lang="de"', "Among them ada, ben",
        "7 people per second", "passes quiet hours", "after 1 hour", "Send to 2 people",
    ):  # fmt: skip
        assert words in shown, words
    assert re.search(
        r'<th scope="row">In the app</th><td>2</td><td>0</td><td>0</td><td>0</td><td>0</td>', shown
    )
    assert "<script>" not in shown


def test_it_goes_out_once_however_often_the_button_is_pressed(sender):
    broadcast = draft(sender)
    assert "is on its way" in press(sender, broadcast, "submit", people="1")
    assert "submitted before" in press(sender, broadcast, "submit", people="1")
    assert "submitted before" in press(staff("add_broadcast"), broadcast, "submit", people="2")
    assert broadcast.occurrences.count() == 1
    assert list(broadcast.audit.values_list("act", flat=True)) == ["wrote it", "submitted it"]


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_at_the_same_moment_one_sends_it(sender):
    broadcast = draft(sender)

    def submit(client: Client) -> str:
        try:
            return press(client, broadcast, "submit", people="3")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(submit, [staff("add_broadcast"), staff("add_broadcast")]))
    assert sorted("is on its way" in answer for answer in answers) == [False, True]
    assert broadcast.occurrences.count() == 1


@pytest.mark.parametrize("typed", ["", "3", "3,000", "all", "-2", "2" * 30])
def test_many_people_are_reached_only_by_typing_how_many(sender, settings, typed):
    settings.NOTIFICATIONS = {"confirm_people": 2}
    make_user()
    broadcast = draft(sender)
    assert "Type the number of people who get it, 2" in page(sender, broadcast)
    assert "Look at the number" in press(sender, broadcast, "submit", people=typed)
    broadcast.refresh_from_db()
    assert broadcast.status == "draft"


def test_the_number_may_be_typed_as_people_write_it(sender, settings):
    settings.NOTIFICATIONS = {"confirm_people": 2}
    make_user()
    assert "is on its way" in press(sender, draft(sender), "submit", people=" 2 ")


def test_a_local_time_is_kept_until_it_is_sent_and_midnight_is_a_time(sender):
    day = (timezone.now() + timedelta(days=40)).date()
    broadcast = draft(sender, when="later", local_date=day, local_time="00:00", time_zone="Asia/Kathmandu")
    assert f"{day} 00:00, Asia/Kathmandu" in page(sender, broadcast)
    assert "is scheduled for" in press(sender, broadcast, "submit", people="1")
    assert only_occurrence(broadcast).due_at.strftime("%H:%M") == "18:15"


def test_a_time_that_passes_before_it_is_sent_is_refused(sender):
    day = timezone.now() + timedelta(days=1)
    broadcast = draft(sender, when="later", local_date=day.date(), local_time="12:00", time_zone="UTC")
    Broadcast.objects.update(starts_at="2026-01-01T12:00:00")
    assert "has passed already" in press(sender, broadcast, "submit", people="1")
    broadcast.refresh_from_db()
    assert broadcast.status == "draft"


def test_an_audience_that_became_empty_is_warned_of(sender):
    ada = make_user()
    broadcast = draft(sender, audience_kind="users", users=[ada.pk])
    ada.is_active = False
    ada.save()
    assert "Nobody is in this audience" in press(sender, broadcast, "submit", people="1")


def test_a_try_reaches_only_whoever_asks(sender):
    make_user()
    broadcast = draft(sender)
    assert "You have it" in press(sender, broadcast, "try")
    line = Notification.objects.get()
    assert (line.title, line.text) == ("[Try] Tea", "In the kitchen.")
    assert line.recipient == broadcast.created_by
    assert Broadcast.objects.get().status == "draft"


def test_a_page_looks_at_the_first_people_and_a_job_at_all_of_them(sender, settings):
    settings.NOTIFICATIONS = {"rehearse_people": 2, "confirm_people": 0}
    people = [make_user() for _ in range(4)]
    choose(people[-1], "broadcasts", "in_app", "off")
    day = (timezone.now() + timedelta(days=2)).date()
    for user, zone in zip(
        people, ("UTC", "Asia/Kathmandu", "Asia/Kathmandu", "Pacific/Chatham"), strict=True
    ):
        hours(user, zone=zone)
    broadcast = draft(sender, when="later", local_date=day, local_time="09:00", time_zone="own")
    shown = page(sender, broadcast)
    assert "of the first 2" in shown
    assert "Everybody is being looked at" in press(sender, broadcast, "count")
    press(sender, broadcast, "count")
    (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
    assert job["label"] == "Rehearsal of a broadcast"
    work_off()
    shown = page(sender, broadcast)
    assert "of the first" not in shown
    # The sender of the draft is the fifth.
    assert re.search(r"In the app</th><td>4</td><td>0</td><td>1</td><td>0</td><td>0</td>", shown)
    assert len(re.findall('class="plot-bar"', shown)) == 3
    assert "<title>" in shown
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(title="Coffee", seen="0"))
    assert "of the first 2" in page(sender, broadcast)  # what was counted was of something else


def test_what_was_counted_of_a_draft_that_changed_meanwhile_is_left_out(sender, settings):
    settings.NOTIFICATIONS = {"rehearse_people": 1, "confirm_people": 0}
    make_user()
    broadcast = draft(sender)
    press(sender, broadcast, "count")
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(title="Coffee", seen="0"))
    work_off()
    broadcast.refresh_from_db()
    assert broadcast.rehearsed is None
    press(sender, broadcast, "count")
    work_off()
    broadcast.refresh_from_db()
    assert broadcast.rehearsed["counted"]["people"] == 2


def test_the_email_is_shown_by_itself_in_each_language(sender, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    broadcast = draft(sender, channels=["email"], title_de="Tee", text_de="In der Küche.")
    shown = page(sender, broadcast)
    for code in ("en", "de"):
        assert re.search(rf'<iframe title="The e-mail, \w+" src="[^"]*/mail/{code}/" sandbox', shown), code
    mail = sender.get(f"{BASE}{broadcast.pk}/mail/de/")
    assert "Tee" in mail.content.decode()
    assert "script-src 'none'" in mail.headers["Content-Security-Policy"]
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert sender.get(f"{BASE}{broadcast.pk}/mail/xx/").status_code == 404
    assert window(make_user(is_staff=True)).get(f"{BASE}{broadcast.pk}/mail/de/").status_code == 403


def test_channels_that_are_not_set_up_are_named_and_not_offered(sender, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.WEB_PUSH = {"private_key": "", "contact": ""}
    form = sender.get(f"{BASE}add/").content.decode()
    assert 'value="email"' not in form
    assert re.search("Not set up here: [^<]*E-mail[^<]*Push to browsers[^<]*Webhook", form)
    assert (
        "not one of the available choices"
        in sender.post(f"{BASE}add/", filled(channels=["email"])).content.decode()
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert 'value="email"' in sender.get(f"{BASE}add/").content.decode()


# ---- a second person


def test_nothing_goes_out_before_a_second_person_has_approved_it(sender, approved_first):
    author = administrator("add_broadcast", "approve_broadcast")
    broadcast = draft(window(author))
    assert "a second person has to approve it first" in page(window(author), broadcast)
    assert "has to approve this broadcast" in press(window(author), broadcast, "submit", people="1")
    press(window(author), broadcast, "ask")
    seen = seen_by(window(author), broadcast)
    assert "somebody else has to approve it" in press(
        window(author), broadcast, "decide", approve="1", seen=seen
    )
    second = staff("approve_broadcast")
    assert "Approved by" in press(second, broadcast, "decide", approve="1", seen=seen, note="Looks right.")
    assert "Looks right." in page(window(author), broadcast)
    assert "is on its way" in press(window(author), broadcast, "submit", people="1")
    assert [entry.act for entry in broadcast.audit.all()] == [
        "wrote it", "asked for approval", "approved it", "submitted it",
    ]  # fmt: skip


def seen_by(client: Client, broadcast: Broadcast) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page(client, broadcast))
    assert found is not None
    return found[1]


def test_a_change_makes_an_approval_void(sender, approved_first):
    broadcast = draft(sender)
    press(sender, broadcast, "ask")
    second = staff("approve_broadcast")
    press(second, broadcast, "decide", approve="1", seen=seen_by(second, broadcast))
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(text="Something else.", seen="0"))
    assert "has to approve this broadcast" in press(sender, broadcast, "submit", people="2")
    broadcast.refresh_from_db()
    assert broadcast.status == "draft"


def test_an_approval_is_of_what_was_seen(sender, approved_first):
    broadcast = draft(sender)
    press(sender, broadcast, "ask")
    second = staff("approve_broadcast")
    seen = seen_by(second, broadcast)
    sender.post(f"{BASE}{broadcast.pk}/edit/", filled(text="Something else.", seen="0"))
    press(sender, broadcast, "ask")
    assert "Nobody is waiting" in press(second, broadcast, "decide", approve="1", seen=seen)


def test_whoever_changed_it_does_not_approve_it(sender, approved_first):
    broadcast = draft(sender)
    helper = administrator("add_broadcast", "approve_broadcast")
    window(helper).post(f"{BASE}{broadcast.pk}/edit/", filled(text="Better.", seen="0"))
    press(sender, broadcast, "ask")
    seen = seen_by(window(helper), broadcast)
    assert "somebody else has to approve it" in press(
        window(helper), broadcast, "decide", approve="1", seen=seen
    )


def test_a_refusal_says_why(sender, approved_first):
    broadcast = draft(sender)
    press(sender, broadcast, "ask")
    second = staff("approve_broadcast")
    press(second, broadcast, "decide", refuse="1", seen=seen_by(second, broadcast), note="Wrong day.")
    assert "Wrong day." in page(sender, broadcast)
    assert "has to approve this broadcast" in press(sender, broadcast, "submit", people="2")


# ---- doors


@pytest.mark.parametrize(
    ("permission", "doors"),
    [
        ("add_broadcast", {"submit", "try", "ask"}),
        ("approve_broadcast", {"decide"}),
        ("view_broadcast", set()),
        ("change_broadcast", set()),
        ("stop_broadcasts", set()),
    ],
)
def test_each_door_opens_for_its_permission_alone_and_who_tried_is_written_down(sender, permission, doors):
    broadcast = draft(sender)
    client = staff(permission)
    assert client.get(page_of(broadcast)).status_code == 200
    for door in ("submit", "try", "ask", "decide"):
        answer = client.post(f"{BASE}{broadcast.pk}/{door}/", {"people": "0"})
        assert answer.status_code == (302 if door in doors else 403), door
        refused = AuditEntry.objects.filter(act="was refused", broadcast=broadcast)
        assert refused.count() == (0 if door in doors else 1)
        AuditEntry.objects.filter(act="was refused")._raw_delete("default")
        assert client.get(f"{BASE}{broadcast.pk}/{door}/").status_code == 403


def test_what_is_not_there_is_not_found(sender):
    for door in ("submit", "try", "ask"):
        assert sender.post(f"{BASE}999/{door}/", {"people": "1"}).status_code == 404
    assert sender.get(f"{BASE}999/change/").status_code == 404
    assert sender.get(f"{BASE}999/edit/").status_code == 404


def test_what_is_sent_reaches_people_in_words_html_and_picture(sender):
    ada = make_user()
    broadcast = draft(
        sender,
        audience_kind="users",
        users=[ada.pk],
        title_de="Tee",
        text_de="In der *Küche*.",
        expires_after="3600",
    )
    press(sender, broadcast, "submit", people="1")
    send_due()
    line = Notification.objects.get(recipient=ada)
    assert (line.title, line.text, line.html) == (
        "Tea",
        "In the kitchen.",
        "<p>In the <strong>kitchen</strong>.</p>",
    )
    assert line.translations["de"] == {
        "title": "Tee", "text": "In der Küche.", "html": "<p>In der <em>Küche</em>.</p>",
    }  # fmt: skip
    assert line.expires_at is not None
