"""Files in messages as they are sent: whose they are, how many, and at what cost."""

from __future__ import annotations

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import selectors, sending
from chat.files.errors import FileNotFound, TooManyFiles
from chat.files.payloads import File
from chat.models import Message, Upload
from chat.sending import Send, message_send, message_send_many
from realtime import RealtimeError
from realtime.log.models import Event
from tests.support.people import client_id, make_room
from tests.support.together import all_together
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(ada: User, bo: User) -> int:
    return make_room(ada, bo)


def text_file(user: User) -> File:
    return upload(user, b"hello", "a.txt")


def codes(outcomes: list[sending.Outcome]) -> list[str]:
    return [one.wire_code if isinstance(one, RealtimeError) else "sent" for one in outcomes]


def test_a_message_has_its_files_in_the_order_given_in_its_event_and_in_history(
    ada: User, bo: User, room: int
) -> None:
    first, second = text_file(ada), upload(ada)
    sent = message_send(author=ada, room=room, text=" ", client_id="1", files=[second.id, first.id])
    event = msgspec.json.decode(Event.objects.get(name="chat.message_created").data)["message"]
    assert (event["text"], msgspec.convert(event["files"], list[File])) == ("", [second, first])
    (shown,) = selectors.messages_before(bo.pk, room, before=None, limit=1).items
    assert shown.files == [second, first]
    assert set(Upload.objects.values_list("message_id", "forget_at")) == {(sent.message, None)}
    assert selectors.rooms_of(bo.pk)[0].last_message == shown


def test_only_ones_own_that_no_message_has_can_be_sent(ada: User, bo: User, room: int) -> None:
    mine, his, sent, other = (text_file(user) for user in (ada, bo, ada, ada))
    message_send(author=ada, room=room, text="", client_id="0", files=[sent.id])
    sends = [
        Send(ada, room, "his", "1", files=[his.id]),
        Send(ada, room, "sent", "2", files=[sent.id]),
        Send(ada, room, "absent", "3", files=[999_999]),
        Send(ada, room, "nonsense", "4", files=[2**70]),
        Send(ada, room, "twice", "5", files=[mine.id, mine.id]),
        Send(ada, room, "half", "6", files=[other.id, his.id]),
        Send(ada, room, "mine", "7", files=[mine.id]),
        Send(ada, room, "again", "8", files=[mine.id]),
        Send(ada, room, "no files, no text", "9"),
        Send(ada, room, "\u200b", "10"),
        Send(ada, room, "x" * 4001, "11", files=[other.id]),
    ]
    assert codes(message_send_many(sends)) == [
        *["not_found"] * 6,
        "sent",
        "not_found",
        "sent",
        "empty_body",
        "too_long",
    ]
    answers = []
    for ids in ([his.id], [999_999]):
        with pytest.raises(FileNotFound) as caught:
            message_send(author=ada, room=room, text="", client_id=client_id(), files=ids)
        answers.append(caught.value.as_dict())
    assert answers[0] == answers[1]


def test_a_message_has_ten_files_at_most(ada: User, room: int) -> None:
    ids = [text_file(ada).id for _ in range(11)]
    with pytest.raises(TooManyFiles) as caught:
        message_send(author=ada, room=room, text="", client_id="1", files=ids)
    assert (caught.value.as_dict()["code"], caught.value.data) == ("quota_exceeded", {"used": 11, "max": 10})
    message_send(author=ada, room=room, text="", client_id="2", files=ids[:10])


def test_again_is_the_first_message_although_its_files_are_taken(ada: User, room: int) -> None:
    file = text_file(ada)
    first = message_send(author=ada, room=room, text="", client_id="same", files=[file.id])
    again = message_send(author=ada, room=room, text="", client_id="same", files=[file.id])
    assert (again.message, again.duplicate) == (first.message, True)


def test_of_two_messages_at_once_one_gets_the_file(ada: User, room: int) -> None:
    other_room = make_room(ada)
    file = text_file(ada)

    def send_to(target: int) -> str:
        return codes(message_send_many([Send(ada, target, "mine", client_id(), files=[file.id])]))[0]

    outcomes = all_together([lambda: send_to(room), lambda: send_to(other_room)])
    assert sorted(outcomes) == ["not_found", "sent"]
    assert Message.objects.exclude(files="[]").count() == 1


def test_a_file_that_is_being_deleted_is_not_sent(ada: User, room: int) -> None:
    from chat.files import services

    file = text_file(ada)
    services.file_remove(user=ada, file=file.id, client_id=client_id())
    with pytest.raises(FileNotFound):
        message_send(author=ada, room=room, text="", client_id="1", files=[file.id])


def statements(sends: list[Send]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert codes(message_send_many(sends)) == ["sent"] * len(sends)
    return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured)


def test_files_cost_four_statements_whatever_their_number_and_others_none(
    ada: User, bo: User, room: int
) -> None:
    rooms = [room, make_room(ada, bo)]
    statements([Send(ada, one, "first", client_id()) for one in rooms])
    plain = statements([Send(ada, room, "plain", client_id())])
    one = statements([Send(ada, room, "", client_id(), files=[text_file(ada).id])])
    many = [
        Send(user, rooms[number % 2], "", client_id(), files=[text_file(user).id, text_file(user).id])
        for number, user in enumerate((ada, bo, ada, bo))
    ]
    assert (plain, one, statements(many)) == (11, 15, 15)


def test_history_with_files_costs_no_query_more(ada: User, room: int) -> None:
    for number in range(3):
        message_send(
            author=ada, room=room, text="", client_id=str(number), files=[text_file(ada).id, upload(ada).id]
        )
    with CaptureQueriesContext(connection) as captured:
        selectors.messages_before(ada.pk, room, before=None, limit=50)
    assert len(captured) == 2
