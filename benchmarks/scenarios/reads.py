"""Inbox and history with a long past: what a page asks for when somebody comes back, through the whole server."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import quantiles
from urllib.parse import urlencode

from benchmarks import past
from benchmarks.inside import run_inside
from benchmarks.raw import TIMEOUT_S, RawWebSocket
from benchmarks.scenario import Bar, Bench, Row
from benchmarks.subjects import Subject, Wanted
from benchmarks.world import World

MESSAGES, NOTIFICATIONS = 1_000_000, 100_000
MESSAGES_QUICK, NOTIFICATIONS_QUICK = 4_000, 1_000
READS, READS_QUICK = 300, 5
MISSED_EVENTS = 500
PAGE_ITEMS = 50
USERS, ROOMS = 200, 100
BELOW_20_MS = [Bar("p99 below 20 ms", most=20.0)]
BELOW_50_MS = [Bar("p99 below 50 ms", most=50.0)]
# By people who are in all rooms.
SEARCHES = {
    "common": ("a word of every message", "message"),
    "thousandth": ("a word of each thousandth message", "thousandth"),
    "rare": ("a word of 20 messages", "needle"),
    "phrase": ("a phrase of every message", '"as long as people"'),
    "from_in": ("a word, from: and in:", 'topic7 from:person3 in:"Room 1.0"'),
    "nothing": ("two words that are never together", "needle topic7"),
}


class Reads:
    name = "reads"
    sentence = (
        "1,000,000 messages and 100,000 notifications of one person on PostgreSQL: the time from the request to the "
        "whole answer, through the server. Searches are by people who are in 100 rooms."
    )
    subjects = ("ours",)
    peers_of = ""
    rows = (
        Row("history_new_p99_ms", "newest page of a room of 500,000, p99", "ms", BELOW_20_MS, False),
        Row("history_old_p99_ms", "a page in the middle of it, p99", "ms", BELOW_20_MS, False),
        Row("inbox_p99_ms", "first page of the inbox and unread count, p99", "ms", BELOW_20_MS, False),
        Row("catch_up_p99_ms", f"catch-up of {MISSED_EVENTS} events, p99", "ms", BELOW_20_MS, False),
        *(
            Row(f"search_{key}_p99_ms", f"search for {title}, p99", "ms", BELOW_50_MS, False)
            for key, (title, _) in SEARCHES.items()
        ),
        Row("search_best_p99_ms", "the best of a word of every message, p99", "ms", BELOW_50_MS, False),
    )

    def measure(self, bench: Bench, subject: Subject) -> Mapping[str, float]:
        messages, notifications, reads = (
            (MESSAGES_QUICK, NOTIFICATIONS_QUICK, READS_QUICK)
            if bench.quick
            else (MESSAGES, NOTIFICATIONS, READS)
        )
        with subject.serve(Wanted(USERS, ROOMS, database="postgres")) as served:
            world = served.world
            assert world is not None
            run_inside(world.stack, "benchmarks.past", str(messages), str(notifications))
            reader = Reader(world, newest=messages // 2)
            searchers = [
                Reader(world, newest=messages // 2, person=id - past.READER_ID) for id in past.SEARCHER_IDS
            ]
            return {
                **timed(bench, "history_new", reads, lambda _: reader.history()),
                **timed(bench, "history_old", reads, reader.history_before),
                **timed(bench, "inbox", reads, lambda _: reader.inbox()),
                **timed(bench, "catch_up", reads, reader.catch_up),
                **_searches(bench, reads, searchers),
            }


def _searches(bench: Bench, reads: int, readers: Sequence[Reader]) -> dict[str, float]:
    """By each of the readers in turn."""
    asked = {key: (query, "newest") for key, (_, query) in SEARCHES.items()} | {
        "best": ("message", "relevance")
    }
    found: dict[str, float] = {}
    for key, search in asked.items():

        def one(number: int, search: tuple[str, str] = search) -> None:
            readers[number % len(readers)].search(*search)

        found |= timed(bench, f"search_{key}", reads, one)
    return found


def timed(
    bench: Bench,
    key: str,
    count: int,
    read: Callable[[int], float | None],
) -> dict[str, float]:
    """The median and 99th percentile of `count` reads, after a few that are not counted. Milliseconds."""
    for number in range(3):
        read(number)
    taken_ms = sorted(_taken_ms(read, number) for number in range(count))
    cuts = quantiles(taken_ms, n=100, method="inclusive")
    bench.say(f"{bench.scenario:15} {key}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")
    return {f"{key}_p50_ms": cuts[49], f"{key}_p99_ms": cuts[98]}


def _taken_ms(read: Callable[[int], float | None], number: int) -> float:
    began = time.perf_counter()
    own = read(number)
    return 1_000 * (time.perf_counter() - began if own is None else own)


class Reader:
    """The person with the long past, or another one, on one connection kept open."""

    def __init__(self, world: World, *, newest: int, person: int = 0) -> None:
        self._token = world.tokens[person]
        self._port = world.ports[0]
        self._newest = newest
        self._http = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)

    def history(self, before: int | None = None) -> None:
        position = "" if before is None else f"&before={before}"
        page = self._get(f"/api/rooms/{past.ROOM_ID}/messages?limit={PAGE_ITEMS}{position}")
        if len(page["items"]) != PAGE_ITEMS:
            raise AssertionError(f"{len(page['items'])} messages instead of {PAGE_ITEMS}")

    def history_before(self, number: int) -> None:
        self.history(PAGE_ITEMS + 1 + number * 2_311 % (self._newest - PAGE_ITEMS))

    def inbox(self) -> None:
        page = self._get("/api/inbox")
        if not page["items"] or not page["unread"]:
            raise AssertionError("the inbox is empty")

    def search(self, query: str, order: str) -> None:
        self._get(f"/api/search?{urlencode({'q': query, 'order': order})}")

    def catch_up(self, _: int) -> float:
        """From the hello with an old cursor to the last of the missed events, in seconds."""
        stream = f"room:{past.ROOM_ID}"
        with RawWebSocket(self._port) as connection:
            connection.hello(self._token, stream)
            welcome = connection.read_until(b'"welcome"')
            epoch, head = re.findall(rb'"epoch":"([^"]+)","head":(\d+)', welcome)[0]
        cursor = f',"epoch":"{epoch.decode()}","seq":{int(head) - MISSED_EVENTS}'
        with RawWebSocket(self._port) as connection:
            began = time.perf_counter()
            connection.hello(self._token, stream, cursor)
            connection.read_until(b'"type":"event"', MISSED_EVENTS)
            return time.perf_counter() - began

    def _get(self, path: str) -> dict[str, object]:
        self._http.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
        response = self._http.getresponse()
        body = response.read()
        if response.status != 200:
            raise AssertionError(f"{path}: {response.status} {body[:200]!r}")
        return json.loads(body)
