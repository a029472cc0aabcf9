"""Bytes to frames: every malformed one is an error that says what was expected, and nothing else is raised."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from realtime.errors import Invalid, NotFound
from realtime.protocol import codec
from realtime.protocol.frames import CallFrame, ClientPing, Hello, Pong, StreamCursor, Subscribe


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"type":"ping","id":3}', ClientPing(id=3)),
        ('{"type":"pong","id":1,"seen":{"room:1":5}}', Pong(id=1, seen={"room:1": 5})),
        ('{"type":"subscribe","id":1,"stream":"room:1"}', Subscribe(id=1, stream="room:1")),
        (
            '{"type":"hello","id":1,"streams":[{"stream":"room:1","epoch":"k","seq":0}],"new":[{}]}',
            Hello(id=1, streams=[StreamCursor(stream="room:1", epoch="k", seq=0)]),
        ),
    ],
)
def test_frames_are_decoded(text: str, frame: object) -> None:
    assert codec.decode_client_frame(text) == frame
    assert codec.decode_client_frame(text.encode()) == frame


def test_arguments_stay_raw_until_their_command_is_known() -> None:
    frame = codec.decode_client_frame('{"type":"call","id":1,"name":"a.b","args":{"x": 1}}')
    assert isinstance(frame, CallFrame)
    assert bytes(frame.args) == b'{"x": 1}'


MALFORMED = [
    ("", "bad_json"),
    ("{", "bad_json"),
    ("[]", "bad_json"),
    ("nul", "bad_json"),
    ('{"type":"ping"} x', "bad_json"),
    ('{"type":"ping","id":1,}', "bad_json"),
    ('{"type":"ping","x":"\\ud800"}', "bad_json"),
    ('{"type":"ping","x":"\x01"}', "bad_json"),
    ('{"type":"ping","type":"pong"}', "bad_json"),
    ('{"type":"ping" , "id" :1, "\\u0069d":2}', "bad_json"),
    ('{"type":"call","id":1,"name":"a.b","args":{"a":{"b":1,"b":2}}}', "bad_json"),
    ('{"type":"call","id":1,"name":"a.b","args":1e999}', "bad_json"),
    ("[" * 33 + "]" * 33, "too_deep"),
    ('{"a":' * 40 + "1" + "}" * 40, "too_deep"),
    ("{}", "missing_field"),
    ('{"type":"subscribe","id":1}', "missing_field"),
    ('{"type":"unknown"}', "unknown_type"),
    ('{"type":null}', "unknown_type"),
    ('{"type":{"$ne":1}}', "unknown_type"),
    ('{"type":"ping","id":"1"}', "wrong_type"),
    ('{"type":"hello","streams":{}}', "wrong_type"),
    ('{"type":"hello","streams":[1]}', "wrong_type"),
    ('{"type":"pong","seen":{"a":"b"}}', "wrong_type"),
]


@pytest.mark.parametrize(("text", "code"), MALFORMED)
def test_a_malformed_frame_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        codec.decode_client_frame(text)
    assert caught.value.wire_code == code
    assert caught.value.sentence.endswith(".")


def test_equal_keys_in_different_objects_are_fine() -> None:
    codec.decode_client_frame('{"type":"call","id":1,"name":"a.b","args":[{"a":1},{"a":"\\"a\\":{"}]}')


def test_brackets_in_strings_are_not_depth() -> None:
    codec.decode_client_frame(json.dumps({"type": "ping", "x": "[{" * 100 + '"\\'}))


def test_whatever_comes_only_expected_errors_are_raised() -> None:
    chance = random.Random(5)
    seeds = [text for text, _ in MALFORMED if text] + [
        '{"type":"hello","id":1,"protocol":1,"token":"t","streams":[{"stream":"room:1","epoch":"k","seq":3}]}',
        '{"type":"call","id":9,"name":"chat.message_send","args":{"room":1,"text":"é\\u00e9","client_id":"x"}}',
    ]
    alphabet = [*"{}[]\",:\\u0'truefalsn1e-+. ", "\ud800", "\0", "é", "\ufeff"]
    for _ in range(3_000):
        text = list(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(text) + 1)
            text[place : place + chance.randint(0, 2)] = [chance.choice(alphabet)]
        raw = "".join(text).encode("utf-8", errors="surrogatepass")
        try:
            codec.decode_client_frame(raw)
        except Invalid:
            assert codec.frame_id(raw) is None or isinstance(codec.frame_id(raw), int)


def test_the_id_of_a_bad_frame_is_told_where_it_can_be() -> None:
    assert codec.frame_id('{"id":7,"type":"dance"}') == 7
    for text in ("{", "[]", '{"id":"7"}', '{"id":true}', "[" * 60_000):
        assert codec.frame_id(text) is None


class Args(msgspec.Struct, frozen=True):
    room: int
    names: list[str] = []


def test_bad_arguments_name_their_field() -> None:
    with pytest.raises(Invalid) as missing:
        codec.decode_args(b"{}", Args)
    assert (missing.value.wire_code, missing.value.data) == ("missing_field", {"field": "room"})
    with pytest.raises(Invalid) as wrong:
        codec.decode_args(b'{"room":1,"names":["a",2]}', Args)
    assert wrong.value.wire_code == "wrong_type"
    assert str(wrong.value.data["field"]).startswith("names")
    with pytest.raises(Invalid):
        codec.decode_args(b"[]", Args)


def test_an_event_frame_is_built_around_its_data() -> None:
    raw = codec.event_frame(stream="room:1", seq=5, name="a.b", at="now", data=b'{"x":1}')
    assert json.loads(raw) == {
        "type": "event",
        "stream": "room:1",
        "seq": 5,
        "name": "a.b",
        "at": "now",
        "data": {"x": 1},
    }
    assert "seq" not in json.loads(
        codec.event_frame(stream="room:1", seq=None, name="a.b", at="now", data=b"{}")
    )


def test_times_are_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 22, 9, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))
    assert codec.timestamp(moment) == "2026-11-22T08:00:00.123Z"
    assert codec.timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_an_error_frame_has_only_what_helps() -> None:
    bare = json.loads(codec.encode(codec.error_frame(NotFound(), id=None)))
    assert bare == {
        "type": "error",
        "id": None,
        "code": "not_found",
        "message": NotFound.message,
        "retry": False,
    }
    full = json.loads(codec.encode(codec.error_frame(Invalid("No.", retry_after_ms=5, field="x"), id=3)))
    assert (full["id"], full["retry_after_ms"], full["data"]) == (3, 5, {"field": "x"})
