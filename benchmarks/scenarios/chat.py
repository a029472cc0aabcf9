"""100 rooms of 10: how many messages a second, each stored, numbered, idempotent, acknowledged and delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.load import Load, Result
from benchmarks.machine import settle
from benchmarks.scenario import Bar, Bench, Row, slower_than
from benchmarks.scenarios.fanout import TUTORIALS
from benchmarks.subjects import Served, Subject, Wanted

MAX_P99_MS = 100.0
START = {"ours": 1_500.0, "c-send": 8_000.0, "socketio": 1_500.0, "python-socketio": 300.0}
START_OF_OTHERS = 120.0


class Chat:
    def __init__(self, database: str) -> None:
        title = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database]
        self.name = f"chat-{database}"
        self.sentence = (
            f"100 rooms of 10 on {title}, every message stored, idempotent, acknowledged, through Redis, p99 < 100 ms; "
            "then the latency at half of that rate. The peers store nothing."
        )
        self.peers_of = "" if database == "sqlite" else "chat-sqlite"
        self.subjects = (
            ("ours", "c-send", "socketio", *TUTORIALS, "python-socketio")
            if database == "sqlite"
            else ("ours",)
        )
        self.rows = (
            Row(
                "messages_per_s",
                f"chat on {title}",
                "messages/s",
                [
                    Bar("at least 2,500", least=2_500),
                    Bar("at least 10 x the tutorial on Daphne", least=10.0, of="tutorial-daphne-core"),
                    Bar("aim: Socket.IO", least=1.0, of="socketio"),
                ],
            ),
            Row(
                "half_p50_ms",
                f"half of that rate on {title}, p50",
                "ms",
                [Bar("below 5 ms", most=5.0)],
                higher_is_better=False,
            ),
            Row(
                "half_p99_ms",
                f"half of that rate on {title}, p99",
                "ms",
                [Bar("below 25 ms", most=25.0)],
                higher_is_better=False,
            ),
        )
        self._database = database

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        rooms = 5 if bench.quick else 100
        wanted = Wanted(10 * rooms, rooms, database=self._database)
        with subject.serve(wanted) as served:

            def load_at(rate: float, *, duration_s: float = 3.0) -> Load:
                return served.load(
                    wanted,
                    rate=rate,
                    warmup_s=0.2 if bench.quick else 1.0,
                    duration_s=0.5 if bench.quick else duration_s,
                    drain_s=2.0,
                    connect_concurrency=40,
                )

            found = bench.search(
                served,
                load_at,
                start=50.0 if bench.quick else START.get(subject.name, START_OF_OTHERS),
                fails=_judge(served),
            )
            if found is None:
                return {"messages_per_s": 0.0}
            rate, result = found
            half, _ = bench.step(served, load_at(rate / 2, duration_s=6.0), fails=_judge(served))
        return {
            "messages_per_s": result.messages_per_s,
            "rate": rate,
            "p99_ms": result.latency_ms.p99,
            "half_p50_ms": half.latency_ms.p50,
            "half_p99_ms": half.latency_ms.p99,
            "server_util": result.server.cpu_util,
        }


def _judge(served: Served) -> Callable[[Result], str]:
    """Ours has to have acknowledged and stored every message besides."""
    slow = slower_than(MAX_P99_MS)
    world = served.world
    if world is None:
        return slow
    before = world.count("chat_message")

    def fails(result: Result) -> str:
        nonlocal before
        settle(served.server_pids)
        stored = world.count("chat_message") - before
        before += stored
        if result.acknowledged != result.sent or stored != result.sent:
            return f"{result.sent} sent, {result.acknowledged} acknowledged, {stored} stored"
        return slow(result)

    return fails
