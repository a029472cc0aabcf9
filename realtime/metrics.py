"""Prometheus metrics of the engine. Served at `/metrics`."""

from collections.abc import Iterator
from dataclasses import asdict

from channels.layers import get_channel_layer
from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

CONNECTIONS = Gauge("carillon_connections", "Open sockets in this process.")
SUBSCRIPTIONS = Gauge("carillon_subscriptions", "Stream subscriptions of the sockets in this process.")
STREAMS = Gauge("carillon_local_streams", "Streams with a subscriber in this process.")
EVENTS_DELIVERED = Counter("carillon_events_delivered", "Events handed to live sockets (events x sockets).")
EVENTS_SEQUENCED = Counter("carillon_events_seen", "Durable events seen by this process' hub.")
GAPS = Counter("carillon_gaps", "Gaps in a stream that were filled from the log.", ["found_by"])
CALLS = Counter("carillon_calls", "Commands by outcome.", ["name", "outcome"])
CALL_SECONDS = Histogram(
    "carillon_call_seconds",
    "Time from a command's arrival to its reply.",
    ["name"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
BATCH_SIZE = Histogram(
    "carillon_batch_calls",
    "Calls per run of a batch command.",
    ["name"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
LAGGING = Counter("carillon_lagging", "Times a socket fell behind and was switched to the log.")
CLOSES = Counter("carillon_closes", "Sockets closed by the server, by code.", ["code"])
REPLAYED = Counter("carillon_events_replayed", "Events sent from the ring or the log.", ["source"])
LAYER_CONNECTED = Gauge("carillon_redis_connected", "1 while the channel layer is connected to Redis.")


class LayerCounters(Collector):
    """What the channel layer lost or refused; see `realtime.layer.Counters` for each name."""

    def collect(self) -> Iterator[CounterMetricFamily]:
        counters = getattr(get_channel_layer(), "counters", None)
        if counters is not None:
            for name, value in asdict(counters).items():
                text = f"Channel layer: {name.replace('_', ' ')}."
                yield CounterMetricFamily(f"carillon_layer_{name}", text, value)

    def describe(self) -> Iterator[CounterMetricFamily]:
        """Nothing ahead of time: the layer is made at its first use, not at import."""
        return iter(())


REGISTRY.register(LayerCounters())
