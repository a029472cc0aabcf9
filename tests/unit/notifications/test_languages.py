"""What people and administrators read of notifications is in the language that they ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from notifications.types import all_types, category_label
from tests.support import notification_types  # noqa: F401  (registers them)
from tests.support.cockpit import BASE, draft, page_of, staff
from tests.support.deliveries import called, choose
from tests.support.notices import sent
from tests.support.people import make_user

pytestmark = pytest.mark.django_db

LANGUAGES = ("de", "ar")
LOCALE = Path(__file__).parents[3] / "notifications/locale"
TEMPLATES = Path(__file__).parents[3] / "notifications/templates"


def member(language: str) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(make_user())
    return client


def test_categories_and_channels_have_names_that_people_understand():
    def names(language: str) -> tuple[dict[str, str], dict[str, str]]:
        page = member(language).get("/api/preferences").json()
        labels = {one["name"]: one["label"] for one in page["categories"]}
        return labels, {one["name"]: one["label"] for one in page["channels"]}

    categories, channels = names("en")
    assert (categories["broadcasts"], categories["direct_messages"]) == ("Announcements", "Direct messages")
    assert channels["in_app"] == "In the app"
    categories, channels = names("de")
    assert (categories["broadcasts"], categories["mentions"]) == ("Ankündigungen", "Erwähnungen")
    assert (channels["in_app"], channels["email"]) == ("In der App", "E-Mail")
    assert names("ar")[0]["reminders"] == "تذكيرات"
    assert category_label("what_nobody_named") == "What nobody named"


def test_why_one_got_something_is_told_in_ones_language():
    ada = make_user()
    choose(ada, "calls", "recorder", "off")
    called(ada)

    def sentences(language: str) -> str:
        client = Client(headers={"accept-language": language})
        client.force_login(ada)
        return " ".join(one["sentence"] for one in client.get("/api/deliveries").json()["items"])

    assert "preferences this kind is not told" in sentences("en")
    assert "nach den Einstellungen wird diese Art nicht auf diesem Weg mitgeteilt" in sentences("de")
    assert "حسب الإعدادات" in sentences("ar")


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Warum hat diese Person das bekommen"), ("ar", "لماذا وصل هذا")]
)
def test_the_pages_of_administrators_are_in_their_language(language, words):
    client = staff("add_broadcast", "view_broadcast", "view_delivery")
    headers = {"accept-language": language}
    assert words in client.get("/admin/notifications/delivery/", headers=headers).content.decode()
    pages = [
        client.get(page, headers=headers).content.decode()
        for page in (page_of(draft(client)), page_of(sent()), f"{BASE}add/")
    ]
    for english in ("Who gets it</h2>", "Figures</h2>", ">Delivered<", "Rehearse</li>"):
        assert not any(english in page for page in pages), english


def test_every_sentence_of_the_templates_is_translated():
    said = set()
    for template in TEMPLATES.rglob("*.html"):
        said |= set(re.findall(r'{% translate "([^"]+)" %}', template.read_text()))
    # Django's own catalogue has these.
    said -= {"Home", "Please correct the error below.", "Please correct the errors below."}
    for language in LANGUAGES:
        with (LOCALE / language / "LC_MESSAGES/django.po").open("rb") as file:
            catalog = read_po(file)
        assert said - {message.id for message in catalog if message.string} == set(), language


def test_every_category_has_a_name_of_its_own():
    ours = {one.category for one in all_types() if not one.name.startswith("testing.")}
    for language in LANGUAGES:
        with translation.override(language):
            names = {category_label(category) for category in ours}
        assert len(names) == len(ours), language
