"""The presence of one stream, as one process knows it. Pure: no clock, no network.

Only what changed is ever looked at, so that a change costs the same in a room of ten and of ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from realtime.presence.messages import Mode, Online, PresenceChanged

# Of several processes that see somebody, the highest counts: one active device makes a person active.
_RANK: dict[Mode, int] = {"idle": 1, "online": 2, "dnd": 3}
# Names come back only well below the number at which they went, or a room at the limit would flicker.
_LISTED_AGAIN = 0.8


class Announcement(NamedTuple):
    """A difference for the other processes."""

    version: int
    here: dict[int, Mode]
    gone: list[int]


@dataclass(slots=True)
class StreamPresence:
    sockets: Counter[int] = field(default_factory=Counter)  # of our users, that follow the stream
    here: dict[int, Mode] = field(default_factory=dict)  # our users, but for the invisible
    announced: dict[int, Mode] = field(default_factory=dict)
    version: int = 0
    remote: dict[str, tuple[int, dict[int, Mode]]] = field(default_factory=dict)
    watchers: dict[Any, None] = field(default_factory=dict)
    shown: dict[int, Mode] = field(default_factory=dict)  # to the watchers; empty while there are none
    listed: bool = True
    # Shown although they are gone, until then (a monotonic clock's seconds): most come back at once.
    leaving: dict[int, float] = field(default_factory=dict)
    # Whose mode may have changed since it was announced or shown.
    unannounced: set[int] = field(default_factory=set)
    unshown: set[int] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not (self.sockets or self.announced or self.watchers)

    # ---- our own users

    def enter(self, user_id: int, mode: Mode | None) -> None:
        """One more socket of theirs follows the stream."""
        self.sockets[user_id] += 1
        self.set_mode(user_id, mode)

    def leave(self, user_id: int) -> None:
        """One socket less."""
        if self.sockets[user_id] > 1:
            self.sockets[user_id] -= 1
        else:
            del self.sockets[user_id]
            self.set_mode(user_id, None)

    def set_mode(self, user_id: int, mode: Mode | None) -> None:
        """How others see a user of ours; None: not at all."""
        if self.here.get(user_id) == mode:
            return
        if mode is None:
            del self.here[user_id]
        else:
            self.here[user_id] = mode
        self.unannounced.add(user_id)
        self.unshown.add(user_id)

    def announcement(self) -> Announcement | None:
        """What the others do not know yet; None where they know all."""
        here: dict[int, Mode] = {}
        gone = []
        for user_id in self.unannounced:
            mode = self.here.get(user_id)
            if mode is None:
                if self.announced.pop(user_id, None) is not None:
                    gone.append(user_id)
            elif self.announced.get(user_id) != mode:
                self.announced[user_id] = here[user_id] = mode
        self.unannounced.clear()
        if not here and not gone:
            return None
        self.version += 1
        return Announcement(self.version, here, gone)

    # ---- users of other processes

    def hear_state(self, process: str, version: int, users: dict[int, Mode]) -> None:
        """All of another process' users."""
        _, before = self.remote.get(process, (0, {}))
        self.remote[process] = (version, users)
        self.unshown.update(before, users)

    def hear_difference(
        self, process: str, version: int, here: Mapping[int, Mode], gone: Collection[int]
    ) -> bool:
        """False where something before it was missed: then ask for the state."""
        before, users = self.remote.get(process, (0, {}))
        if version != before + 1:
            return False
        users.update(here)
        for user_id in gone:
            users.pop(user_id, None)
        self.remote[process] = (version, users)
        self.unshown.update(here, gone)
        return True

    def forget(self, process: str) -> bool:
        """Another process is gone; whether we knew anything of it."""
        known = self.remote.pop(process, None)
        if known is not None:
            self.unshown.update(known[1])
        return known is not None

    # ---- what watchers see

    def begin(self, limit: int) -> None:
        """The first watcher comes: what is shown is what is known."""
        self.shown = dict(self.here)
        for _, users in self.remote.values():
            for user_id in users:
                self._show_mode(user_id)
        self.unshown.clear()
        self.leaving.clear()
        self.listed = len(self.shown) <= limit

    def end(self) -> None:
        """The last watcher went."""
        self.shown.clear()
        self.leaving.clear()
        self.unshown.clear()

    def now(self) -> Online:
        """What a new watcher is told."""
        if not self.listed:
            return Online([], [], [], len(self.shown), False)
        by_mode = _by_mode(self.shown)
        return Online(by_mode["online"], by_mode["idle"], by_mode["dnd"], len(self.shown), True)

    def change(self, now_s: float, *, linger_s: float, limit: int) -> PresenceChanged | None:
        """What the watchers do not know yet; None where they know all. Who is gone is shown for `linger_s` more."""
        before, changed, offline = len(self.shown), {}, []
        overdue = {user_id for user_id, until_s in self.leaving.items() if until_s <= now_s}
        for user_id in self.unshown | overdue:
            shown, mode = self.shown.get(user_id), self._mode(user_id)
            if mode is not None:
                self.leaving.pop(user_id, None)
                if mode != shown:
                    self.shown[user_id] = changed[user_id] = mode
            elif shown is not None and self.leaving.setdefault(user_id, now_s + linger_s) <= now_s:
                del self.shown[user_id], self.leaving[user_id]
                offline.append(user_id)
        self.unshown.clear()
        was_listed = self.listed
        self.listed = len(self.shown) <= (limit if was_listed else limit * _LISTED_AGAIN)
        if not self.listed:
            same = not was_listed and len(self.shown) == before
            return None if same else PresenceChanged([], [], [], [], len(self.shown), False, was_listed)
        whole = not was_listed
        if whole:
            changed, offline = self.shown, []
        elif not changed and not offline:
            return None
        by_mode = _by_mode(changed)
        return PresenceChanged(
            online=by_mode["online"],
            offline=sorted(offline),
            idle=by_mode["idle"],
            dnd=by_mode["dnd"],
            count=len(self.shown),
            listed=True,
            whole=whole,
        )

    def _show_mode(self, user_id: int) -> None:
        mode = self._mode(user_id)
        if mode is not None:
            self.shown[user_id] = mode

    def _mode(self, user_id: int) -> Mode | None:
        """As all processes together see the user."""
        seen = [users.get(user_id) for _, users in self.remote.values()]
        return max(
            (mode for mode in (self.here.get(user_id), *seen) if mode), key=_RANK.__getitem__, default=None
        )


def _by_mode(users: Mapping[int, Mode]) -> dict[Mode, list[int]]:
    found: dict[Mode, list[int]] = {"online": [], "idle": [], "dnd": []}
    for user_id in sorted(users):
        found[users[user_id]].append(user_id)
    return found
