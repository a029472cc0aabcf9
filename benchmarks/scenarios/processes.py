"""What Redis does for a message: it grows with the processes that serve a room, not with its sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redis import Redis

from benchmarks.load import Load
from benchmarks.scenario import Bar, Bench, Row, unclean
from benchmarks.subjects import Served, Subject, Wanted

PROCESSES = (1, 2, 4)
SOCKETS, SOCKETS_FEW = 1_000, 100
SOCKETS_QUICK, SOCKETS_FEW_QUICK = 20, 10
RATES = (20.0, 60.0)


class Processes:
    name = "processes"
    sentence = (
        "One room of 1,000 over 1, 2 and 4 processes: Redis operations per message, by INFO commandstats."
    )
    subjects = ("ours",)
    peers_of = ""
    rows = (
        *(
            Row(
                f"operations_{count}",
                f"Redis operations per message, {count} process{'es' * (count > 1)}",
                "operations",
                higher_is_better=False,
            )
            for count in PROCESSES
        ),
        Row(
            "operations_2_few",
            f"the same, 2 processes and {SOCKETS_FEW} sockets instead of {SOCKETS:,}",
            "operations",
            [Bar("the sockets change nothing", least=0.9, most=1.1, of="ours", key="operations_2")],
            higher_is_better=False,
        ),
    )

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        sockets, few = (SOCKETS_QUICK, SOCKETS_FEW_QUICK) if bench.quick else (SOCKETS, SOCKETS_FEW)
        found = {
            f"operations_{count}": self._operations(bench, subject, processes=count, sockets=sockets)
            for count in (PROCESSES[:2] if bench.quick else PROCESSES)
        }
        found["operations_2_few"] = self._operations(bench, subject, processes=2, sockets=few)
        return found

    @staticmethod
    def _operations(bench: Bench, subject: Subject, *, processes: int, sockets: int) -> float:
        wanted = Wanted(sockets, 1, processes=processes)
        with subject.serve(wanted) as served:
            loads = [
                served.load(
                    wanted,
                    rate=rate,
                    warmup_s=0.0,
                    duration_s=0.5 if bench.quick else 4.0,
                    drain_s=2.0,
                    connect_concurrency=40,
                )
                for rate in RATES
            ]
            return operations_per_message(bench, served, loads)


def operations_per_message(bench: Bench, served: Served, loads: Sequence[Load]) -> float:
    """By how many commands two loads differ, per message that they differ by: what connecting takes cancels out."""
    assert served.world is not None
    counts, sent = [], []
    with Redis.from_url(served.world.stack.redis.url) as redis:
        for load in loads:
            before = commands(redis)
            result, failure = bench.step(served, load, fails=unclean)
            if failure:
                raise AssertionError(failure)
            counts.append(commands(redis) - before)
            sent.append(result.sent)
    return (counts[1] - counts[0]) / (sent[1] - sent[0])


def commands(redis: Redis) -> int:
    """All commands that this server has carried out so far."""
    return sum(stats["calls"] for stats in redis.info("commandstats").values())
