from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat import amending, services
from chat.errors import EmptyBody, MessageNotFound, RoomNotFound
from chat.files import services as files
from chat.files.errors import FileNotFound, FileWaits, TooManyFiles
from chat.files.services import file_remove
from chat.models import HeldMessage, Message, Scheduled, Upload
from chat.moderation.errors import HeldForReview
from chat.moderation.filters import Hold, Verdict, Written, forget_filter, message_filter
from chat.paging import Place
from chat.payloads import Message as MessagePayload
from chat.payloads import Sent
from chat.scheduled import sending
from chat.scheduled.errors import BadSendTime, QuoteGone, ScheduledNotFound, ThreadGone, TooManyScheduled
from chat.scheduled.payloads import ScheduledMessage
from chat.scheduled.selectors import scheduled_of
from chat.scheduled.services import schedule, schedule_cancel, schedule_change
from chat.selectors import messages_at, messages_before
from chat.sending import message_send
from notifications import upkeep
from notifications.selectors import inbox_page
from realtime import Busy
from tests.support.clock import later
from tests.support.elsewhere import elsewhere
from tests.support.notices import published
from tests.support.people import client_id, make_room, say
from tests.support.together import all_together, together
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db(transaction=True)


def put(user: User, room: int, text: str = "later", *, hours: float = 1, **more: Any) -> int:
    at = timezone.now() + timedelta(hours=hours)
    return schedule(user=user, room=room, text=text, send_at=at, client_id=client_id(), **more).id


def change(user: User, scheduled: int, **changes: Any) -> ScheduledMessage:
    return schedule_change(
        user=user, scheduled=scheduled, client_id=client_id(), **{"text": None, "send_at": None, **changes}
    )


def cancel(user: User, scheduled: int) -> None:
    schedule_cancel(user=user, scheduled=scheduled, client_id=client_id())


def fall_due(*ids: int) -> None:
    now = timezone.now()
    Scheduled.objects.filter(pk__in=ids).update(send_at=now, due_at=now)


def said(user: User, room: int) -> list[str]:
    return [item.text for item in messages_before(user.pk, room, before=None, limit=50).items]


def ended(user: User) -> list[tuple[int, str]]:
    return [(one["id"], one["outcome"]) for one in published(f"user:{user.pk}", "chat.schedule_ended")]


