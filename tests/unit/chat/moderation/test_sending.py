"""What keeps messages from being stored, where they are stored: without one more question to the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.payloads import Person
from chat import amending
from chat.acks.services import ack_ask, ack_give
from chat.drafts.services import draft_save
from chat.files.errors import FileNotFound, FileWaits
from chat.files.payloads import File, files_loaded
from chat.files.policies import upload_for_reading
from chat.files.services import file_remove, forget_some
from chat.marks.payloads import marks_loaded
from chat.models import AckRequest, Draft, HeldMessage, ListedWord, Member, Message, Poll, Upload
from chat.moderation import blocks, services
from chat.moderation.errors import HeldForReview, TextRefused
from chat.moderation.filters import (
    ALLOW,
    Hold,
    Refuse,
    Replace,
    Verdict,
    Written,
    forget_filter,
    message_filter,
)
from chat.moderation.gate import Gate
from chat.moderation.selectors import queue_of
from chat.moderation.words import forget_words
from chat.polls.services import poll_create, poll_vote
from chat.scheduled.services import schedule
from chat.sending import Send, message_send, message_send_many
from chat.threads.forwarding import message_forward
from chat.threads.payloads import Forwarded
from chat.threads.showing import shown_one
from realtime import RealtimeError
from realtime.log.models import Event
from tests.support.clock import later
from tests.support.notices import published
from tests.support.people import client_id, make_direct, make_user
from tests.support.uploads import upload
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db(transaction=True)


def mute(club: Club, minutes: int | None = 5) -> None:
    until = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
    services.member_mute(
        user=club.moderator,
        room=club.room,
        member=club.bo.pk,
        until=until,
        reason="loud",
        client_id=client_id(),
    )


def codes(sends: list[Send]) -> list[str]:
    outcomes = message_send_many(sends)
    return [one.wire_code if isinstance(one, RealtimeError) else "sent" for one in outcomes]


def test_the_muted_cannot_write_or_edit_until_it_is_over(club: Club) -> None:
    """B50."""
    message = club.say(club.bo)
    mute(club)
    assert club.code(club.bo) == "muted"
    assert club.code(club.cy) == "sent"
    with pytest.raises(RealtimeError, match=r"until .* Reason: loud"):
        amending.message_edit(user=club.bo, message=message, text="other", client_id=client_id())
    Member.objects.filter(user=club.bo).update(muted_until=timezone.now())
    assert club.code(club.bo) == "sent"


def test_a_mute_for_good_lasts_until_it_is_lifted(club: Club) -> None:
    mute(club, None)
    assert club.code(club.bo) == "muted"
    services.member_unmute(user=club.moderator, room=club.room, member=club.bo.pk, client_id=client_id())
    assert club.code(club.bo) == "sent"


def test_who_may_post_is_a_rule_of_the_room(club: Club) -> None:
    club.rules(posting="moderators")
    people = (club.vera, club.bo, club.moderator, club.owner)
    assert [club.code(one) for one in people] == ["posting_closed", "posting_closed", "sent", "sent"]
    club.rules(posting="owners")
    assert [club.code(one) for one in people] == [
        "posting_closed",
        "posting_closed",
        "posting_closed",
        "sent",
    ]
    club.rules(posting="everybody")
    assert [club.code(one) for one in people] == ["sent"] * 4


def test_slow_mode_counts_what_was_sent_before_and_in_the_same_batch(club: Club) -> None:
    club.rules(slow_mode_s=30)
    batch = [
        Send(one, club.room, "hi", client_id()) for one in (club.bo, club.bo, club.cy, club.owner, club.owner)
    ]
    assert codes(batch) == ["sent", "slow_mode", "sent", "sent", "sent"]
    assert codes([Send(club.bo, club.room, "again", client_id())]) == ["slow_mode"]
    # What was stored already is answered all the same.
    assert codes([batch[0]]) == ["sent"]
    Member.objects.filter(user=club.bo).update(sent_at=timezone.now() - timedelta(seconds=31))
    assert club.code(club.bo) == "sent"


def test_who_is_blocked_cannot_write_directly_and_neither_can_who_blocks(club: Club) -> None:
    direct = make_direct(club.bo, club.cy)
    blocks.person_block(user=club.cy, other=club.bo.pk, blocked=True, client_id=client_id())
    sends = [Send(one, direct, "hi", client_id()) for one in (club.bo, club.cy)]
    assert codes(sends) == ["cannot_write"] * 2
    assert club.code(club.bo) == "sent", "in rooms everything stays as it is"
    with pytest.raises(RealtimeError) as caught:
        make_direct(club.bo, club.cy)
    assert caught.value.sentence == "This person cannot be written to."
    blocks.person_block(user=club.cy, other=club.bo.pk, blocked=False, client_id=client_id())
    assert codes(sends) == ["sent"] * 2
    assert make_direct(club.bo, club.cy) == direct


def test_the_rules_cost_a_batch_no_statement(club: Club) -> None:
    club.rules(slow_mode_s=1)
    club.say(club.owner)
    sends = [Send(club.owner, club.room, "hi", client_id()) for _ in range(20)]
    with CaptureQueriesContext(connection) as captured:
        assert codes(sends) == ["sent"] * 20
    assert sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured) == 11


# ---- filters


def list_word(word: str, action: str) -> None:
    ListedWord.objects.create(word=word, action=action)
    forget_words()


def test_a_listed_word_is_refused_replaced_or_held(club: Club) -> None:
    for word, action in (("heck", "refuse"), ("darn*", "replace"), ("two words", "hold")):
        list_word(word, action)
    assert club.code(club.bo, "what the HECK") == "text_refused"
    assert club.code(club.bo, "checkers") == "sent"
    assert club.code(club.bo, "Darned thing, darn") == "sent"
    assert Message.objects.latest("pk").text == "****** thing, ****"
    assert club.code(club.bo, "these two\n words") == "held_for_review"
    assert HeldMessage.objects.get().text == "these two\n words"


def test_what_is_held_is_no_message_until_it_is_let_through_and_then_its_authors(club: Club) -> None:
    from chat.moderation import held

    list_word("maybe", "hold")
    send = Send(club.bo, club.room, "maybe", "mine")
    assert codes([send, send]) == ["held_for_review"] * 2
    assert codes([send]) == ["held_for_review"]
    assert not Message.objects.exists()
    waiting = HeldMessage.objects.get()
    assert Event.objects.filter(name="moderation.message_held").count() == 2  # for the room, and for staff
    club.rules(slow_mode_s=60, posting="owners")
    judged = held.held_release(user=club.moderator, held=waiting.pk, client_id=client_id())
    message = Message.objects.get()
    assert (message.pk, message.author, message.text, message.client_id) == (
        judged.message,
        club.bo,
        "maybe",
        "mine",
    )
    assert not HeldMessage.objects.exists()
    # Its author's page sends it again after a lost connection, and is told that it is stored.
    assert codes([send]) == ["sent"]
    assert Message.objects.count() == 1


def test_a_held_poll_is_let_through_as_a_poll_and_a_request_as_one(club: Club) -> None:
    from chat.moderation import held

    list_word("maybe", "hold")
    ends_at = timezone.now() + timedelta(hours=1)
    poll = {"options": ["Tea", "Coffee"], "multiple": True, "anonymous": False, "ends_at": ends_at}
    write = {"user": club.bo, "room": club.room}
    for _ in range(2):
        with pytest.raises(HeldForReview):
            poll_create(question="Tea, maybe?", client_id="poll", **write, **poll)
    with pytest.raises(HeldForReview):
        ack_ask(text="Read this, maybe", client_id="ask", **write)
    shown = queue_of(club.moderator).held[::-1]
    assert [one.poll and [option.text for option in one.poll.options] for one in shown] == [
        ["Tea", "Coffee"],
        None,
    ]
    for one in shown:
        held.held_release(user=club.moderator, held=one.id, client_id=client_id())
    question, request = Message.objects.order_by("pk")
    voted = poll_vote(user=club.owner, message=question.pk, options=[0, 1], client_id=client_id())
    assert (voted.poll.multiple, voted.poll.ends_at, voted.poll.mine) == (True, ends_at, [0, 1])
    assert Poll.objects.get().ends_at == ends_at
    assert ack_give(user=club.owner, message=request.pk, client_id=client_id()).ack.count == 1
    # Its author's page asks again, and is told that it is there.
    assert poll_create(question="Tea, maybe?", client_id="poll", **write, **poll).message == question.pk
    assert (Poll.objects.count(), AckRequest.objects.count()) == (1, 1)


def test_what_is_held_keeps_its_thread_its_quote_and_its_first_author(club: Club) -> None:
    from chat.moderation import held

    list_word("maybe", "hold")
    root = club.say(club.owner, "Tea?")
    outcome = codes([Send(club.bo, club.room, "maybe", "reply", quote=root, thread=root, also_in_room=True)])
    assert outcome == ["held_for_review"]
    Message.objects.filter(pk=root).update(text="maybe tea")
    with pytest.raises(HeldForReview):
        message_forward(user=club.bo, message=root, room=club.room, client_id="forward")
    for waiting in HeldMessage.objects.all():
        held.held_release(user=club.moderator, held=waiting.pk, client_id=client_id())
    reply, forwarded = Message.objects.exclude(pk=root).order_by("pk")
    assert (reply.root_id, reply.quote_id, reply.also_in_room) == (root, root, True)
    assert shown_one(forwarded).forwarded == Forwarded(Person.of(club.owner), club.room, 1)


def test_the_answers_of_a_poll_are_filtered_as_its_question_is(club: Club) -> None:
    for word, action in (("maybe", "hold"), ("never", "refuse"), ("darn", "replace")):
        list_word(word, action)
    ask = {"user": club.bo, "room": club.room, "question": "Tea?"}
    more = {"multiple": False, "anonymous": False, "ends_at": None}

    with pytest.raises(HeldForReview):
        poll_create(options=["Yes", "Maybe"], client_id="held", **ask, **more)
    (held,) = queue_of(club.moderator).held
    assert held.poll is not None
    assert [option.text for option in held.poll.options] == ["Yes", "Maybe"]
    with pytest.raises(TextRefused):
        poll_create(options=["Yes", "Never"], client_id="refused", **ask, **more)
    poll_create(options=["Yes", "darn no"], client_id="masked", **ask, **more)
    (said,) = Message.objects.all()
    poll = marks_loaded(said.marks).poll
    assert poll is not None
    assert [option.text for option in poll.options] == ["Yes", "**** no"]


# ---- its files


@pytest.fixture
def all_held() -> Iterator[None]:
    @message_filter
    def hold(written: Written) -> Verdict:
        return Hold("new here") if written.place == "message" else ALLOW

    yield
    forget_filter(hold)


def two_files(club: Club) -> list[File]:
    """The one that was uploaded last comes first."""
    second, first = upload(club.bo, b"22", "two.txt"), upload(club.bo, b"1", "one.txt")
    return [first, second]


def hold_with(club: Club, files: list[File], text: str = "", key: str = "mine") -> int:
    """The id of the message that waits with them."""
    send = Send(club.bo, club.room, text, key, files=[one.id for one in files])
    assert codes([send]) == ["held_for_review"]
    return HeldMessage.objects.get(client_id=key).pk


def left_after_days(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that the upkeep leaves."""
    later(monkeypatch, timedelta(days=2))
    while forget_some():
        pass
    return list(Upload.objects.order_by("name").values_list("name", flat=True))


