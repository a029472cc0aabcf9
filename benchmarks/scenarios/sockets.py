"""Sockets by the thousand: what an idle one costs, how fast they connect, and how they come back all at once."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.load import Result, Separate
from benchmarks.scenario import Bar, Bench, Row, unclean
from benchmarks.subjects import Subject, Wanted, hello, stream_at_head

# The generator follows the cursor of the first.
FIVE_STREAMS = ("room:1{room}", "room:2{room}", "room:3{room}", "user:1{i}", "audience:all")
ROOM_SIZE = 10
SOCKETS = 10_000
SERIES = (1_000, 2_500, 5_000)
# As many handshakes at once as fit into the queue of a Daphne that listens with its defaults.
CONCURRENCY = 40


def _five_streams(connections: int) -> Wanted:
    return Wanted(connections, rooms=connections // ROOM_SIZE, families=3, streams=FIVE_STREAMS)


class Idle:
    name = "idle"
    sentence = (
        "10,000 sockets, ours authenticated and each on 5 streams: memory and CPU of the process while nothing happens "
        "but pings; ours at 1,000, 2,500 and 5,000, too."
    )
    subjects = ("ours", "c-send", "socketio", "tutorial-daphne-pubsub")
    peers_of = ""
    rows = (
        Row(
            "kb_per_socket",
            "idle, memory per socket",
            "kB",
            [Bar("at most 30", most=30.0)],
            higher_is_better=False,
        ),
        Row(
            "cpu_percent",
            "idle, 10,000 sockets",
            "% of a core",
            [Bar("below 2", most=2.0)],
            higher_is_better=False,
        ),
        Row(
            "growth",
            "idle, memory per socket at 10,000 to that at 1,000",
            "ratio",
            [Bar("does not grow (at most 1.05)", most=1.05)],
            higher_is_better=False,
        ),
    )

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        series = [] if bench.quick or subject.name != "ours" or bench.run > 1 else SERIES
        values: dict[str, float] = {}
        for connections in series:
            kb, cpu_percent = self._at(bench, subject, connections, hold_s=10.0)
            values |= {f"kb_{connections}": kb, f"cpu_percent_{connections}": cpu_percent}
        # As long as the interval of pings, ours and Socket.IO's, so that each socket has its one.
        hold_s = 0.5 if bench.quick else 25.0
        connections = 50 if bench.quick else SOCKETS
        kb, cpu_percent = self._at(bench, subject, connections, hold_s=hold_s)
        values |= {"kb_per_socket": kb, "cpu_percent": cpu_percent}
        values |= {f"kb_{connections}": kb, f"cpu_percent_{connections}": cpu_percent}
        if series:
            values["growth"] = kb / values[f"kb_{SERIES[0]}"]
        return values

    @staticmethod
    def _at(bench: Bench, subject: Subject, connections: int, *, hold_s: float) -> tuple[float, float]:
        """Memory per socket in kB, and CPU in per cent of a core."""
        wanted = _five_streams(connections)
        with subject.serve(wanted) as served:
            load = served.load(wanted, mode="idle", hold_s=hold_s, connect_concurrency=CONCURRENCY)
            result, failure = bench.step(served, load, fails=unclean)
        if failure:
            bench.remarks.append(f"{connections} sockets: {failure}")
        return result.server.kb_per_connection, 100 * result.server.cpu_util


class Connect:
    name = "connect"
    sentence = "3,000 sockets, 40 handshakes at a time: ours with authentication and `hello` with 5 streams."
    subjects = (
        "ours",
        "c-send",
        "socketio",
        "tutorial-daphne-core",
        "tutorial-daphne-pubsub",
        "python-socketio",
    )
    peers_of = ""
    rows = (
        Row(
            "per_s",
            "connect, until ready",
            "sockets/s",
            [
                Bar("at least 600", least=600.0),
                Bar("not slower than the tutorial on Daphne", least=1.0, of="tutorial-daphne-core"),
            ],
        ),
        Row("handshakes_per_s", "connect, the handshake alone", "sockets/s"),
    )

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        wanted = _five_streams(50 if bench.quick else 3_000)
        values = {"per_s": self._rate(bench, subject, wanted)}
        if subject.name == "ours" and not bench.quick:
            values["handshakes_per_s"] = self._rate(bench, subject, wanted, init=[], ready="")
        return values

    @staticmethod
    def _rate(bench: Bench, subject: Subject, wanted: Wanted, **own: object) -> float:
        with subject.serve(wanted) as served:
            load = served.load(wanted, mode="idle", hold_s=0.1, connect_concurrency=CONCURRENCY, **own)
            result, failure = bench.step(served, load, fails=unclean)
        if failure:
            bench.remarks.append(failure)
        return result.connect.per_s


class ReconnectStorm:
    name = "storm"
    sentence = (
        "10,000 sockets on 5 streams each, dropped in one instant; 20 messages to each of their rooms while they are "
        "away; all come back to 2 processes, on the same 2 cores as the generator, Redis and PostgreSQL."
    )
    subjects = ("ours",)
    peers_of = ""
    rows = (
        Row(
            "caught_up_s",
            "reconnect storm, all back and caught up",
            "s",
            [Bar("within 30 s", most=30.0)],
            higher_is_better=False,
        ),
        Row(
            "failed_percent",
            "reconnect storm, failed handshakes",
            "%",
            [Bar("at most 1 %", most=1.0)],
            higher_is_better=False,
        ),
        Row(
            "lost", "reconnect storm, lost events", "events", [Bar("none", most=0.0)], higher_is_better=False
        ),
    )
    RATE = 800.0
    SPEAKERS = 20
    MISSED = 20
    CURSOR = '{"stream":"room:1{room}","epoch":"{epoch_seen}","seq":{seq_seen}}'

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        connections = 50 if bench.quick else SOCKETS
        wanted = Wanted(
            connections,
            rooms=connections // ROOM_SIZE,
            families=3,
            speakers=self.SPEAKERS,
            streams=FIVE_STREAMS,
            database="sqlite" if bench.quick else "postgres",
            processes=2,
        )
        with subject.serve(wanted) as served:
            load = served.load(
                wanted,
                mode="storm",
                resume=[hello(self.CURSOR, *(stream_at_head(name) for name in FIVE_STREAMS[1:]))],
                publisher=Separate(connections=self.SPEAKERS, init=[hello()], ready='"welcome"'),
                rate=self.RATE,
                missed=self.MISSED,
                drain_s=60.0,
                connect_concurrency=CONCURRENCY,
                connect_timeout_s=30.0,
            )
            result, failure = bench.step(served, load, fails=_not_back)
        if failure:
            bench.remarks.append(failure)
        storm = result.storm
        assert storm is not None
        return {
            "caught_up_s": storm.caught_up_s,
            "back_s": storm.back_s,
            "failed_percent": 100 * storm.failed / max(storm.attempts, 1),
            "lost": float(result.lost),
            "caught_up_p99_ms": storm.caught_up_ms.p99,
        }


def _not_back(result: Result) -> str:
    assert result.storm is not None
    if result.storm.caught_up < result.connect.ok:
        return f"{result.connect.ok - result.storm.caught_up} of {result.connect.ok} never caught up"
    return f"{result.lost} lost" if result.lost else ""
