"""A client's view of chat as a pure function: a snapshot, and the events that follow it.

The state is what `GET /api/snapshot` answers, as plain JSON. `apply` never changes its argument.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from chat.richtext.rendering import plain
from tests.support import marks_state

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


QUOTED_CHARS = 300


def _room(state: State, stream: str) -> dict[str, Any]:
    room_id = int(stream.removeprefix("room:"))
    return next(room for room in state["rooms"] if room["id"] == room_id)


def _message_created(state: State, stream: str, data: Any) -> None:
    room, message = _room(state, stream), data["message"]
    only_in_thread = _only_in_thread(message)
    if message["number"] >= room["last_number"]:
        room["last_number"], room["hidden"] = message["number"], message["hidden"]
        if only_in_thread is None:
            room["last_message"] = message
    if message["root"] is not None:
        _reply(state, message)
    if only_in_thread is not None:
        return
    if message["author"]["id"] == state["user"]["id"] and message["number"] > room["unread_as_of"]:
        _read_up_to(room, message["number"], message["hidden"])
    if _means_me(state, message["mentions"], message["author"]["id"]):
        _mention(room, message["number"])


def _message_edited(state: State, stream: str, data: Any) -> None:
    room = _room(state, stream)
    last = room["last_message"]
    if last is not None and last["id"] == data["id"]:
        last |= {name: data[name] for name in ("text", "html", "mentions", "edited_at")}
    _quoted(room, data["id"], {"text": plain(data["text"])[:QUOTED_CHARS]})
    unsure = any(one["kind"] in ("here", "group") and not one["refused"] for one in data["mentions"])
    for thread in _mention_counts(state, room, data["only_in_thread"]):
        if _means_me(state, data["mentions"], data["author"]):
            _mention(thread, data["number"])
        elif not unsure:
            thread["mentioned"] = [number for number in thread["mentioned"] if number != data["number"]]


def _message_deleted(state: State, stream: str, data: Any) -> None:
    room = _room(state, stream)
    last = room["last_message"]
    if last is not None and last["id"] == data["id"]:
        last |= {"text": "", "html": "", "mentions": [], "files": [], "previews": [], "deleted": True}
        last |= marks_state.NO_MARKS
    _quoted(room, data["id"], {"text": "", "deleted": True})
    threads = [thread for thread in state["threads"] if thread["room"] == room["id"]]
    for thread in threads:
        thread["unread"] = [number for number in thread["unread"] if number != data["number"]]
    for one in (room, *threads):
        one["mentioned"] = [number for number in one["mentioned"] if number != data["number"]]


def _message_restored(state: State, stream: str, data: Any) -> None:
    room, message = _room(state, stream), data["message"]
    last = room["last_message"]
    if last is not None and last["id"] == message["id"]:
        room["last_message"] = message | {"thread": _newer(last["thread"], message["thread"])}
    _quoted(room, message["id"], {"text": plain(message["text"])[:QUOTED_CHARS], "deleted": False})
    if message["root"] is not None:
        _reply(state, message)
    if _only_in_thread(message) is None and _means_me(state, message["mentions"], message["author"]["id"]):
        _mention(room, message["number"])


def _quoted(room: dict[str, Any], message_id: int, now: dict[str, Any]) -> None:
    """What is shown of a quoted message follows it."""
    last = room["last_message"]
    if last is not None and last["quote"] is not None and last["quote"]["id"] == message_id:
        last["quote"] |= now


def _only_in_thread(message: dict[str, Any]) -> int | None:
    return None if message["also_in_room"] else message["root"]


def _thread(state: State, root: int, room: int) -> dict[str, Any]:
    """What is known of a thread, followed or not: that the user follows it may be heard after its replies."""
    for thread in state["threads"]:
        if thread["root"] == root:
            return thread  # type: ignore[no-any-return]
    thread = {"root": root, "room": room, "read_number": 0, "unread": [], "mentioned": [], "unknown": True}
    state["threads"].append(thread)
    return thread


def _reply(state: State, message: dict[str, Any]) -> None:
    thread, number = _thread(state, message["root"], message["room"]), message["number"]
    if message["author"]["id"] == state["user"]["id"]:
        _read_thread_up_to(thread, number)
    elif number > thread["read_number"]:
        thread["unread"] = sorted({*thread["unread"], number})
        if _only_in_thread(message) is not None and _means_me(
            state, message["mentions"], message["author"]["id"]
        ):
            _mention(thread, number)


def _read_thread_up_to(thread: dict[str, Any], number: int) -> None:
    thread["read_number"] = max(thread["read_number"], number)
    for kind in ("unread", "mentioned"):
        thread[kind] = [one for one in thread[kind] if one > thread["read_number"]]


def _mention_counts(state: State, room: dict[str, Any], only_in_thread: int | None) -> list[dict[str, Any]]:
    """Where a mention is counted: in the room, or in the thread that alone shows it."""
    return [room] if only_in_thread is None else [_thread(state, only_in_thread, room["id"])]


def _thread_changed(state: State, stream: str, data: Any) -> None:
    last = _room(state, stream)["last_message"]
    if last is not None and last["id"] == data["root"]:
        last["thread"] = _newer(last["thread"], data["thread"])


def _newer(one: Any, other: Any) -> Any:
    """Of two accounts of a thread."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda info: info["version"])


