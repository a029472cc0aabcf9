"""What an installation uses: memory, open files, threads, connections. For invariant I12, on Linux.

Each figure is summed over the processes of one kind, with everything that they forked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from realtime.testing.checker import Slack
from realtime.testing.stored import rows
from realtime.testing.topology import Topology

PAGE_BYTES = 4096

# Per figure, over 5 %: caches that fill, threads and connections that are made when first needed.
SLACK = {
    "web memory, bytes": Slack(60 * 2**20),
    "web open files": Slack(45),
    "web threads": Slack(24),
    "worker memory, bytes": Slack(40 * 2**20),
    "worker open files": Slack(20),
    "worker threads": Slack(12),
    "beat memory, bytes": Slack(20 * 2**20),
    "beat open files": Slack(10),
    "beat threads": Slack(4),
    "redis clients": Slack(12),
    "redis keys": Slack(30),
    "database connections": Slack(36),
}


def in_use(topology: Topology) -> dict[str, float]:
    """Every figure of `SLACK`, now. Everything must run."""
    found: dict[str, float] = {}
    for kind, names in (("web", topology.webs), ("worker", topology.workers), ("beat", topology.beats)):
        pids = [pid for name in names for pid in _family(topology.stack.running[name].pid)]
        found[f"{kind} memory, bytes"] = sum(map(_memory_bytes, pids))
        found[f"{kind} open files"] = sum(_entries(pid, "fd") for pid in pids)
        found[f"{kind} threads"] = sum(_entries(pid, "task") for pid in pids)
    found |= _redis(topology)
    if topology.database_link is not None:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ((count,),) = rows(topology.database_url, sql)
        found["database connections"] = count
    return found


def _redis(topology: Topology) -> dict[str, float]:
    keyspace = topology.redis.figures("keyspace")
    return {
        "redis clients": topology.redis.figures("clients")["connected_clients"],
        "redis keys": sum(database["keys"] for database in keyspace.values()),
    }


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _memory_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def _entries(pid: int, what: str) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/{what}").iterdir())
