"""Every scenario of `make bench`, in the order of the table."""

from __future__ import annotations

from benchmarks.scenario import Scenario
from benchmarks.scenarios.broadcast import Broadcast
from benchmarks.scenarios.chat import Chat
from benchmarks.scenarios.fanout import FanOutAlone, FanOutFree
from benchmarks.scenarios.processes import Processes
from benchmarks.scenarios.reads import Reads
from benchmarks.scenarios.sockets import Connect, Idle, ReconnectStorm

SCENARIOS: list[Scenario] = [
    FanOutAlone(),
    FanOutFree(),
    Chat("sqlite"),
    Chat("postgres"),
    Idle(),
    ReconnectStorm(),
    Connect(),
    Broadcast(),
    Reads(),
    Processes(),
]
