"""Health, readiness and metrics of a serving process."""

from realtime.testing.waiting import await_until
from tests.support.pair import Pair


async def test_a_serving_process_is_healthy_and_ready(pair: Pair) -> None:
    assert await pair.http("GET", "/healthz") == (200, {"status": "ok"})
    status, body = await pair.http("GET", "/readyz")
    assert (status, body["status"], body["database"], body["draining"]) == (200, "ready", True, False)


async def test_metrics_count_sockets_events_and_calls(pair: Pair) -> None:
    ann = pair.person()
    room = pair.room(ann)
    async with pair.client(ann, "a", f"room:{room}") as client:
        await client.call("chat.message_send", room=room, text="hello")
        await client.next_event("chat.message_created")
        status, text = await pair.http("GET", "/metrics")
    assert status == 200
    for name in (
        "connections",
        "subscriptions",
        "local_streams",
        "events_delivered_total",
        "redis_connected",
        "layer_publish_dropped_total",
    ):
        assert f"carillon_{name} " in text
    assert 'carillon_calls_total{name="chat.message_send",outcome="ok"}' in text


async def test_health_takes_no_other_method(pair: Pair) -> None:
    status, _ = await pair.http("OPTIONS", "/healthz")
    assert status == 405


async def test_readiness_tells_that_redis_is_away_and_back(fragile_pair: Pair) -> None:
    ann = fragile_pair.person()
    async with fragile_pair.client(ann):
        fragile_pair.stack.redis.kill()

        async def is_(status: str) -> bool:
            code, body = await fragile_pair.http("GET", "/readyz")
            return bool(code == 200 and body["status"] == status)

        await await_until(lambda: is_("degraded"), "readiness says degraded")
        fragile_pair.stack.redis.start()
        await await_until(lambda: is_("ready"), "readiness says ready")
