"""Webhooks of rooms, with a real web server at the other end of the outgoing ones."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.errors import NotRoomOwner
from chat.hooks import calling, selectors, services
from chat.hooks.errors import BadHook, HookNotFound, TooManyHooks
from chat.hooks.payloads import Hook as HookPayload
from chat.hooks.signing import secret_of, token_of
from chat.models import Hook, Member, Message
from chat.sending import message_send
from chat.services import room_kick
from chat.threads.forwarding import message_forward
from notifications.channels.webhook import signatures
from notifications.errors import BadEndpoint
from tests.support.http_peer import HttpPeer, Reply
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(settings: object) -> Iterator[HttpPeer]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]  # type: ignore[attr-defined]
    peer = HttpPeer()
    with peer.running():
        yield peer


def make_hook(owner: User, room: int, direction: str = "incoming", **more: str) -> HookPayload:
    return services.hook_create(
        user=owner, room=room, direction=direction, name="Builds", client_id=client_id(), **more
    )


def say(author: User, room: int, text: str) -> None:
    message_send(author=author, room=room, text=text, client_id=client_id())


def texts(room: int) -> list[tuple[bool, str]]:
    said = Message.objects.filter(room=room).order_by("number")
    return [(message.author.is_bot, message.text) for message in said.select_related("author")]


def call_all() -> None:
    """What a tick and a worker do."""
    for hook_id in calling.claim_some():
        calling.call_hook(hook_id)


# ---- for owners


def test_a_webhook_joins_its_room_as_a_bot_and_leaves_with_it(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    hook = make_hook(ada, room)
    assert Member.objects.filter(room=room, user=hook.bot).exists()
    assert [one.id for one in selectors.hooks_of(ada.pk, room)] == [hook.id]
    services.hook_remove(user=ada, hook=hook.id, client_id=client_id())
    assert not Member.objects.filter(room=room, user=hook.bot).exists()
    assert not User.objects.get(pk=hook.bot).is_active
    assert selectors.hooks_of(ada.pk, room) == []


def test_only_owners_see_and_change_them(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    hook = make_hook(ada, room)
    with pytest.raises(NotRoomOwner):
        make_hook(bo, room)
    for stranger, error in ((bo, NotRoomOwner), (cy, HookNotFound)):
        with pytest.raises(error):
            selectors.secrets_of(stranger.pk, hook.id)
        with pytest.raises(error):
            services.hook_renew(user=stranger, hook=hook.id, client_id=client_id())
        with pytest.raises(error):
            services.hook_remove(user=stranger, hook=hook.id, client_id=client_id())
    with pytest.raises(HookNotFound):
        selectors.secrets_of(ada.pk, 10**18)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"direction": "sideways"}, BadHook),
        ({"direction": "incoming", "url": "https://example.com"}, BadHook),
        ({"direction": "outgoing", "url": ""}, BadEndpoint),
        ({"direction": "outgoing", "url": "https://127.0.0.1/"}, BadEndpoint),
        ({"direction": "outgoing", "url": "https://169.254.169.254/"}, BadEndpoint),
        ({"direction": "outgoing", "url": "ftp://example.com"}, BadEndpoint),
        ({"direction": "incoming", "triggers": "x" * 301}, BadHook),
    ],
)
def test_a_webhook_is_checked(ada: User, more: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        make_hook(ada, make_room(ada), **more)


def test_a_room_has_a_bounded_number_of_them(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_HOOKS_PER_ROOM", 1)
    room = make_room(ada)
    make_hook(ada, room)
    with pytest.raises(TooManyHooks):
        make_hook(ada, room)


# ---- incoming


def received(hook: HookPayload, text: str, **headers: str) -> tuple[int, dict[str, object]]:
    body = json.dumps({"text": text})
    answer = Client().post(f"/api/hooks/{hook.id}", body, content_type="application/json", headers=headers)
    return answer.status_code, json.loads(answer.content)


def signed(hook: HookPayload, text: str, *, request_id: str = "r1", age_s: int = 0) -> dict[str, str]:
    key, at_s = Hook.objects.get(pk=hook.id).key, int(timezone.now().timestamp()) - age_s
    body = json.dumps({"text": text}).encode()
    return {
        "webhook-id": request_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signatures([secret_of(key)], request_id, at_s, body),
    }


def test_a_signed_request_is_written_once_however_often_it_comes(ada: User) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room)
    status, sent = received(hook, "Build 7 passed", **signed(hook, "Build 7 passed"))
    assert (status, sent["duplicate"]) == (200, False)
    status, again = received(hook, "Build 7 passed", **signed(hook, "Build 7 passed"))
    assert (status, again["duplicate"], again["message"]) == (200, True, sent["message"])
    assert texts(room) == [(True, "Build 7 passed")]
    assert Hook.objects.get(pk=hook.id).used_at is not None


def test_a_token_does_for_programs_that_cannot_sign(ada: User) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room)
    bearer = {"authorization": f"Bearer {selectors.secrets_of(ada.pk, hook.id).token}"}
    assert [received(hook, text, **bearer)[0] for text in ("one", "two")] == [200, 200]
    services.hook_renew(user=ada, hook=hook.id, client_id=client_id())
    assert received(hook, "three", **bearer)[0] == 401
    assert texts(room) == [(True, "one"), (True, "two")]


def test_what_is_not_signed_rightly_or_too_old_is_refused_as_if_nothing_was_there(ada: User) -> None:
    hook = make_hook(ada, make_room(ada))
    nobody = msgspec.structs.replace(hook, id=hook.id + 1000)
    answers = [
        received(hook, "x"),
        received(hook, "y", **signed(hook, "x")),
        received(hook, "x", authorization=f"Bearer {token_of('other')}"),
        received(nobody, "x", **signed(hook, "x")),
    ]
    assert {status for status, _ in answers} == {401}
    assert len({answer["message"] for _, answer in answers}) == 1
    status, old = received(hook, "x", **signed(hook, "x", age_s=301))
    assert (status, old["code"]) == (401, "bad_signature")
    assert texts(hook.room) == []


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_body"), ("x" * 4001, "too_long"), ("a\x00b", "bad_characters")]
)
def test_its_texts_follow_the_rules_of_messages(ada: User, text: str, code: str) -> None:
    hook = make_hook(ada, make_room(ada))
    status, answer = received(hook, text, **signed(hook, text))
    assert (status, answer["code"]) == (400, code)


def test_a_body_that_is_no_json_says_so(ada: User) -> None:
    hook = make_hook(ada, make_room(ada))
    bearer = {"authorization": f"Bearer {token_of(Hook.objects.get(pk=hook.id).key)}"}
    for body in (b"{", b"[]", b'{"text": 1}', b"\xff"):
        answer = Client().post(f"/api/hooks/{hook.id}", body, content_type="application/json", headers=bearer)
        assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "empty_body")


# ---- outgoing


def test_an_outgoing_one_is_told_each_message_in_order_signed_and_may_answer(
    ada: User, peer: HttpPeer
) -> None:
    room = make_room(ada)
    say(ada, room, "before")
    hook = make_hook(ada, room, "outgoing", url=f"{peer.url}/hook")
    assert not calling.anything_due()
    say(ada, room, "one")
    say(ada, room, "two")
    peer.replies = [Reply(200, body=b'{"text": "I heard one"}'), Reply(204)]
    assert calling.anything_due()
    call_all()
    assert [json.loads(one.body)["data"]["text"] for one in peer.received] == ["one", "two"]
    request = peer.received[0]
    at_s, request_id = int(request.headers["webhook-timestamp"]), request.headers["webhook-id"]
    secret = selectors.secrets_of(ada.pk, hook.id).secret
    assert request.headers["webhook-signature"] == signatures([secret], request_id, at_s, request.body)
    assert texts(room)[-1] == (True, "I heard one")
    call_all()  # its own answer is a message too: bots are not told of bots
    assert len(peer.received) == 2
    assert not calling.anything_due()


def test_an_outgoing_one_is_told_the_thread_and_the_quote_of_a_message(ada: User, peer: HttpPeer) -> None:
    room = make_room(ada)
    make_hook(ada, room, "outgoing", url=f"{peer.url}/hook")
    root = message_send(author=ada, room=room, text="**Tea**?", client_id=client_id()).message
    message_send(author=ada, room=room, text="Yes", client_id=client_id(), thread=root, quote=root)
    message_forward(user=ada, message=root, room=room, client_id=client_id())
    peer.replies = [Reply(204)] * 3
    call_all()
    first, reply, forwarded = (json.loads(one.body)["data"] for one in peer.received)
    assert first["thread"]["replies"] == 1
    assert (reply["root"], reply["quote"]["id"], reply["quote"]["text"]) == (root, root, "Tea?")
    assert (forwarded["forwarded"]["author"]["id"], forwarded["forwarded"]["number"]) == (ada.pk, 1)


def test_what_it_does_not_take_is_told_again_later_and_nothing_before_it(ada: User, peer: HttpPeer) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room, "outgoing", url=f"{peer.url}/hook")
    say(ada, room, "one")
    say(ada, room, "two")
    peer.replies = [Reply(500)]
    call_all()
    row = Hook.objects.get(pk=hook.id)
    assert (row.attempts, row.failure, row.active, len(peer.received)) == (1, "answered 500", True, 1)
    assert not calling.anything_due()  # not yet
    Hook.objects.update(next_at=timezone.now())
    call_all()
    bodies = [json.loads(one.body)["data"]["text"] for one in peer.received]
    assert bodies == ["one", "one", "two"]
    assert len({one.headers["webhook-id"] for one in peer.received}) == 2
    row.refresh_from_db()
    assert (row.attempts, row.failure) == (0, "")


def test_one_that_says_gone_or_never_answers_is_switched_off_and_can_be_renewed(
    ada: User, peer: HttpPeer, settings: object
) -> None:
    settings.CHAT = {"max_hook_attempts": 2}  # type: ignore[attr-defined]
    room = make_room(ada)
    hooks = [make_hook(ada, room, "outgoing", url=f"{peer.url}/gone") for _ in range(2)]
    say(ada, room, "one")
    peer.replies = [Reply(410), Reply(500), Reply(500)]
    call_all()
    Hook.objects.update(next_at=timezone.now())
    call_all()
    assert [hook.active for hook in selectors.hooks_of(ada.pk, room)] == [False, False]
    assert not calling.anything_due()
    services.hook_renew(user=ada, hook=hooks[0].id, client_id=client_id())
    assert not calling.anything_due()  # what it missed is not told late
    say(ada, room, "two")
    call_all()
    assert json.loads(peer.received[-1].body)["data"]["text"] == "two"


def test_one_whose_bot_was_put_out_of_the_room_is_told_nothing_more(ada: User, peer: HttpPeer) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room, "outgoing", url=f"{peer.url}/told")
    bot = Hook.objects.get(pk=hook.id).bot_id
    room_kick(user=ada, room=room, kicked=bot, client_id=client_id())
    say(ada, room, "among ourselves")
    call_all()
    assert peer.received == []
    (listed,) = selectors.hooks_of(ada.pk, room)
    assert (listed.active, listed.failure) == (False, "its bot is no longer in the room")


def test_first_words_choose_what_it_is_told(ada: User, peer: HttpPeer) -> None:
    room = make_room(ada)
    make_hook(ada, room, "outgoing", url=f"{peer.url}/hook", triggers="deploy  build")
    for text in ("hello", "Deploy 7", "deployed", "build"):
        say(ada, room, text)
    call_all()
    assert [json.loads(one.body)["data"]["text"] for one in peer.received] == ["Deploy 7", "build"]


def test_of_two_callers_one_calls(ada: User, peer: HttpPeer) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room, "outgoing", url=f"{peer.url}/hook")
    say(ada, room, "one")
    assert calling.claim_some() == [hook.id]
    assert calling.claim_some() == []


def test_a_private_address_that_a_name_came_to_mean_is_not_called(
    ada: User, peer: HttpPeer, settings: object
) -> None:
    room = make_room(ada)
    hook = make_hook(ada, room, "outgoing", url=f"{peer.url}/hook")
    settings.OUTBOUND_ALLOW = []  # type: ignore[attr-defined]
    say(ada, room, "one")
    call_all()
    assert peer.received == []
    assert Hook.objects.get(pk=hook.id).attempts == 1


def test_somebody_who_left_is_no_owner_any_more(ada: User) -> None:
    other = make_user("eve")
    hook = make_hook(ada, make_room(ada))
    with pytest.raises(HookNotFound):
        services.hook_remove(user=other, hook=hook.id, client_id=client_id())