def _thread_followed(state: State, stream: str, data: Any) -> None:
    followed = data["thread"]
    known = _thread(state, followed["root"], followed["room"])
    numbers = {kind: {*known[kind], *followed[kind]} for kind in ("unread", "mentioned")}
    read_number = max(known["read_number"], followed["read_number"])
    known |= followed | {kind: sorted(some) for kind, some in numbers.items()}
    known.pop("unknown", None)
    _read_thread_up_to(known, read_number)


def _thread_unfollowed(state: State, stream: str, data: Any) -> None:
    for thread in state["threads"]:
        if thread["root"] == data["root"]:
            thread["unknown"] = True


def _thread_read(state: State, stream: str, data: Any) -> None:
    _read_thread_up_to(_thread(state, data["root"], data["room"]), data["number"])


def _files_changed(state: State, stream: str, data: Any) -> None:
    last = _room(state, stream)["last_message"]
    if last is not None and last["id"] == data["id"]:
        last["files"] = data["files"]


def _previews_changed(state: State, stream: str, data: Any) -> None:
    last = _room(state, stream)["last_message"]
    if last is not None and last["id"] == data["id"]:
        last["previews"] = data["previews"]


def _room_previews_changed(state: State, stream: str, data: Any) -> None:
    _room(state, stream)["link_previews"] = data["link_previews"]


def _means_me(state: State, mentions: list[Any], author: int) -> bool:
    """@here and groups mean whom the server says: an event of its own. Who is blocked mentions nobody."""
    me = state["user"]["id"]
    return author not in state["blocked"] and any(
        (one["kind"] == "room" or one["user"] == me) and not one["refused"] for one in mentions
    )


def _mention(room: dict[str, Any], number: int) -> None:
    if number > room["read_number"]:
        room["mentioned"] = sorted({*room["mentioned"], number})


