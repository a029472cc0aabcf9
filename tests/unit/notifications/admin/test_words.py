"""Whoever asks for another language finds no English in the cockpit: on its pages, and in what its scripts say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from notifications.broadcasts.sending import FAILURES
from notifications.models import Occurrence, Status
from tests.support.cockpit import ADD, BASE, draft, filled, page_of, press, staff, work_off
from tests.support.deliveries import choose
from tests.support.notices import send_due, sent
from tests.support.people import make_user

pytestmark = pytest.mark.django_db

LOCALE = Path(__file__).parents[4] / "notifications/locale"
WORDS = {"title": "Tee", "text": "**Heiß**."}
WEEKLY = {"when": "weekly", "weekdays": ["MO", "FR"], "local_time": "09:00", "time_zone": "own", "times": "3"}
# What no sentence of ours does without for long, whether or not it is in a catalogue.
_COMMON = re.compile(r"\b(the|of|and|is|are|it|this|that|you|with|for|who|from|has|by|be|people)\b", re.I)
_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "label")


@pytest.fixture(params=["de", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


def reader(language: str, *permissions: str) -> Client:
    client = staff(*permissions)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    return client


@pytest.fixture
def sender(db: None, language: str) -> Client:
    return reader(language, "add_broadcast", "stop_broadcasts")


def untranslated(language: str) -> Iterator[re.Pattern[str]]:
    """What is translated, as it looks in English: a word or two as the whole of a text, more as a part of one."""
    with (LOCALE / language / "LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        sources, translated = (
            text if isinstance(text, tuple) else (text,) for text in (message.id, message.string)
        )
        for source in sources:
            if source and source not in translated and not re.search("[{<]", source):
                pattern = re.sub(r"%\\\(\w+\\\)[sd]", ".+", re.escape(source))
                yield re.compile(pattern if len(source.split()) > 2 else rf"\A{pattern}:?\Z")


def texts_of(page: str) -> list[str]:
    """What a person reads on a page, or hears, or is told by its scripts; without names of zones and segments."""
    tree = LexborHTMLParser(page)
    texts = [text for script in tree.css("#broadcast-words") for text in strings(json.loads(script.text()))]
    for node in tree.css(
        "script, style, select[name=time_zone] option[value*='/'], select[name=segment] option"
    ):
        node.decompose()
    for node in tree.root.traverse(include_text=True):
        if node.tag == "-text":
            texts.append(node.text_content or "")
        else:
            texts += [value for name in _ATTRIBUTES if (value := node.attributes.get(name))]
            if node.attributes.get("type") == "submit":
                texts.append(node.attributes.get("value") or "")
    return [" ".join(text.split()) for text in texts if text.strip()]


def strings(value: Any) -> Iterator[str]:
    """Of an answer in JSON; names are for scripts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def check(texts: Iterable[str], language: str) -> None:
    english = [*untranslated(language), _COMMON]
    found = [text for text in texts if any(one.search(text) for one in english)]
    assert found == []


def test_the_form_and_what_is_wrong_with_it(sender, language):
    check(texts_of(sender.get(ADD).content.decode()), language)
    for wrong in (
        {"title": "", "text_de": "Tee", "audience_kind": "group", "when": "later", "time_zone": ""},
        {"link": "//x", "audience_kind": "file", "people_per_s": "0", "level": "x"},
        {"link": "a b", "audience_kind": "online", "when": "later", "form_key": "x"},
    ):
        page = sender.post(ADD, filled(**{**WORDS, **wrong})).content.decode()
        assert 'class="errornote"' in page
        check(texts_of(page), language)


