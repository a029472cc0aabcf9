"""The HTML of messages: made when they are sent, edited or brought back; of older ones when read, and by the upkeep."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import amending, selectors
from chat.models import Message, Revision
from chat.richtext import backfill
from chat.subjects import messages as subjects
from chat.telling import tell_some
from notifications.models import Notification
from realtime.log.models import Event
from tests.support.people import client_id, make_room, say

pytestmark = pytest.mark.django_db(transaction=True)

BOLD = "<p><strong>bold</strong></p>"


def html_of(message: int) -> str | None:
    return Message.objects.get(pk=message).html


def last_event(room: int) -> Any:
    return msgspec.json.decode(Event.objects.filter(stream=f"room:{room}").latest("id").data)


def edit(user: User, message: int, text: str) -> Any:
    return amending.message_edit(user=user, message=message, text=text, client_id=client_id()).message


def test_a_message_is_stored_and_told_with_its_html(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    named = (
        f'<p><em>hi</em> <span class="mention" data-mention="user" data-user="{bo.pk}">@bo</span>, @cy</p>'
    )
    for text, html in (("**bold**", BOLD), ("plain", ""), ("_hi_ @bo, @cy", named)):
        (message,) = say(ada, room, text)
        assert html_of(message) == html == last_event(room)["message"]["html"]
    page = selectors.messages_before(ada.pk, room, before=None, limit=10)
    assert [message.html for message in page.items] == [BOLD, "", named]


def test_an_edit_has_html_of_its_own_and_keeps_what_was_there(ada: User) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "**bold**")
    assert edit(ada, message, "plain").html == "" == html_of(message)
    assert last_event(room)["html"] == ""
    assert edit(ada, message, "_new_").html == "<p><em>new</em></p>" == last_event(room)["html"]
    history = selectors.message_history(ada.pk, message)
    assert [(version.text, version.html) for version in history] == [("**bold**", BOLD), ("plain", "")]


def test_a_deletion_takes_the_html_along_and_undoing_it_brings_it_back(ada: User) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "**bold**")
    deleted = amending.message_delete(user=ada, message=message, client_id=client_id()).message
    assert (deleted.html, html_of(message)) == ("", "")
    assert Revision.objects.get().html == BOLD
    amending.message_restore(user=ada, message=message, client_id=client_id())
    assert html_of(message) == BOLD == last_event(room)["message"]["html"]


def test_what_was_stored_without_html_is_rendered_when_it_is_read(ada: User) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "**bold**")
    edit(ada, message, "_new_")
    Message.objects.update(html=None)
    Revision.objects.update(html=None)
    assert (
        selectors.messages_before(ada.pk, room, before=None, limit=1).items[0].html == "<p><em>new</em></p>"
    )
    assert selectors.rooms_of(ada.pk)[0].last_message.html == "<p><em>new</em></p>"  # type: ignore[union-attr]
    assert selectors.message_history(ada.pk, message)[0].html == BOLD
    amending.message_delete(user=ada, message=message, client_id=client_id())
    restored = amending.message_restore(user=ada, message=message, client_id=client_id()).message
    assert restored.html == "<p><em>new</em></p>"


def test_the_upkeep_renders_it_in_chunks_the_newest_first(ada: User, settings: Any) -> None:
    settings.CHAT = {"render_chunk": 2}
    room = make_room(ada)
    old = say(ada, room, "**bold**", "plain", "_three_")
    Message.objects.update(html=None)
    assert backfill.anything_to_render()
    assert backfill.render_some()
    assert [html_of(message) for message in old] == [None, "", "<p><em>three</em></p>"]
    assert not backfill.render_some()
    assert html_of(old[0]) == BOLD
    assert not backfill.anything_to_render()


def test_a_page_of_history_costs_two_queries_whatever_its_html(ada: User) -> None:
    room = make_room(ada)
    say(ada, room, *["**bold** :nobody-knows-this:"] * 50)
    Message.objects.filter(number__gt=25).update(html=None)
    selectors.messages_before(ada.pk, room, before=None, limit=50)  # asks for the installation's own emoji
    with CaptureQueriesContext(connection) as captured:
        selectors.messages_before(ada.pk, room, before=None, limit=50)
    assert len(captured) == 2


def test_notifications_and_reminders_show_words_and_no_spoiler(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"tell_after_s": 0.0}
    room = make_room(ada, bo)
    (message,) = say(ada, room, "**@bo**, it was ||the *gardener*||\n> really")
    tell_some()
    assert Notification.objects.get(recipient=bo).text == "@bo, it was ▒▒▒ really"
    assert subjects(bo, [str(message)])[str(message)].title.endswith(": @bo, it was ▒▒▒ really")