def _mentioned(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            for one in _mention_counts(state, room, data["only_in_thread"]):
                _mention(one, data["number"])


def _read_up_to(room: dict[str, Any], number: int, hidden: int) -> None:
    if number > room["read_number"]:
        room["read_number"], room["read_hidden"] = number, hidden
    room["mentioned"] = [one for one in room["mentioned"] if one > room["read_number"]]


def _member_joined(state: State, stream: str, data: Any) -> None:
    _room(state, stream)["member_count"] = data["member_count"]


def _member_left(state: State, stream: str, data: Any) -> None:
    _room(state, stream)["member_count"] = data["member_count"]


def _room_changed(state: State, stream: str, data: Any) -> None:
    room = _room(state, stream)
    if state["user"]["id"] in data["owners"]:
        room["role"] = "owner"
    elif room["role"] == "owner":
        room["role"] = "member"
    same = ("kind", "name", "topic", "description", "archived", "mention_all")
    room.update({name: data[name] for name in same})


def _role_changed(state: State, stream: str, data: Any) -> None:
    if data["user"] == state["user"]["id"]:
        _room(state, stream)["role"] = data["role"]


def _rules_changed(state: State, stream: str, data: Any) -> None:
    _room(state, stream).update(data)


def _messages_trimmed(state: State, stream: str, data: Any) -> None:
    room = _room(state, stream)
    last = room["last_message"]
    if last is not None and last["number"] <= data["up_to"]:
        room["last_message"] = None
    _read_up_to(room, data["up_to"], data["hidden"])


def _person_changed(state: State, stream: str, data: Any) -> None:
    room, person = _room(state, stream), data["person"]
    last = room["last_message"]
    if last is not None and last["author"]["id"] == person["id"]:
        last["author"] = person
    if state["user"]["id"] == person["id"]:
        state["user"] |= {name: person[name] for name in ("username", "display_name")}
    room["members"] = [person if one["id"] == person["id"] else one for one in room["members"]]


def _muted(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            room.update(muted=data["muted"], muted_until=data["until"], mute_reason=data["reason"])


def _barred(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            room["barred"] = data["barred"]


def _block_changed(state: State, stream: str, data: Any) -> None:
    others = [one for one in state["blocked"] if one != data["user"]]
    state["blocked"] = sorted([*others, data["user"]] if data["blocked"] else others)
    numbers = {one["room"]: one["numbers"] for one in data["mentions"]}
    for room in state["rooms"]:
        for number in numbers.get(room["id"], []):
            if data["blocked"]:
                room["mentioned"] = [one for one in room["mentioned"] if one != number]
            else:
                _mention(room, number)


def _room_added(state: State, stream: str, data: Any) -> None:
    room = data["room"]
    state["rooms"] = [one for one in state["rooms"] if one["id"] != room["id"]] + [room]
    state["cursors"][f"room:{room['id']}"] = data["cursor"]


def _room_removed(state: State, stream: str, data: Any) -> None:
    state["rooms"] = [one for one in state["rooms"] if one["id"] != data["room"]]
    state["threads"] = [one for one in state["threads"] if one["room"] != data["room"]]
    state["cursors"].pop(f"room:{data['room']}", None)
    state["drafts"] = [draft for draft in state["drafts"] if draft["room"] != data["room"]]


def _favourites_changed(state: State, stream: str, data: Any) -> None:
    positions = {one["room"]: one["position"] for one in data["favourites"]}
    for room in state["rooms"]:
        room["position"] = positions.get(room["id"], 0)
        room["favourite"] = room["position"] > 0


def _keywords_changed(state: State, stream: str, data: Any) -> None:
    """A snapshot does not have them."""


def _room_read(state: State, stream: str, data: Any) -> None:
    for room in state["rooms"]:
        if room["id"] == data["room"]:
            _read_up_to(room, data["number"], data["hidden"])


def _own_status_changed(state: State, stream: str, data: Any) -> None:
    state["status"] = data["own"]


REDUCERS: dict[str, Callable[[State, str, Any], None]] = {
    "chat.message_created": _message_created,
    "chat.message_edited": _message_edited,
    "chat.message_deleted": _message_deleted,
    "chat.message_restored": _message_restored,
    "chat.files_changed": _files_changed,
    "chat.previews_changed": _previews_changed,
    "chat.room_previews_changed": _room_previews_changed,
    "chat.mentioned": _mentioned,
    "chat.member_joined": _member_joined,
    "chat.member_left": _member_left,
    "chat.room_changed": _room_changed,
    "chat.room_added": _room_added,
    "chat.room_removed": _room_removed,
    "chat.room_read": _room_read,
    "chat.favourites_changed": _favourites_changed,
    "chat.keywords_changed": _keywords_changed,
    "chat.role_changed": _role_changed,
    "chat.rules_changed": _rules_changed,
    "chat.messages_trimmed": _messages_trimmed,
    "chat.person_changed": _person_changed,
    "chat.muted": _muted,
    "chat.barred": _barred,
    "chat.block_changed": _block_changed,
    **marks_state.REDUCERS,
    "chat.own_status_changed": _own_status_changed,
    "chat.thread_changed": _thread_changed,
    "chat.thread_followed": _thread_followed,
    "chat.thread_unfollowed": _thread_unfollowed,
    "chat.thread_read": _thread_read,
}
