"""Two channels that only tests use: they note what they are given, and answer what a test tells them to.

`recorder` has everybody at one address; `letters` tells digests as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from notifications.channels import Address, Message, Outcome, Sent, channel, known_channel
from notifications.digests.message import DigestMessage

Answer = Outcome | Callable[[Address, Any], Outcome]


class _Recorder:
    name: str
    label: str
    digests: bool

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As at the start: nothing noted, everybody at one address, and everything is taken."""
        self.taken: list[tuple[str, Message]] = []
        self.answers: deque[Answer] = deque()
        self.places: dict[int, Sequence[str]] = {}

    def addresses_of(self, user_ids: Collection[int]) -> Mapping[int, Sequence[Address]]:
        keys = {user_id: self.places.get(user_id, [f"home of {user_id}"]) for user_id in user_ids}
        return {user_id: [Address(key, key) for key in some] for user_id, some in keys.items() if some}

    def send(self, address: Address, message: Message) -> Outcome:
        answer = self.answers.popleft() if self.answers else Sent()
        self.taken.append((address.key, message))
        return answer if isinstance(answer, Outcome) else answer(address, message)


@channel("recorder", label="Recorder")
class Recorder(_Recorder): ...


@channel("letters", label="Letters", digests=True)
class Letters(_Recorder):
    def forget(self) -> None:
        super().forget()
        self.digests_taken: list[DigestMessage] = []

    def send_digest(self, address: Address, message: DigestMessage) -> Outcome:
        answer = self.answers.popleft() if self.answers else Sent()
        self.digests_taken.append(message)
        return answer if isinstance(answer, Outcome) else answer(address, message)


def recorder(name: str = "recorder") -> _Recorder:
    """The registered one, as at the start."""
    found = known_channel(name)
    assert isinstance(found, _Recorder)
    found.forget()
    return found
