"""The load generator: what to send (`Load`), what came of it (`Result`), and `run`.

The generator itself is one C program beside this file, one thread on epoll, because it has to outrun every server that
it measures. It is compiled on first use into `.cache/`, and speaks JSON: a plan on stdin, a result on stdout.
"""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from benchmarks.load.build import program

SLACK_S = 60.0


class LoadFailed(Exception):
    """The generator could not run the plan; the sentence says why."""


class Subscribers(Struct, frozen=True, tag="subscribers", tag_field="kind"):
    """The connections that receive also publish, in turn, each to its own room."""


class Separate(Struct, frozen=True, tag="separate", tag_field="kind"):
    """Connections of their own publish, in turn, to one room after the other. What they receive is not counted.

    They are numbered on from the last subscriber, and take their tokens so.
    """

    connections: int
    path: str = ""  # empty: that of the subscribers
    init: list[str] = []
    ready: str = ""


class Load(Struct, frozen=True, kw_only=True):
    """A plan. Paths, headers, `init`, `message` and replies are templates.

    Tokens of templates: `{i}` connection, `{room}`, `{token}`, `{run}` (8 hex digits, random per run), `{pad}`.
    In `resume` also `{seq_seen}` and `{epoch_seen}`; in `message` also `{seq}` (counts the messages of the run from 0),
    `{call_id}` (unique per connection) and `{mark}`, by which a delivery is recognised: it has to reach the receivers
    unchanged, and is 18 characters that JSON, URLs and HTML leave alone. A frame with a mark is a delivery and
    nothing else, whatever else it holds.
    """

    ports: list[int]  # on 127.0.0.1; connection i uses port i modulo their number
    connections: int
    path: str = "/"
    rooms: int = 1  # connection i is in room i modulo rooms
    first_room: int = 0  # what `{room}` counts from
    tokens: list[str] | Path = []  # or a file with one a line; connection i has number i modulo their number
    headers: dict[str, str] = {}
    framing: Literal["plain", "engineio"] = "plain"  # engineio: Socket.IO 4 over WebSocket
    init: list[str] = []  # text frames sent after the handshake
    resume: list[str] = []  # instead of `init` when a storm's connection comes back; empty: `init`
    ready: str = ""  # part of the frame that makes a connection ready; empty: the handshake's answer does
    message: str = ""
    pad: int = 0  # `{pad}` is this many letters
    rate: float = 0.0  # messages a second in an open loop: latency counts from when a message was due
    warmup_s: float = 1.0
    duration_s: float = 5.0
    drain_s: float = 5.0  # how long to wait for the last deliveries, or for a storm to catch up
    connect_concurrency: int = 100  # handshakes in flight
    connect_rate: float = 0.0  # handshakes begun a second; 0: as fast as they are answered
    connect_timeout_s: float = 10.0  # for one handshake, until ready
    mode: Literal["publish", "idle", "connect", "storm"] = "publish"
    hold_s: float = 10.0  # how long to watch idle connections; a storm without `ack`: how long to stay away
    missed: int = 20  # messages to each room while the connections of a storm are away
    cut: Literal["reset", "close"] = "reset"  # how a storm begins
    retry_s: float = 1.0  # mean pause before a storm's connection tries again
    answers: list[tuple[str, str]] = []  # a text frame that begins with the first is answered with the second
    ack: str = (
        ""  # part of the frame that acknowledges; with `{call_id}` in it each message's own, and its latency
    )
    errors: str = ""  # part of a frame that refuses a message
    server_pids: list[int] = []  # CPU and memory are theirs and their descendants'
    beside_pids: list[int] = []  # the same for Redis, a database, ...
    self_delivery: bool = True  # whether the sender gets a copy
    # Never sleep while deliveries are on their way: as with receivers on other machines, the server then does not pay
    # for waking one up at each send().
    spin: bool = False
    publisher: Subscribers | Separate = field(default_factory=Subscribers)