def test_a_draft_and_everything_that_is_done_with_it(sender, language, settings):
    settings.NOTIFICATIONS = {"confirm_people": 1, "approve_people": 1}
    ada, ben = make_user("ada"), make_user("ben")
    fields = {**WORDS, **WEEKLY, "audience_kind": "users"}
    broadcast = draft(
        sender,
        **fields,
        users=[ada.pk, ben.pk],
        title_de="Tee",
        level="critical",
        critical="on",
        expires_after="86400",
        people_per_s="7",
    )
    address = f"{BASE}{broadcast.pk}/edit/"
    pages = [sender.get(address).content.decode()]
    sender.post(address, filled(**fields, users=[ada.pk], seen="0", level="warning", expires_after="3600"))
    pages += [press(sender, broadcast, action) for action in ("try", "count", "ask")]
    second = reader(language, "approve_broadcast")
    seen = re.search(r'name="seen" value="(\w+)"', second.get(page_of(broadcast)).content.decode())[1]
    assert second.post(f"{BASE}{broadcast.pk}/submit/").status_code == 403
    pages.append(press(second, broadcast, "decide", approve="1", seen=seen, note="Gut."))
    pages += [sender.get(page_of(broadcast)).content.decode(), press(sender, broadcast, "submit", people="1")]
    for page in pages:
        check(texts_of(page), language)


def test_a_file_of_people_before_and_after_it_is_read(sender, language):
    make_user("ada")
    file = SimpleUploadedFile("namen.csv", b"ada\nnemo\nada\n\xff\xff\n")
    broadcast = draft(sender, **WORDS, audience_kind="file", people_file=file)
    for _ in range(2):
        check(texts_of(sender.get(page_of(broadcast)).content.decode()), language)
        (job,) = sender.get(f"{BASE}{broadcast.pk}/work/").json()["jobs"]
        check([job["label"], job["says"]], language)
        work_off()


def test_a_broadcast_on_its_way_and_afterwards(sender, language):
    ada, ben = make_user("ada"), make_user("ben")
    choose(ada, "broadcasts", "in_app", "off")
    broadcast = draft(sender, **WORDS, audience_kind="users", users=[ada.pk, ben.pk])
    pages = [press(sender, broadcast, "submit", people="2")]
    send_due()
    pages.append(sender.get(page_of(broadcast)).content.decode())
    assert re.search(r'data-figure="why">(Einstellungen|الإعدادات) 1</small>', pages[1])
    Occurrence.objects.update(status=Status.FAILED, error=FAILURES[1])
    pages += [sender.get(page_of(broadcast)).content.decode(), press(sender, broadcast, "recall/do")]
    for page in pages:
        check(texts_of(page), language)


def test_a_series_its_edit_form_and_the_list(sender, language):
    sent(**WORDS)
    broadcast = draft(sender, **WORDS, **WEEKLY)
    press(sender, broadcast, "submit", people="1")
    first = broadcast.occurrences.first()
    pages = [sender.post(f"{BASE}times/{first.pk}/skip/", follow=True).content.decode()]
    pages += [press(sender, broadcast, f"{action}/do") for action in ("pause", "resume")]
    pages.append(sender.get(f"{BASE}{broadcast.pk}/edit/").content.decode())
    pages.append(press(sender, broadcast, "cancel/do"))
    pages += [
        sender.post(f"{BASE}{switch}/", {"reason": "Tee"}, follow=True).content.decode()
        for switch in ("stop", "release")
    ]
    for page in pages:
        check(texts_of(page), language)


def test_what_the_form_asks_meanwhile(sender, language):
    nobody = {"audience_kind": "joined", "joined_since": "2999-01-01"}
    for query in ({"audience_kind": "everybody"}, {"audience_kind": "users"}, nobody):
        check(strings(sender.get(f"{BASE}reach/", query).json()), language)
    cron = {"when": "cron", "cron": "0 9 * * 1-5"}
    for rule in (cron, {"when": "rrule", "rrule": "FREQ=DAILY;INTERVAL=2"}, {"when": "now"}, {}):
        told = sender.get(f"{BASE}when/", {**WEEKLY, **rule}).json()
        assert told["errors"] == {}
        check(strings(told), language)
    empty = sender.get(f"{BASE}when/", {**WEEKLY, "local_time": ""}).json()
    assert empty["incomplete"]
    check(strings(empty), language)
    assert not sender.get(f"{BASE}when/", {**WEEKLY, "time_zone": "x"}).json()["incomplete"]
