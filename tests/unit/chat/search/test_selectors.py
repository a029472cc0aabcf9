"""What a search finds, in which order, and what it costs. Each case once from the index and once past it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import sending, services
from chat.errors import BadLimit
from chat.models import Message
from chat.polls.services import poll_create
from chat.reactions.services import reaction_add
from chat.search import index
from chat.search.errors import BadOrder, BadPage, BadQuery, BadTimeZone
from chat.search.selectors import operators, search
from tests.support.people import client_id, make_direct, make_room, make_user, say
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db

Ready = Callable[[], None]


@pytest.fixture(params=["indexed", "not indexed"])
def ready(request: pytest.FixtureRequest) -> Ready:
    def run() -> None:
        while request.param == "indexed" and index.index_some():
            pass

    return run


def texts(user: User, query: str, **more: Any) -> list[str]:
    return [one.message.text for one in search(user.pk, query, **more).items]


def code_of(user: User, query: str) -> str:
    with pytest.raises(BadQuery) as caught:
        search(user.pk, query)
    return caught.value.sentence


def test_words_phrases_and_exclusions(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    say(ada, room, "The release notes are out", "Notes on the release", "Café notes", "Released: nothing")
    ready()
    assert texts(ada, "release notes") == ["Notes on the release", "The release notes are out"]
    assert texts(ada, '"release notes"') == ["The release notes are out"]
    assert texts(ada, "notes -release") == ["Café notes"]
    assert texts(ada, 'notes -"on the"') == ["Café notes", "The release notes are out"]
    assert texts(ada, "CAFE") == ["Café notes"]
    assert texts(ada, "relea*") == ["Released: nothing", "Notes on the release", "The release notes are out"]
    assert texts(ada, '"release not"') == []


def test_people_rooms_and_direct_conversations(ada: User, bo: User, cy: User, ready: Ready) -> None:
    tea, cake = make_room(ada, bo, name="Tea"), make_room(ada, cy, name="On call")
    direct, three = make_direct(ada, bo), make_direct(ada, bo, cy)
    say(ada, tea, "one")
    say(bo, tea, "two")
    say(cy, cake, "three")
    say(bo, direct, "four")
    say(cy, three, "five")
    ready()
    assert texts(ada, "from:me") == ["one"]
    assert texts(ada, "from:BO from:cy") == ["five", "four", "three", "two"]
    assert texts(ada, "-from:bo in:tea") == ["one"]
    assert texts(ada, 'in:"on call"') == ["three"]
    assert texts(ada, "in:#Tea in:@bo") == ["four", "two", "one"]
    assert texts(ada, "from:bo -in:tea") == ["four"]
    assert texts(ada, "is:direct") == ["five", "four"]
    assert texts(ada, "-is:direct from:bo") == ["two"]
    assert texts(bo, "from:cy") == ["five"]


def test_links_mentions_and_edits(ada: User, bo: User, ready: Ready) -> None:
    room = make_room(ada, bo)
    say(bo, room, "see https://example.org", "@ada look", "@room all", "plain", "@cy nobody")
    ready()
    assert texts(ada, "has:link") == ["see https://example.org"]
    assert texts(ada, "has:mention") == ["@room all", "@ada look"]
    assert texts(ada, "is:mentioned") == ["@room all", "@ada look"]
    assert texts(bo, "is:mentioned") == ["@room all"]
    assert texts(ada, "-has:link -is:mentioned from:bo") == ["@cy nobody", "plain"]


def test_files_and_images(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    for text, name, content in (("a picture", "cat.png", None), ("a text", "notes.txt", b"meow")):
        file = upload(ada, content, name)
        sending.message_send(author=ada, room=room, text=text, client_id=client_id(), files=[file.id])
    say(ada, room, "neither")
    ready()
    assert texts(ada, "has:file") == ["a text", "a picture"]
    assert texts(ada, "has:image") == ["a picture"]
    assert texts(ada, "-has:file from:me") == ["neither"]


def test_polls(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    say(ada, room, "No poll, and tea?")
    poll_create(
        user=ada,
        room=room,
        question="Tea or coffee?",
        options=["Tea", "Coffee"],
        multiple=False,
        anonymous=False,
        ends_at=None,
        client_id=client_id(),
    )
    ready()
    assert texts(ada, "has:poll") == ["Tea or coffee?"]
    assert texts(ada, "tea -has:poll") == ["No poll, and tea?"]


def test_a_hit_has_its_thread_and_its_quote_and_ones_own_marks(ada: User, bo: User, ready: Ready) -> None:
    room = make_room(ada, bo)
    (root,) = say(bo, room, "Where is **the** tea?")
    send = {"author": ada, "room": room, "thread": root, "quote": root}
    sending.message_send(text="In the cupboard", client_id=client_id(), **send)
    for user in (bo, ada):
        reaction_add(user=user, message=root, emoji="🫖", client_id=client_id())
    ready()
    (reply,) = search(ada.pk, "cupboard").items
    assert (reply.message.root, reply.message.also_in_room) == (root, False)
    assert reply.message.quote is not None
    assert (reply.message.quote.id, reply.message.quote.text) == (root, "Where is the tea?")
    (hit,) = search(ada.pk, "tea").items
    assert hit.message.thread is not None
    assert hit.message.thread.replies == 1
    assert hit.message.reactions[0].users == [ada.pk, bo.pk]


def test_what_a_spoiler_hides_is_found_and_not_shown(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    say(ada, room, "`||` marks it: **tea** by ||the gardener||")
    ready()
    (hit,) = search(ada.pk, "gardener").items
    assert (hit.text, hit.highlights) == ("|| marks it: tea by ▒▒▒", [])
    (hit,) = search(ada.pk, "tea").items
    assert [hit.text[one.start : one.start + one.length] for one in hit.highlights] == ["tea"]


def test_days_begin_at_midnight_where_the_person_is(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    ids = say(ada, room, "old", "late", "new")
    for pk, at in zip(
        ids,
        ("2026-03-01T12:00", "2026-05-31T22:30", "2026-06-02T00:00"),
        strict=True,
    ):
        Message.objects.filter(pk=pk).update(created_at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    ready()
    assert texts(ada, "before:2026-06-01") == ["late", "old"]
    assert texts(ada, "before:2026-06-01", time_zone="Europe/Berlin") == ["old"]
    assert texts(ada, "during:2026-06-01", time_zone="Europe/Berlin") == ["late"]
    assert texts(ada, "after:2026-05", time_zone="Europe/Berlin") == ["new", "late"]
    assert texts(ada, "new during:2026") == ["new"]
    assert texts(ada, "new before:2026-03") == []


def test_pages_follow_each_other_without_holes_while_messages_come(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    say(ada, room, *(f"tea {n}" for n in range(7)))
    ready()
    found, cursor = [], None
    while True:
        page = search(ada.pk, "tea", limit=3, cursor=cursor)
        found += [one.message.text for one in page.items]
        say(ada, room, "more tea")
        cursor = page.next
        if cursor is None:
            break
    assert found == [f"tea {n}" for n in reversed(range(7))]


def test_the_best_first(ada: User, ready: Ready) -> None:
    room = make_room(ada)
    say(ada, room, "tea tea tea", "a long message that has the word tea somewhere in it", "no drink")
    while index.index_some():
        pass
    say(ada, room, "tea, just now")
    ready()
    found = texts(ada, "tea", order="relevance")
    assert sorted(found) == sorted(texts(ada, "tea"))
    assert found.index("tea tea tea") < found.index("a long message that has the word tea somewhere in it")
    pages, cursor = [], None
    while True:
        page = search(ada.pk, "tea", order="relevance", limit=2, cursor=cursor)
        pages += [one.message.text for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert pages == found


def test_highlights_are_counted_as_javascript_counts(ada: User, ready: Ready) -> None:
    say(ada, make_room(ada), "👍 Tea & 🫖 tea")
    ready()
    (one,) = search(ada.pk, "tea").items
    assert [(place.start, place.length) for place in one.highlights] == [(3, 3), (12, 3)]


def test_nothing_of_rooms_that_one_is_not_in_or_no_longer(ada: User, bo: User, ready: Ready) -> None:
    private, public = make_room(ada, bo, name="Secret"), make_room(ada, kind="public", name="Anybody")
    say(ada, private, "tea in private")
    say(ada, public, "tea for all")
    ready()
    assert texts(bo, "tea") == ["tea in private"]
    services.room_kick(user=ada, room=private, kicked=bo.pk, client_id=client_id())
    assert texts(bo, "tea") == []
    assert code_of(bo, "tea in:secret") == code_of(bo, "tea in:nothing").replace("nothing", "secret")
    services.room_join(user=bo, room=public, client_id=client_id())
    assert texts(bo, "tea") == ["tea for all"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from:nobody", "Nobody has the user name 'nobody'"),
        ("in:@nobody", "Nobody has the user name '@nobody'"),
        ("in:@ada", "You are in no room that is called"),
        ("in:nowhere", "You are in no room that is called 'nowhere'"),
        ("has:wings", '"has:" knows audio, file, image, link, mention, poll, video'),
        ("is:late", '"is:" knows direct, edited, mentioned'),
        ("from:\x00", "Nobody has the user name"),
    ],
)
def test_what_is_not_there_is_said(ada: User, query: str, said: str) -> None:
    assert said in code_of(ada, query)


def test_what_cannot_be_asked_is_refused(ada: User) -> None:
    for error, more in (
        (BadOrder, {"order": "best"}),
        (BadLimit, {"limit": 0}),
        (BadLimit, {"limit": 51}),
        (BadTimeZone, {"time_zone": "Mars/Olympus"}),
        (BadTimeZone, {"time_zone": "../../etc/passwd"}),
    ):
        with pytest.raises(error):
            search(ada.pk, "tea", **more)
    for cursor in (
        "",
        "n",
        "n1",
        "n1-x",
        "r1-1",
        "n1-99999999999999999999",
        "n99999999999999999999-1",
        "n-1-1",
    ):
        with pytest.raises(BadPage):
            search(ada.pk, "tea", cursor=cursor)


def test_what_may_be_asked_for_is_said() -> None:
    known = operators()
    assert {"link", "mention"} <= set(known.has)
    assert {"direct", "edited", "mentioned"} <= set(known.states)


def test_it_costs_as_many_queries_however_much_there_is(ada: User, bo: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            search(ada.pk, "tea from:bo", limit=5)
            search(ada.pk, "tea", limit=5, order="relevance")
        return len(captured)

    def talk(room: int, *words: str) -> None:
        root, *_ = say(bo, room, *words)
        for _ in words:
            send = {"author": bo, "room": room, "thread": root, "quote": root}
            sending.message_send(text="tea, too", client_id=client_id(), **send)

    rooms = [make_room(ada, bo)]
    talk(rooms[0], "tea", "coffee", "tea again")
    few = queries()
    for _ in range(10):
        rooms.append(make_room(ada, bo))
        talk(rooms[-1], *(f"tea {n}" for n in range(6)))
    assert queries() <= few + 1
    while index.index_some():
        pass
    assert queries() <= few + 2
    assert queries() <= 19


def test_common_words_are_found_by_steps_back_in_time(ada: User, settings: Any) -> None:
    """With a window of a few messages, so that every step is taken."""
    settings.CHAT = {"search_window": 3}
    room = make_room(ada)
    ids = say(ada, room, *(f"tea {n}" for n in range(40)), "coffee")
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for n, pk in enumerate(ids):
        Message.objects.filter(pk=pk).update(created_at=begin + timedelta(hours=n))
    while index.index_some():
        pass
    assert texts(ada, "tea", limit=50) == [f"tea {n}" for n in reversed(range(40))]
    assert texts(ada, "tea during:2026-01-01", limit=50) == [f"tea {n}" for n in reversed(range(24))]
    assert texts(ada, "coffee") == ["coffee"]


def test_a_person_in_many_rooms_is_asked_for_them_afterwards(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"search_room_facts": 2}
    mine = [make_room(ada, bo, name=f"Mine {n}") for n in range(4)]
    for room in (*mine, make_room(bo)):
        say(bo, room, f"tea in {room}")
    while index.index_some():
        pass
    assert texts(ada, "tea") == [f"tea in {room}" for room in reversed(mine)]
    assert texts(ada, 'tea in:"Mine 2"') == [f"tea in {mine[2]}"]
    assert texts(make_user(), "tea") == []
