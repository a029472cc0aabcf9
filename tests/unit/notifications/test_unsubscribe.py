"""The link in an e-mail that turns e-mails of its kind off: asked by a person, posted by a mail program."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.preferences.selectors import preferences_of
from notifications.preferences.services import preference_choose
from notifications.unsubscribe import Unsubscription, unsubscribe_link, unsubscription_of
from tests.support import notification_types  # noqa: F401  (declares the category)
from tests.support.notices import published
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ada() -> User:
    return make_user()


@pytest.fixture
def path(ada: User, settings) -> str:
    settings.SITE_URL = "https://carillon.example"
    return unsubscribe_link(ada.pk, ["orders"]).removeprefix(settings.SITE_URL)


def turned_off(user: User) -> list[str]:
    choices = preferences_of(user).choices
    return [one.category for one in choices if (one.channel, one.frequency) == ("email", "off")]


def test_the_link_is_absolute_and_names_person_and_category(settings) -> None:
    settings.SITE_URL = "https://carillon.example"
    link = unsubscribe_link(7, ["orders", "a & b"])
    assert link.startswith("https://carillon.example/unsubscribe/")
    assert unsubscription_of(link.rpartition("/")[2]) == Unsubscription(7, ("a & b", "orders"))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a" * 5000,
        signing.dumps([7, "orders"]),
        signing.dumps([7, "orders"], salt="accounts.access"),
        signing.dumps([], salt="notifications.unsubscribe"),
        "%00",
        "\N{BELL}",
    ],
)
def test_a_link_that_was_not_made_here_for_this_does_nothing(client: Client, token: str) -> None:
    url = reverse("notifications:unsubscribe", args=[token])
    for answer in (client.get(url), client.post(url, ONE_CLICK)):
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()


def test_a_mail_program_turns_them_off_with_one_click(ada, path) -> None:
    """It brings no cookie and no CSRF token, and may do so again."""
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(path, ONE_CLICK)
        assert answer.status_code == 200
        assert turned_off(ada) == ["orders"]
    assert [
        one["preferences"]["version"]
        for one in published(f"user:{ada.pk}", "notifications.preferences_changed")
    ]


def test_a_click_counts_after_one_has_chosen_otherwise(ada, client, path) -> None:
    client.post(path, ONE_CLICK)
    preference_choose(ada, category="orders", channel="email", frequency="daily", client_id=client_id())
    assert turned_off(ada) == []
    client.post(path, ONE_CLICK)
    assert turned_off(ada) == ["orders"]


def test_to_look_changes_nothing_and_asks(ada, client, path) -> None:
    for answer in (client.head(path), client.get(path)):
        assert answer.status_code == 200
    page = answer.content.decode()
    assert "“Orders”" in page
    assert '<form method="post">' in page
    assert turned_off(ada) == []


def test_the_link_of_a_digest_turns_off_all_that_is_in_it(ada, client, settings) -> None:
    settings.SITE_URL = ""
    client.post(unsubscribe_link(ada.pk, ["orders", "general", "no such"]), ONE_CLICK)
    assert sorted(turned_off(ada)) == ["general", "orders"]


def test_a_person_who_is_gone_is_no_error(ada, client, path) -> None:
    ada.delete()
    assert client.post(path, ONE_CLICK).status_code == 200


def test_the_page_is_not_kept_or_told_to_others(client: Client, path: str) -> None:
    answer = client.get(path)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert client.put(path).status_code == 405
