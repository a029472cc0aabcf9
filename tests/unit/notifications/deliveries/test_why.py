"""Each decision is a sentence: for the person over HTTP, for administrators on their page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from notifications.deliveries.rules import Why
from notifications.deliveries.why import sentence
from notifications.models import Delivery, Notice
from notifications.notify import notify
from notifications.selectors import inbox_page
from tests.support.deliveries import called, choose, hours
from tests.support.notices import EVERYBODY
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/notifications/delivery/"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def lines(user, **query) -> list[dict]:
    return client_of(user).get("/api/deliveries", query).json()["items"]


@pytest.mark.django_db(transaction=False)  # nothing is stored
@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("channel", ["in_app", "recorder"])
def test_every_reason_has_a_sentence_with_times_in_the_persons_zone(why, channel):
    at = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
    delivery = Delivery(channel=channel, why=why, due_at=at, sent_at=at, error="It is full.", attempts=2)
    text = sentence(delivery, ZoneInfo("Asia/Kathmandu"))
    assert text.endswith(".")
    assert not {"{", "None", ".)", ".."} & set(text.split())
    if "2026" in text:
        assert "2026-11-26 02:15 (Asia/Kathmandu)" in text


def test_a_person_asks_about_a_line_of_their_inbox_and_about_everything():
    ada = make_user()
    choose(ada, "calls", "recorder", "off")
    called(ada)
    called(ada, type="testing.alarm")
    older = inbox_page(ada).items[1]
    found = {line["channel"]: line for line in lines(ada, item=older.id)}
    assert found["in_app"]["sentence"].startswith("It is in the inbox since ")
    assert (found["recorder"]["why"], found["recorder"]["label"]) == ("preference", "Recorder")
    assert "preferences" in found["recorder"]["sentence"]
    first = client_of(ada).get("/api/deliveries", {"limit": 3}).json()
    assert [line["title"] for line in first["items"]] == ["Fire", "Fire", "calls"]
    rest = client_of(ada).get("/api/deliveries", {"limit": 3, "before": first["next"]}).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)


def test_a_line_that_grew_answers_for_all_that_it_stands_for():
    ada = make_user()
    called(ada, type="testing.reply", group="thread")
    called(ada, type="testing.reply", group="thread")
    (item,) = inbox_page(ada).items
    assert len(lines(ada, item=item.id)) == 6


def test_a_page_costs_the_same_queries_for_one_and_for_many(django_assert_num_queries):
    ada = make_user()
    client = client_of(ada)
    for _ in range(3):
        called(ada)
    with django_assert_num_queries(4):  # two of them for who is asking
        client.get("/api/deliveries", {"limit": 50})


def test_nobody_learns_what_was_decided_about_others():
    ada, ben = make_user(), make_user()
    called(ada)
    item = inbox_page(ada).items[0].id
    assert lines(ben) == []
    assert lines(ben, item=item) == []
    assert Client().get("/api/deliveries").status_code == 401


@pytest.mark.parametrize(
    "query",
    [{"item": "x"}, {"item": "n0"}, {"limit": 10**9}, {"limit": -1}, {"before": 0}, {"before": 2**63}],
)
def test_a_question_that_makes_no_sense_is_refused(query):
    assert client_of(make_user()).get("/api/deliveries", query).status_code == 400


@pytest.fixture
def admin(db: None) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_delivery"))
    return client_of(user)


def test_an_administrator_asks_why_a_person_did_not_get_a_notice(admin):
    ada, ben = make_user("ada"), make_user("ben")
    hours(ada, ("00:00", "23:59"), zone="Asia/Kathmandu")
    told = called(ada, ben, key="call:7")
    for notice in (str(told), "call:7"):
        page = admin.get(PAGE, {"person": "ADA", "notice": notice}).content.decode()
        assert "It is in the inbox since" in page
        assert "the end of the quiet hours" in page
        assert "(Asia/Kathmandu)" in page
        assert "about to be sent" not in page
    figures = admin.get(PAGE, {"notice": "call:7"}).content.decode()
    assert "<strong>Recorder</strong>: due 1, quiet hours 1" in figures
    assert "ben" in figures


def test_it_is_said_that_somebody_was_not_among_the_recipients(admin):
    make_user("ada")
    told = called(make_user())
    notify("testing.shipped", to=EVERYBODY, data={"number": 1}, key="all")
    for notice in (told, "all"):
        page = admin.get(PAGE, {"person": "ada", "notice": notice}).content.decode()
        assert "was not among the recipients" in page


@pytest.mark.parametrize(
    "query", [{"person": "nobody"}, {"notice": "nothing"}, {"person": "x" * 999}, {"person": "\0"}]
)
def test_whom_and_what_there_is_not_is_named(admin, query):
    answer = admin.get(PAGE, query)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_the_page_is_for_who_may_see_it_and_changes_nothing(admin):
    called(make_user())
    delivery = Delivery.objects.first()
    assert client_of(make_user(is_staff=True)).get(PAGE).status_code == 403
    assert client_of(make_user()).get(PAGE).status_code == 302
    assert admin.get(f"{PAGE}add/").status_code == 403
    assert admin.post(f"{PAGE}{delivery.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"{PAGE}{delivery.pk}/change/", {"state": "sent"}).status_code == 403


def test_what_a_notice_says_is_escaped(admin):
    called(make_user(), type="testing.shipped", data={"number": 1}, actor=make_user(display_name="<b>x</b>"))
    page = admin.get(PAGE).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page


def test_a_type_that_is_not_declared_any_more_still_has_its_reasons(admin):
    ada = make_user("ada")
    called(ada)
    Notice.objects.update(type="gone.away", created_at=timezone.now() - timedelta(days=1))
    assert "gone.away" in admin.get(PAGE, {"person": "ada"}).content.decode()
    assert lines(ada)[0]["title"] == ""