@pytest.mark.usefixtures("all_held")
@pytest.mark.parametrize("text", ["", "look"])
def test_what_is_held_keeps_its_files_in_their_order(
    club: Club, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.moderation import held

    files = two_files(club)
    waiting = hold_with(club, files, text)
    told = published(f"moderation:{club.room}", "moderation.message_held")[-1]["held"]["files"]
    assert [one["name"] for one in told] == ["one.txt", "two.txt"]
    assert [one.files for one in queue_of(club.moderator).held] == [files]
    # Its author's page sends it again after a lost connection.
    assert hold_with(club, files, text) == waiting
    assert left_after_days(monkeypatch) == ["one.txt", "two.txt"]
    judged = held.held_release(user=club.moderator, held=waiting, client_id=client_id())
    message = Message.objects.get()
    assert (message.pk, message.text, files_loaded(message.files)) == (judged.message, text, files)
    assert set(Upload.objects.values_list("message", "held", "forget_at")) == {(message.pk, None, None)}


@pytest.mark.usefixtures("all_held")
def test_the_files_of_what_is_held_are_for_its_author_and_for_who_may_judge_it(club: Club) -> None:
    from chat.moderation import held

    waiting = hold_with(club, two_files(club))
    keys = Upload.objects.values_list("key", flat=True)
    for reader in (club.bo, club.moderator, club.owner):
        assert {upload_for_reading(reader.pk, key).held_id for key in keys} == {waiting}
    for reader in (club.cy, make_user()):
        with pytest.raises(FileNotFound):
            upload_for_reading(reader.pk, keys[0])
    unsent = upload(club.bo, b"3", "unsent.txt")
    with pytest.raises(FileNotFound):
        upload_for_reading(club.moderator.pk, Upload.objects.get(pk=unsent.id).key)
    held.held_release(user=club.moderator, held=waiting, client_id=client_id())
    assert upload_for_reading(club.cy.pk, keys[0]).message_id is not None


@pytest.mark.usefixtures("all_held")
def test_the_files_of_what_is_dropped_go_with_it(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    from chat.moderation import held

    dropped, left = hold_with(club, two_files(club), key="dropped"), hold_with(club, two_files(club))
    # Whoever is gone from the room says nothing there any more.
    Member.objects.filter(user=club.bo).delete()
    assert held.held_release(user=club.moderator, held=left, client_id=client_id()).message is None
    file = upload(club.cy, b"1", "kept.txt")
    assert codes([Send(club.cy, club.room, "", "kept", files=[file.id])]) == ["held_for_review"]
    held.held_drop(user=club.moderator, held=dropped, client_id=client_id())
    assert left_after_days(monkeypatch) == ["kept.txt"]


@pytest.mark.usefixtures("all_held")
def test_files_of_what_is_held_are_in_nothing_else(club: Club) -> None:
    files = two_files(club)
    ids = [one.id for one in files]
    draft = {"user": club.bo, "room": club.room, "thread": None}
    assert draft_save(text="look", files=ids, client_id=client_id(), **draft).files == files
    waiting = hold_with(club, files, "look")
    at = timezone.now() + timedelta(hours=1)
    for taken in (ids, ids[:1]):
        with pytest.raises(FileNotFound):
            message_send(author=club.bo, room=club.room, text="", client_id=client_id(), files=taken)
        with pytest.raises(FileNotFound):
            schedule(user=club.bo, room=club.room, text="", send_at=at, files=taken, client_id=client_id())
    with pytest.raises(FileWaits, match="waits for a moderator"):
        file_remove(user=club.bo, file=ids[0], client_id=client_id())
    assert draft_save(text="look!", files=ids, client_id=client_id(), **draft).files == []
    draft_save(text="", client_id=client_id(), **draft)
    assert not Draft.objects.exists()
    held = Upload.objects.order_by("position").values_list("pk", "held", "draft", "forget_at")
    assert list(held) == [(one, waiting, None, None) for one in ids]


@pytest.mark.usefixtures("all_held")
def test_what_is_held_gets_only_files_that_are_still_its_authors_to_send(club: Club) -> None:
    """Between the batch and its end another message may have one."""
    first, second = two_files(club)
    approved = Send(club.bo, club.room, "", client_id(), files=[first.id], approved=True)
    assert codes([approved]) == ["sent"]
    sent = Message.objects.get().pk
    gate = Gate({}, {})
    gate._held.append(Send(club.bo, club.room, "look", "late", files=[first.id, second.id], hold="odd"))
    gate.close()
    assert list(Upload.objects.order_by("pk").values_list("message", "held__client_id")) == [
        (None, "late"),
        (sent, None),
    ]


@pytest.mark.usefixtures("all_held")
def test_the_queue_costs_the_same_whatever_files_wait(club: Club) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            queue_of(club.moderator)
        return len(captured)

    hold_with(club, two_files(club), key="first")
    few = cost()
    for key in ("second", "third", "fourth"):
        hold_with(club, two_files(club), key=key)
    assert cost() == few


def test_a_held_message_is_dropped_and_nobody_judges_their_own(club: Club) -> None:
    from chat.moderation import held

    list_word("maybe", "hold")
    assert club.code(club.moderator, "maybe") == "held_for_review"
    waiting = HeldMessage.objects.get()
    for user in (club.moderator, club.bo):
        with pytest.raises(RealtimeError) as caught:
            held.held_release(user=user, held=waiting.pk, client_id=client_id())
        assert caught.value.wire_code == "not_found"
    held.held_drop(user=club.owner, held=waiting.pk, client_id=client_id())
    assert not HeldMessage.objects.exists()
    assert not Message.objects.exists()


def test_a_stranger_cannot_fill_the_queue(club: Club) -> None:
    list_word("maybe", "hold")
    assert codes([Send(make_user(), club.room, "maybe", client_id())]) == ["not_found"]
    assert not HeldMessage.objects.exists()


def test_an_app_has_filters_of_its_own(club: Club) -> None:
    @message_filter
    def shouting(written: Written) -> Verdict:
        if written.place == "message" and written.text.isupper():
            return Replace(written.text.lower())
        return (
            Hold("odd")
            if written.text == "odd"
            else Refuse("")
            if written.text == "no"
            else Replace(written.text)
        )

    try:
        message = club.say(club.bo, "HELLO")
        assert Message.objects.get(pk=message).text == "hello"
        assert club.code(club.bo, "no") == "text_refused"
        assert club.code(club.bo, "odd") == "held_for_review"
        with pytest.raises(RealtimeError) as caught:
            amending.message_edit(user=club.bo, message=message, text="odd", client_id=client_id())
        assert caught.value.wire_code == "text_refused", "an edit cannot wait"
    finally:
        forget_filter(shouting)


def test_a_filter_that_breaks_lets_nothing_through_and_the_rest_is_stored(club: Club) -> None:
    @message_filter
    def broken(written: Written) -> Verdict:
        if written.text == "boom":
            raise ZeroDivisionError
        return Replace(written.text)

    try:
        sends = [Send(club.bo, club.room, text, client_id()) for text in ("one", "boom", "two")]
        assert codes(sends) == ["sent", "filter_failed", "sent"]
    finally:
        forget_filter(broken)


def test_a_filter_cannot_make_a_text_that_would_not_be_taken(club: Club) -> None:
    @message_filter
    def longer(written: Written) -> Verdict:
        return Replace(written.text * 5000)

    try:
        assert club.code(club.bo, "ab") == "too_long"
    finally:
        forget_filter(longer)


def test_names_of_rooms_and_people_are_filtered(club: Club) -> None:
    from accounts.errors import BadName
    from accounts.services import user_sign_up
    from chat import services as rooms

    list_word("heck", "refuse")
    with pytest.raises(RealtimeError) as caught:
        rooms.room_create(user=club.bo, kind="public", name="Heck", topic="", client_id=client_id())
    assert caught.value.wire_code == "text_refused"
    for username, display_name in (("heck", "Hal"), ("hal", "What the heck")):
        with pytest.raises(BadName, match="not allowed"):
            user_sign_up(
                username=username, password="correct horse 42", display_name=display_name, address="10.0.0.1"
            )
