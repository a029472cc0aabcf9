"""One room of 1,000: how many deliveries a second until p99 is above 250 ms or something is lost."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.scenario import Bar, Bench, Row, slower_than
from benchmarks.subjects import Subject, Wanted

MAX_P99_MS = 250.0
TUTORIALS = (
    "tutorial-daphne-core",
    "tutorial-daphne-pubsub",
    "tutorial-uvicorn-core",
    "tutorial-uvicorn-pubsub",
)
START_OF_OTHERS = 2.0
CONNECTIONS, CONNECTIONS_QUICK = 1_000, 50


class FanOut:
    """Both variants; for peers they are the same."""

    environment: Mapping[str, str] = {}
    # Messages a second at which the search begins; each is delivered 1,000 times.
    starts: Mapping[str, float] = {}

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        connections = CONNECTIONS_QUICK if bench.quick else CONNECTIONS
        wanted = Wanted(connections, rooms=1, environment=self.environment)
        with subject.serve(wanted) as served:
            found = bench.search(
                served,
                lambda rate: served.load(
                    wanted,
                    rate=rate,
                    warmup_s=0.2 if bench.quick else 1.0,
                    duration_s=0.5 if bench.quick else 3.0,
                    drain_s=2.0,
                    connect_concurrency=40,
                    spin=True,
                ),
                start=20.0 if bench.quick else self.starts.get(subject.name, START_OF_OTHERS),
                fails=slower_than(MAX_P99_MS),
            )
        if found is None:
            return {"deliveries_per_s": 0.0}
        rate, result = found
        return {
            "deliveries_per_s": result.deliveries_per_s,
            "rate": rate,
            "p99_ms": result.latency_ms.p99,
            "server_util": result.server.cpu_util,
        }


class FanOutAlone(FanOut):
    name = "fanout-alone"
    sentence = (
        "One room of 1,000 sockets, each event a write of its own, until p99 > 250 ms or anything is lost."
    )
    subjects = ("ours", "c-send", "socketio", *TUTORIALS, "python-socketio")
    peers_of = ""
    environment = {"REALTIME_WRITE_SHARING_MS": "0"}
    starts = {"ours": 70.0, "c-send": 110.0, "socketio": 45.0}
    rows = (
        Row(
            "deliveries_per_s",
            "fan-out, each event alone",
            "deliveries/s",
            [Bar("at least 60 % of C with one send() each", least=0.6, of="c-send")],
        ),
    )


class FanOutFree(FanOut):
    name = "fanout-free"
    sentence = "The same, and events for one socket may share a write."
    subjects = ("ours", "c-join")
    peers_of = "fanout-alone"
    starts = {"ours": 1_200.0, "c-join": 1_500.0}
    rows = (
        Row(
            "deliveries_per_s",
            "fan-out, free",
            "deliveries/s",
            [Bar("at least 500,000", least=500_000), Bar("at least 5 x Socket.IO", least=5.0, of="socketio")],
        ),
    )
