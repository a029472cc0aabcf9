"""Bytes to frames and back. The only place where JSON is parsed from or written to a socket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from realtime.errors import Invalid
from realtime.protocol.frames import (
    AuthRefresh,
    CallFrame,
    ClientFrame,
    ClientPing,
    ErrorFrame,
    Hello,
    Pong,
    Subscribe,
    Unsubscribe,
)

MAX_DEPTH = 32

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()
_FRAMES = {
    cls.__struct_config__.tag: cls
    for cls in (Hello, Subscribe, Unsubscribe, CallFrame, Pong, ClientPing, AuthRefresh)
}


class BadJson(Invalid):
    code = "bad_json"
    message = "The frame is not a JSON object."


class TooDeep(Invalid):
    code = "too_deep"
    message = f"The JSON is nested deeper than {MAX_DEPTH} levels."


class UnknownType(Invalid):
    code = "unknown_type"
    message = "There is no such frame type."


class MissingField(Invalid):
    code = "missing_field"
    message = "A required field is missing."


class WrongType(Invalid):
    code = "wrong_type"
    message = "A field has the wrong type."


def encode(frame: Any) -> bytes:
    """The JSON bytes of a frame or of an event's data."""
    return _encoder.encode(frame)


def decode_client_frame(text: str | bytes) -> ClientFrame:
    """A frame from a client. Unknown extra fields are ignored (so that newer clients can talk to older servers).

    Raises BadJson, TooDeep, UnknownType, MissingField or WrongType, each with what was expected.
    """
    raw = text.encode() if isinstance(text, str) else text
    if not raw.strip():
        raise BadJson('The frame is empty: send a JSON object such as {"type":"hello","id":1}.')
    check_depth(raw)
    if len(_KEYS.findall(raw)) != _count_keys(_parse(raw)):
        for key in _duplicate_keys(raw):
            raise BadJson(f"The key {key!r} stands twice in one object.")
    try:
        frame = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        _raise_what_is_wrong(raw)
        raise BadJson(_sentence("The frame is not a frame", error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJson(_sentence("The frame is not JSON", error)) from error
    return frame


def frame_id(text: str | bytes) -> int | None:
    """The `id` of a frame that could not be decoded, where it can be told; so that the error finds its call."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found = value.get("id") if isinstance(value, dict) else None
    return found if type(found) is int else None


def decode_args(raw: bytes, struct: type[Any]) -> Any:
    """A command's arguments. Raises MissingField or WrongType that name the field."""
    try:
        return msgspec.json.decode(raw, type=struct)
    except msgspec.ValidationError as error:
        raise _field_error(error) from error
    except msgspec.DecodeError as error:
        raise BadJson(_sentence("The arguments are not JSON", error)) from error


def event_frame(*, stream: str, seq: int | None, name: str, at: str, data: bytes) -> bytes:
    """The bytes of an event frame around already encoded `data`: encoded once for every receiver."""
    number = b"" if seq is None else b',"seq":%d' % seq
    return b'{"type":"event","stream":"%b"%b,"name":"%b","at":"%b","data":%b}' % (
        stream.encode(),
        number,
        name.encode(),
        at.encode(),
        data,
    )


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, such as `2026-11-22T08:00:00.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error_frame(error: Any, *, id: int | None) -> ErrorFrame:
    """The wire form of a RealtimeError."""
    return ErrorFrame(
        id=id,
        code=error.wire_code,
        message=error.sentence,
        retry=error.retry,
        retry_after_ms=msgspec.UNSET if error.retry_after_ms is None else error.retry_after_ms,
        data=error.data or msgspec.UNSET,
    )


# ---- what msgspec leaves to us

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
# At least every key of an object, and whatever looks like one within a string.
_KEYS = re.compile(rb'"\s*:')
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"\s*:?|[{}\[\],]', re.DOTALL)


def check_depth(raw: bytes) -> None:
    """Refuses deep nesting before any parser recurses. Linear in the size of the frame."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise TooDeep()


def _parse(raw: bytes) -> Any:
    """The plain values; refuses numbers that no client can hold, which a `Raw` field let through."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJson(_sentence("The frame is not JSON", error)) from error


def _count_keys(value: Any) -> int:
    """The keys of all objects in a parsed value, where one that stood twice counts once."""
    if isinstance(value, dict):
        return len(value) + sum(_count_keys(one) for one in value.values() if isinstance(one, (dict, list)))
    if isinstance(value, list):
        return sum(map(_count_keys, value))
    return 0


def _duplicate_keys(raw: bytes) -> Iterator[str]:
    seen: list[set[bytes] | None] = []
    for token in _TOKENS.findall(raw):
        if token == b"{":
            seen.append(set())
        elif token == b"[":
            seen.append(None)
        elif token in (b"}", b"]"):
            if seen:
                seen.pop()
        elif token.endswith(b":") and seen and (keys := seen[-1]) is not None:
            key = _key(token)
            if key in keys:
                yield key.decode(errors="replace")
            keys.add(key)


def _key(token: bytes) -> bytes:
    """The key of a `"key" :` token, without escapes, so that two spellings of one key are equal."""
    quoted = token[: token.rindex(b'"') + 1]
    if b"\\" not in quoted:
        return quoted[1:-1]
    try:
        return msgspec.json.decode(quoted, type=str).encode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return quoted  # the parser will refuse it


def _raise_what_is_wrong(raw: bytes) -> None:
    """Turns msgspec's one exception into the error that says what to do."""
    value = _parse(raw)
    if not isinstance(value, dict):
        raise BadJson(f"A frame is a JSON object, and this is a {_json_type(value)}.")
    if "type" not in value:
        raise MissingField("The field type is missing.", field="type")
    kind = value["type"]
    if not isinstance(kind, str) or kind not in _FRAMES:
        raise UnknownType(f"There is no frame type {str(kind)[:40]!r}.", known=sorted(map(str, _FRAMES)))
    try:
        msgspec.convert(value, _FRAMES[kind])
    except msgspec.ValidationError as error:
        raise _field_error(error) from error


_MISSING = re.compile(r"missing required field `([^`]+)`")
_PATH = re.compile(r" - at `\$\.?([^`]*)`")


def _field_error(error: msgspec.ValidationError) -> Invalid:
    text = str(error)
    if missing := _MISSING.search(text):
        return MissingField(f"The field {missing[1]} is missing.", field=missing[1])
    path = _PATH.search(text)
    field = path[1] if path else ""
    sentence = _PATH.sub("", text)
    return WrongType(f"{field or 'The value'}: {sentence}.", field=field)


def _sentence(what: str, error: Exception) -> str:
    return f"{what}: {_PATH.sub('', str(error))}."


def _json_type(value: object) -> str:
    return {list: "list", str: "string", int: "number", float: "number", bool: "boolean"}.get(
        type(value), "null"
    )