class Quantiles(Struct, frozen=True):
    """In milliseconds, to less than 1 %; the maximum is exact. All 0 where nothing was counted."""

    count: int
    p50: float
    p90: float
    p99: float
    p999: float
    max: float


class Usage(Struct, frozen=True):
    """Of a group of processes and their descendants, while measuring."""

    cpu_s: float
    cpu_util: float  # 1.0 is one core
    rss_mb: float
    rss_before_mb: float  # before the first connection
    kb_per_connection: (
        float  # from before the first connection to the last one ready; the kernel's buffers not counted
    )
    cpu_us_per_delivery: float


class Connect(Struct, frozen=True):
    """Opening: from the first `connect()` to the frame that makes a connection ready."""

    ok: int
    failed: int
    seconds: float
    per_s: float
    latency_ms: Quantiles


class Storm(Struct, frozen=True):
    """Coming back, counted from the moment at which all began to reconnect."""

    back: int  # connections that are ready again
    caught_up: int  # connections that have seen every message they missed
    attempts: int
    failed: int  # attempts that were refused or timed out, and were tried again
    back_s: float  # until the last one was ready again
    caught_up_s: float  # until the last one had caught up
    back_ms: Quantiles
    caught_up_ms: Quantiles


class Result(Struct, frozen=True):
    """What came of a plan. Messages and deliveries are counted over the whole run, times after the warm-up."""

    sent: int
    unsent: int  # due, but the sender was gone or took nothing more; expected, hence lost
    expected: int  # deliveries: one for each message and connection in its room that was ready
    delivered: int
    lost: int
    duplicates: int
    reordered: int  # deliveries that came after a later message of the same sender
    wrong_room: int
    acknowledged: int
    errors: int
    first_error: str
    closed: int  # ready connections that ended unasked
    first_failure: str  # why a connection failed or ended
    latency_ms: Quantiles  # from when a message was due to each receiver
    ack_latency_ms: Quantiles
    first_quarter_p50: float  # latency in ms; that of the last quarter is far larger if a backlog grows
    last_quarter_p50: float
    deliveries_per_s: float
    messages_per_s: float
    send_lag_ms: Quantiles  # how late the generator itself was
    generator_util: float  # near 1: the generator is the limit, and latency not to be trusted
    foreign_cpu_s: float  # used by processes that are none of ours while measuring
    measured_s: float
    frames: int
    reads: int
    server: Usage
    beside: Usage
    connect: Connect
    storm: Storm | None = None

    @property
    def clean(self) -> bool:
        """Everything arrived once, in order, where it should, and nothing failed."""
        return not (
            self.lost
            or self.duplicates
            or self.reordered
            or self.wrong_room
            or self.errors
            or self.closed
            or self.connect.failed
        )


def run(load: Load, core: int | None = None) -> Result:
    """Carry out a plan, on one core if given. Raises LoadFailed with a sentence for a plan that can't be run."""
    plan = msgspec.to_builtins(load, builtin_types=(), enc_hook=str)
    try:
        done = subprocess.run(
            [program()],
            input=msgspec.json.encode({**plan, "core": core}),
            capture_output=True,
            timeout=_bound_s(load),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LoadFailed(f"The load generator took longer than {_bound_s(load):.0f} s.") from None
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise LoadFailed(message or f"The load generator ended with {done.returncode}.")
    return msgspec.json.decode(done.stdout, type=Result)


def _bound_s(load: Load) -> float:
    """No plan takes longer: each wave of handshakes, then the phases."""
    waves = math.ceil(load.connections / max(load.connect_concurrency, 1))
    paced = load.connections / load.connect_rate if load.connect_rate else 0.0
    phases = load.warmup_s + load.duration_s + load.drain_s + load.hold_s
    if load.mode == "storm" and load.rate:
        phases += load.missed * load.rooms / load.rate
    return 2 * (waves * load.connect_timeout_s + paced) + phases + SLACK_S
