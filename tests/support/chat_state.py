"""A client's view of chat as a pure function: a snapshot, and the events that follow it.

The state is what `GET /api/snapshot` answers, as plain JSON. `apply` never changes its argument.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

State = dict[str, Any]
Event = dict[str, Any]  # {"stream", "epoch", "seq", "name", "data"}


class UnknownEvent(Exception):
    """An event kind that this reducer was not taught."""


def apply(state: State, event: Event) -> State:
    """The state after `event`. Events at or before the stream's cursor change nothing."""
    stream, seq, name = event["stream"], event["seq"], event["name"]
    cursor = state["cursors"].get(stream)
    if cursor is None or seq <= cursor["seq"]:
        return state
    after = deepcopy(state)
    after["cursors"][stream] = {"epoch": event["epoch"], "seq": seq}
    if name not in REDUCERS:
        raise UnknownEvent(name)
    REDUCERS[name](after, stream, event["data"])
    return after


def _room(state: State, stream: str) -> dict[str, Any]:
    room_id = int(stream.removeprefix("room:"))
    return next(room for room in state["rooms"] if room["id"] == room_id)


def _message_created(state: State, stream: str, data: Any) -> None:
    room, message = _room(state, stream), data["message"]
    if message["number"] >= room["last_number"]:
        room["last_number"], room["last_message"] = message["number"], message
    if message["author"]["id"] == state["user"]["id"]:
        room["read_number"] = max(room["read_number"], message["number"])


def _message_edited(state: State, stream: str, data: Any) -> None:
    last = _room(state, stream)["last_message"]
    if last is not None and last["id"] == data["id"]:
        last |= {"text": data["text"], "edited_at": data["edited_at"]}


def _message_deleted(state: State, stream: str, data: Any) -> None:
    last = _room(state, stream)["last_message"]
    if last is not None and last["id"] == data["id"]:
        last |= {"text": "", "deleted": True}


def _member_joined(state: State, stream: str, data: Any) -> None:
    _room(state, stream)["member_count"] = data["member_count"]


def _member_left(state: State, stream: str, data: Any) -> None:
    _room(state, stream)["member_count"] = data["member_count"]


def _room_changed(state: State, stream: str, data: Any) -> None:
    role = "owner" if state["user"]["id"] in data["owners"] else "member"
    _room(state, stream).update(name=data["name"], topic=data["topic"], role=role)


def _room_added(state: State, stream: str, data: Any) -> None:
    room = data["room"]
    state["rooms"] = [one for one in state["rooms"] if one["id"] != room["id"]] + [room]
    state["cursors"][f"room:{room['id']}"] = data["cursor"]


def _room_removed(state: State, stream: str, data: Any) -> None:
    state["rooms"] = [one for one in state["rooms"] if one["id"] != data["room"]]
    state["cursors"].pop(f"room:{data['room']}", None)


def _room_read(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            room["read_number"] = max(room["read_number"], data["number"])


REDUCERS: dict[str, Callable[[State, str, Any], None]] = {
    "chat.message_created": _message_created,
    "chat.message_edited": _message_edited,
    "chat.message_deleted": _message_deleted,
    "chat.member_joined": _member_joined,
    "chat.member_left": _member_left,
    "chat.room_changed": _room_changed,
    "chat.room_added": _room_added,
    "chat.room_removed": _room_removed,
    "chat.room_read": _room_read,
}
