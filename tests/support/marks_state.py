"""A client's view of marks, drafts and saved messages: the reducers that `chat_state` has for them.

And of lists that are asked for on their own: what is pinned in a room, what is sent later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]
NO_MARKS = {"reactions": [], "pinned": False, "ack": None, "poll": None}


def _last(state: State, stream: str, message_id: int) -> dict[str, Any]:
    """The room's last message, if it is this one; else something that nobody looks at."""
    room = next(room for room in state["rooms"] if stream == f"room:{room['id']}")
    last = room["last_message"]
    return last if last is not None and last["id"] == message_id and not last["deleted"] else {}


def _with_me(mark: dict[str, Any], me: int, *, mine: bool) -> dict[str, Any]:
    if not mine:
        return mark
    others = [user for user in mark["users"] if user != me]
    return mark | {"users": [me, *others][: len(mark["users"])]}


def _reactions_changed(state: State, stream: str, data: Any) -> None:
    me, changed = state["user"]["id"], data["reaction"]
    last = _last(state, stream, data["id"])
    before = last.get("reactions", [])
    known = next((one for one in before if one["emoji"] == changed["emoji"]), None)
    mine = data["added"] if data["user"] == me else known is not None and me in known["users"]
    changed = _with_me(changed, me, mine=mine)
    after = [changed if one is known else one for one in before] + ([] if known else [changed])
    last["reactions"] = [one for one in after if one["count"]]


def _message_pinned(state: State, stream: str, data: Any) -> None:
    _last(state, stream, data["pin"]["message"]["id"])["pinned"] = True


def _message_unpinned(state: State, stream: str, data: Any) -> None:
    _last(state, stream, data["id"])["pinned"] = False


def _ack_changed(state: State, stream: str, data: Any) -> None:
    me, last = state["user"]["id"], _last(state, stream, data["id"])
    mine = data["user"] == me or me in (last.get("ack") or {"users": []})["users"]
    last["ack"] = _with_me(data["ack"], me, mine=mine)


def _poll_changed(state: State, stream: str, data: Any) -> None:
    last = _last(state, stream, data["id"])
    last["poll"] = data["poll"] | {"mine": (last.get("poll") or {"mine": []})["mine"]}


def _poll_voted(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            last = _last(state, f"room:{room['id']}", data["id"])
            last.get("poll", {})["mine"] = data["options"]


def _saved_changed(state: State, stream: str, data: Any) -> None:
    others = {one for one in state["saved"] if one != data["message"]}
    state["saved"] = sorted(others | ({data["message"]} if data["saved"] else set()))


def _draft_changed(state: State, stream: str, data: Any) -> None:
    draft = data["draft"]
    place = draft["room"], draft["thread"]
    others = [one for one in state["drafts"] if (one["room"], one["thread"]) != place]
    state["drafts"] = others + ([draft] if draft["text"] or draft["files"] else [])


def _room_unread(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"] and data["unread_version"] >= room["unread_version"]:
            if room["read_number"] <= data["unread_as_of"]:
                room["read_number"], room["read_hidden"] = data["number"], data["hidden"]
            mentioned = {*data["mentioned"], *room["mentioned"]}
            room["mentioned"] = sorted(one for one in mentioned if one > room["read_number"])
            room |= {name: data[name] for name in ("unread_version", "unread_as_of")}


def _elsewhere(state: State, stream: str, data: Any) -> None:
    """What no snapshot has."""


REDUCERS: dict[str, Callable[[State, str, Any], None]] = {
    "chat.reactions_changed": _reactions_changed,
    "chat.message_pinned": _message_pinned,
    "chat.message_unpinned": _message_unpinned,
    "chat.ack_changed": _ack_changed,
    "chat.poll_changed": _poll_changed,
    "chat.poll_voted": _poll_voted,
    "chat.saved_changed": _saved_changed,
    "chat.draft_changed": _draft_changed,
    "chat.room_unread": _room_unread,
    "chat.schedule_changed": _elsewhere,
    "chat.schedule_ended": _elsewhere,
}


def apply_to_list(items: list[Any], name: str, data: Any) -> list[Any]:
    """What is pinned in a room, or sent later, after an event."""
    match name:
        case "chat.message_pinned":
            pin = data["pin"]
            return [pin, *(one for one in items if one["message"]["id"] != pin["message"]["id"])]
        case "chat.message_unpinned" | "chat.message_deleted":
            return [one for one in items if one["message"]["id"] != data["id"]]
        case "chat.message_edited":
            words = {key: data[key] for key in ("text", "html", "mentions", "edited_at")}
            return [
                one | {"message": one["message"] | words} if one["message"]["id"] == data["id"] else one
                for one in items
            ]
        case "chat.schedule_changed":
            changed = data["scheduled"]
            others = [one for one in items if one["id"] != changed["id"]]
            return sorted([*others, changed], key=lambda one: (one["send_at"], one["id"]))
        case "chat.schedule_ended":
            return [one for one in items if one["id"] != data["id"]]
    return items
