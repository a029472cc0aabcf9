"""Every scenario of `make bench`, in the order of the table."""

from __future__ import annotations

from benchmarks.scenario import Scenario
from benchmarks.scenarios.chat import Chat
from benchmarks.scenarios.fanout import FanOutAlone, FanOutFree
from benchmarks.scenarios.sockets import Connect, Idle

SCENARIOS: list[Scenario] = [
    FanOutAlone(),
    FanOutFree(),
    Chat("sqlite"),
    Chat("postgres"),
    Idle(),
    Connect(),
]
