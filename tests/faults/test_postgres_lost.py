"""PostgreSQL restarts, crashes, throws everybody out or falls silent: no false acknowledgement, and back by itself."""

import asyncio
import time
from collections.abc import Callable

import psycopg
import pytest

from realtime.testing.history import Failed
from realtime.testing.topology import WEBS

pytestmark = pytest.mark.faults

BACK_S = 5.0
# A query that was lost is found after 3 to 5 s, and so are those that others lost until then, each at its own time.
BACK_AFTER_SILENCE_S = 12.0
TOLD_S = 2.5  # 2 s for the pool, and a moment
CONNECTIONS = 12 * len(WEBS) + 8  # a pool per web process; two workers with a child each, and who looks


@pytest.mark.parametrize("fault", ["restarted", "crashed", "throws everybody out", "silent"])
async def test_sends_go_on_by_themselves_after_postgres(town, new_scene, fault) -> None:
    if town.topology.database_link is None:
        pytest.skip("SQLite has no server")
    hit, back_s = _ways(town)[fault]
    async with new_scene() as scene:
        people = [await scene.enter(WEBS[index % 3], *WEBS) for index in range(len(town.members))]
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            await scene.more_acks(30)
            await asyncio.to_thread(hit)
            back_at = time.monotonic()
            await asyncio.gather(*(_acked_again(scene, person.name, within_s=back_s) for person in people))
            print(f"{fault}: everybody acknowledged {time.monotonic() - back_at:.2f} s after it was back")
            await scene.more_acks(30)
            assert await asyncio.to_thread(_connections, town) <= CONNECTIONS
        await scene.settle()
        failures = list(scene.history.of(Failed))
        assert {one.code for one in failures} <= {"unavailable", "timeout", "closed", "busy"}
        told = [one.at - one.began_at for one in failures if one.code == "unavailable"]
        print(f"{len(told)} were told unavailable, the last after {max(told, default=0.0):.2f} s")
        assert fault == "silent" or max(told, default=0.0) <= TOLD_S
        scene.verdict()


def _ways(town) -> dict[str, tuple[Callable[[], None], float]]:
    postgres, link = town.topology.postgres, town.topology.database_link

    def restart() -> None:
        postgres.stop()
        postgres.start()

    def crash() -> None:
        postgres.stop_immediately()
        postgres.start()

    def throw_out() -> None:
        with psycopg.connect(town.topology.database_url, autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def fall_silent() -> None:
        link.blackhole()
        time.sleep(1.0)  # the silence itself
        link.heal()

    return {
        "restarted": (restart, BACK_S),
        "crashed": (crash, BACK_S),
        "throws everybody out": (throw_out, BACK_S),
        "silent": (fall_silent, BACK_AFTER_SILENCE_S),
    }


async def _acked_again(scene, name: str, *, within_s: float) -> None:
    since = time.monotonic()
    async with asyncio.timeout(within_s):
        while not any(ack.client == name and ack.began_at > since for ack in scene.acks()):
            await asyncio.sleep(0.05)


def _connections(town) -> int:
    ((count,),) = town.rows("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    return count
