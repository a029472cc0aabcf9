"""A broadcast to everybody: a million people in the table, a thousand of them online."""

from __future__ import annotations

import selectors
import time
from collections.abc import Mapping
from contextlib import ExitStack

import psycopg

from benchmarks.inside import run_inside
from benchmarks.peers.notifications_hq import NotificationsHQ
from benchmarks.raw import TIMEOUT_S, RawWebSocket
from benchmarks.scenario import Bar, Bench, Row
from benchmarks.subjects import Subject, Wanted
from benchmarks.world import World
from realtime.testing.waiting import wait_until

USERS, USERS_FEW = 1_000_000, 10_000
USERS_QUICK, USERS_FEW_QUICK = 2_000, 100
ONLINE, ONLINE_QUICK = 1_000, 20
MEASURED_PEER_USERS = 10_000
AUDIENCE = "audience:all"
TABLES = (
    "notifications_broadcast",
    "notifications_audiencenotification",
    "notifications_notification",
    "log_event",
    "log_stream",
)


class Broadcast:
    name = "broadcast"
    sentence = (
        "A broadcast to everybody, 1,000,000 people in the table and 1,000 online, from the administrator's "
        "confirmation through Celery to the last socket; on PostgreSQL."
    )
    subjects = ("ours", "notifications-hq")
    peers_of = ""
    rows = (
        Row(
            "last_socket_s",
            "broadcast to 1,000,000: until the last online socket has it (peer: until its rows are stored, "
            "extrapolated from 10,000)",
            "s",
            [Bar("within 1 s", most=1.0)],
            higher_is_better=False,
        ),
        Row(
            "rows",
            "rows that it stores (peer: extrapolated)",
            "rows",
            [Bar("no more than for 10,000 people", most=1.0, of="ours", key="rows_for_few")],
            higher_is_better=False,
        ),
    )

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        users = USERS_QUICK if bench.quick else USERS
        if isinstance(subject, NotificationsHQ):
            return self._peer(bench, subject, users)
        few = USERS_FEW_QUICK if bench.quick else USERS_FEW
        online = ONLINE_QUICK if bench.quick else ONLINE
        wanted = Wanted(online, 1, database="postgres", streams=(AUDIENCE,))
        with subject.serve(wanted) as served:
            world = served.world
            assert world is not None
            world.stack.start_worker()
            world.stack.start_beat()
            run_inside(world.stack, "benchmarks.multitude", str(few - online))
            _, rows_for_few = announced(world)
            run_inside(world.stack, "benchmarks.multitude", str(users - few))
            last_socket_s, rows = announced(world)
        bench.say(f"{bench.scenario:15} {online} sockets have it after {last_socket_s:.3f} s, {rows} rows")
        return {"last_socket_s": last_socket_s, "rows": rows, "rows_for_few": rows_for_few}

    @staticmethod
    def _peer(bench: Bench, peer: NotificationsHQ, users: int) -> Mapping[str, float]:
        measured = min(users, MEASURED_PEER_USERS)
        seconds, rows = peer.send_to_all(measured)
        bench.say(f"{bench.scenario:15} {peer.name}: {measured} people in {seconds:.1f} s, {rows} rows")
        return {"last_socket_s": seconds * users / measured, "rows": rows * users / measured}


def announced(world: World) -> tuple[float, int]:
    """One broadcast: the seconds until every open socket has it, and the rows that it stored."""
    before = sum(map(world.count, TABLES))
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for token in world.tokens:
            client = stack.enter_context(RawWebSocket(world.ports[0]))
            client.hello(token, AUDIENCE)
            client.read_until(b'"welcome"')
            selector.register(client, selectors.EVENT_READ, client)
        began = float(run_inside(world.stack, "benchmarks.announce"))
        while selector.get_map():
            ready = selector.select(TIMEOUT_S)
            if not ready:
                raise AssertionError(f"{len(selector.get_map())} sockets did not hear of the broadcast")
            for key, _ in ready:
                key.data.read_until(b'"notifications.created"')
                selector.unregister(key.data)
        last_s = time.time() - began
    wait_until(lambda: is_sent(world), "the broadcast is recorded as sent", timeout_s=TIMEOUT_S)
    return last_s, sum(map(world.count, TABLES)) - before


def is_sent(world: World) -> bool:
    with psycopg.connect(world.stack.database_url) as connection:
        return not connection.execute(
            "SELECT 1 FROM notifications_broadcast WHERE status <> 'sent'"
        ).fetchall()