def test_it_is_sent_at_its_time_as_every_message_is(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    sooner, later = put(ada, room, "  @bo, hello "), put(ada, room, "tomorrow", hours=2)
    upkeep.keep_up()
    assert said(ada, room) == []
    fall_due(sooner)
    assert upkeep.anything_due()
    upkeep.keep_up()
    upkeep.keep_up()
    assert said(bo, room) == ["@bo, hello"]
    (event,) = published(f"room:{room}", "chat.message_created")
    assert event["message"]["mentions"][0]["user"] == bo.pk
    assert ended(ada) == [(sooner, "sent")]
    assert [one.id for one in scheduled_of(ada.pk)] == [later]


def test_the_list_is_ones_own_the_next_one_first(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    last, first = put(ada, room, "last", hours=3), put(ada, room, "first", hours=1)
    put(bo, room, "theirs")
    assert [one.id for one in scheduled_of(ada.pk)] == [first, last]
    change(ada, last, send_at=timezone.now() + timedelta(minutes=5), text="now first")
    assert [one.text for one in scheduled_of(ada.pk)] == ["now first", "first"]
    cancel(ada, last)
    assert [one.id for one in scheduled_of(ada.pk)] == [first]
    assert ended(ada) == [(last, "cancelled")]
    for attempt in (cancel, change):
        for target in (first, last, -1, 2**70):
            with pytest.raises(ScheduledNotFound):
                attempt(bo, target)


def test_its_time_is_to_come_and_its_text_a_message(ada: User, bo: User) -> None:
    room = make_room(ada)
    now = timezone.now()
    for at in (now, now - timedelta(days=1), now + timedelta(days=367), datetime(2100, 1, 1)):
        with pytest.raises(BadSendTime):
            schedule(user=ada, room=room, text="x", send_at=at, client_id=client_id())
    with pytest.raises(EmptyBody):
        put(ada, room, " \n ")
    with pytest.raises(RoomNotFound):
        put(bo, room)
    with pytest.raises(EmptyBody):
        change(ada, put(ada, room), text="")
    assert Scheduled.objects.count() == 1


def test_one_has_so_many_also_when_two_devices_schedule_at_once(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_scheduled": 2}
    room = make_room(ada)
    put(ada, room)

    def attempt() -> str:
        try:
            return "scheduled" if put(ada, room) else ""
        except TooManyScheduled:
            return "full"

    assert sorted(together(3, attempt)) == ["full", "full", "scheduled"]
    assert Scheduled.objects.count() == 2


def test_many_workers_send_each_once(ada: User, settings: Any) -> None:
    settings.CHAT = {"send_chunk": 4}
    room = make_room(ada)
    ids = [put(ada, room, f"text {n}") for n in range(12)]
    fall_due(*ids)

    def work() -> None:
        while sending.send_some():
            pass

    together(3, work)
    while sending.anything_due():
        work()
    assert sorted(said(ada, room)) == sorted(f"text {n}" for n in range(12))
    assert sorted(ended(ada)) == [(one, "sent") for one in ids]


def test_what_fails_in_the_middle_is_undone_as_a_whole_and_sent_by_the_next(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    fall_due(put(ada, room))

    def dies(name: str) -> None:
        raise RuntimeError(name)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "failpoint", dies)
        sending.send_some()
    assert (said(ada, room), ended(ada)) == ([], [])
    Scheduled.objects.update(due_at=timezone.now())
    sending.send_some()
    assert said(ada, room) == ["later"]


def test_stored_by_a_process_that_died_before_the_row_went_it_is_not_sent_again(ada: User) -> None:
    """The row's client_id is the message's: what restores the row from a backup sends nothing twice."""
    room = make_room(ada)
    fall_due(put(ada, room))
    (row,) = Scheduled.objects.all()
    sending.send_some()
    row.save(force_insert=True)
    sending.send_some()
    assert said(ada, room) == ["later"]
    assert not Scheduled.objects.exists()


def test_what_its_author_may_not_do_any_more_is_kept_with_the_reason_and_told(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    scheduled = put(bo, room, "my ||long|| **text**")
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    fall_due(scheduled)
    upkeep.keep_up()
    assert said(ada, room) == []
    (kept,) = scheduled_of(bo.pk)
    assert (kept.text, kept.failure) == ("my ||long|| **text**", RoomNotFound.message)
    (item,) = inbox_page(bo).items
    assert (item.title, item.link) == ("Your scheduled message was not sent", "/#/scheduled")
    assert item.text == f"{RoomNotFound.message}\n\nmy ▒▒▒ text"
    told = published(f"user:{bo.pk}", "chat.schedule_changed")
    assert told[-1]["scheduled"]["failure"] == RoomNotFound.message
    upkeep.keep_up()
    assert len(inbox_page(bo).items) == 1


def test_one_that_failed_waits_again_when_it_gets_another_time(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    scheduled = put(bo, room)
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    fall_due(scheduled)
    sending.send_some()
    with pytest.raises(RoomNotFound):
        change(bo, scheduled, send_at=timezone.now() + timedelta(hours=1))
    services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    with pytest.raises(BadSendTime):
        change(bo, scheduled, text="better")
    assert change(bo, scheduled, send_at=timezone.now() + timedelta(hours=1)).failure == ""
    fall_due(scheduled)
    sending.send_some()
    assert said(ada, room) == ["later"]


def test_of_somebody_who_was_deactivated_nothing_is_sent(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    fall_due(put(bo, room))
    User.objects.filter(pk=bo.pk).update(is_active=False)
    sending.send_some()
    assert said(ada, room) == []
    assert scheduled_of(bo.pk)[0].failure


def test_what_can_be_tried_again_is_tried_later_and_in_the_end_given_up(
    ada: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHAT = {"max_send_attempts": 3}
    room = make_room(ada)
    scheduled = put(ada, room)

    def busy(**_: Any) -> Sent:
        raise Busy

    monkeypatch.setattr(sending, "message_send", busy)
    for attempts in (1, 2):
        fall_due(scheduled)
        sending.send_some()
        row = Scheduled.objects.get()
        assert (row.attempts, row.failure) == (attempts, "")
        assert row.due_at is not None
        assert row.due_at > timezone.now()
    fall_due(scheduled)
    sending.send_some()
    assert scheduled_of(ada.pk)[0].failure == Busy.message


def test_a_bug_in_one_of_them_does_not_hold_up_the_others(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room(ada)
    fall_due(put(ada, room, "broken"), put(ada, room, "whole"))
    send = sending.message_send

    def breaks(**words: Any) -> Sent:
        if words["text"] == "broken":
            raise ZeroDivisionError
        return send(**words)

    monkeypatch.setattr(sending, "message_send", breaks)
    sending.send_some()
    assert said(ada, room) == ["whole"]
    assert Scheduled.objects.get().attempts == 1


def test_who_cancels_while_it_is_sent_is_told_that_it_is_too_late(ada: User) -> None:
    """Or cancels it in time: never both, never neither."""
    room = make_room(ada)
    scheduled = put(ada, room)
    fall_due(scheduled)

    def try_to_cancel() -> str:
        try:
            cancel(ada, scheduled)
        except ScheduledNotFound:
            return "late"
        return "cancelled"

    outcome, _ = all_together([try_to_cancel, lambda: sending.send_some()])
    while sending.anything_due():
        sending.send_some()
    assert said(ada, room) == (["later"] if outcome == "late" else [])
    assert ended(ada) == [(scheduled, "sent" if outcome == "late" else "cancelled")]


def test_while_one_worker_has_it_in_hand_another_passes_it_by(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        pytest.skip("There a writer is alone.")
    room = make_room(ada)
    fall_due(put(ada, room))
    seen: list[bool] = []

    def meanwhile(name: str) -> None:
        monkeypatch.setattr(sending, "failpoint", lambda name: None)
        seen.append(elsewhere(lambda: sending.send_some() or Message.objects.exists()))

    monkeypatch.setattr(sending, "failpoint", meanwhile)
    sending.send_some()
    assert seen == [False]
    assert said(ada, room) == ["later"]


# ---- into a thread, with a quote, with files


def last(user: User, room: int) -> MessagePayload:
    return messages_at(user.pk, room, Place(), limit=1).items[0]


def test_into_a_thread_with_a_quote_and_files_it_is_sent_as_written(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    root, quoted = say(bo, room, "Where?", "When?")
    second, first = upload(ada, b"2", "two.txt"), upload(ada, b"1", "one.txt")
    links = {"thread": root, "quote": quoted, "also_in_room": True, "files": [first.id, second.id]}
    scheduled = put(ada, room, " ", **links)
    (waiting,) = scheduled_of(ada.pk)
    assert (waiting.text, waiting.thread, waiting.quote, waiting.also_in_room) == ("", root, quoted, True)
    assert waiting.files == [first, second]
    assert (
        published(f"user:{ada.pk}", "chat.schedule_changed")[-1]["scheduled"]["files"][0]["name"] == "one.txt"
    )
    fall_due(scheduled)
    upkeep.keep_up()
    sent = last(bo, room)
    assert (sent.root, sent.also_in_room, sent.files) == (root, True, [first, second])
    assert sent.quote is not None
    assert sent.quote.id == quoted
    assert set(Upload.objects.values_list("message", "scheduled", "forget_at")) == {(sent.id, None, None)}


def test_it_goes_only_where_its_author_is_and_with_what_is_theirs(ada: User, bo: User) -> None:
    room, other = make_room(ada, bo), make_room(ada)
    (elsewhere,) = say(ada, other, "hi")
    for links in ({"thread": elsewhere}, {"quote": elsewhere}, {"thread": 999_999}, {"quote": -1}):
        with pytest.raises(MessageNotFound):
            put(ada, room, **links)
    his, mine = upload(bo, b"x", "x.txt"), upload(ada, b"x", "x.txt")
    put(ada, room, files=[mine.id])
    for ids in ([his.id], [mine.id], [999_999], [2**70]):
        with pytest.raises(FileNotFound):
            put(ada, room, files=ids)
    with pytest.raises(TooManyFiles):
        put(ada, room, files=list(range(1, 12)))
    with pytest.raises(FileNotFound):
        message_send(author=ada, room=room, text="", client_id=client_id(), files=[mine.id])
    with pytest.raises(FileWaits):
        file_remove(user=ada, file=mine.id, client_id=client_id())
    assert Scheduled.objects.count() == 1


def test_files_wait_as_long_as_it_takes_and_go_when_it_is_cancelled(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    kept, cancelled = (put(ada, room, "", hours=100, files=[upload(ada, b"x", "x.txt").id]) for _ in range(2))
    later(monkeypatch, timedelta(days=2))
    while files.forget_some():
        pass
    assert Upload.objects.count() == 2
    cancel(ada, cancelled)
    while files.forget_some():
        pass
    assert Upload.objects.get().scheduled_id == kept
    assert files.limits_of(ada).used_bytes == 1
    change(ada, kept, text="")


def test_files_wait_for_a_moderator_where_a_filter_holds_it(ada: User) -> None:
    fall_due(put(ada, make_room(ada), "", files=[upload(ada, b"x", "x.txt").id]))

    @message_filter
    def hold(written: Written) -> Verdict:
        return Hold("odd")

    try:
        upkeep.keep_up()
    finally:
        forget_filter(hold)
    (failed,) = scheduled_of(ada.pk)
    assert (failed.failure, failed.files) == (HeldForReview.message, [])
    cancel(ada, failed.id)
    assert Upload.objects.get().held_id == HeldMessage.objects.get().pk


def test_what_it_replies_to_or_quotes_may_be_gone_and_its_author_is_told(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    root, quoted, deleted_root = say(bo, room, "root", "quoted", "deleted root")
    file = upload(ada, b"x", "plan.txt")
    fall_due(
        put(ada, room, "", thread=root, files=[file.id]),
        put(ada, room, "a quote", quote=quoted),
        put(ada, room, "goes on", thread=deleted_root),
    )
    for message in (quoted, deleted_root):
        amending.message_delete(user=bo, message=message, client_id=client_id())
    Message.objects.filter(pk=root).delete()
    upkeep.keep_up()
    in_thread, quoting = scheduled_of(ada.pk)
    assert (in_thread.failure, quoting.failure) == (ThreadGone.message, QuoteGone.message)
    assert in_thread.files == [file]
    texts = {item.text for item in inbox_page(ada).items}
    assert texts == {f"{ThreadGone.message}\n\nplan.txt", f"{QuoteGone.message}\n\na quote"}
    assert Message.objects.get(text="goes on").root_id == deleted_root
    again = change(ada, quoting.id, send_at=timezone.now() + timedelta(minutes=1), keeps_quote=False)
    assert (again.failure, again.quote) == ("", None)
    fall_due(again.id)
    upkeep.keep_up()
    assert Message.objects.get(text="a quote").quote_id is None


def test_the_list_costs_two_queries_whatever_is_in_it(ada: User) -> None:
    room = make_room(ada)
    for _ in range(3):
        put(ada, room, files=[upload(ada, b"x", "x.txt").id, upload(ada, b"y", "y.txt").id])
    with CaptureQueriesContext(connection) as captured:
        assert len(scheduled_of(ada.pk)) == 3
    assert len(captured) == 2
