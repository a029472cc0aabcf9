"""The Channels layer of this project: `realtime.layer.RedisLayer`."""

from .counters import Counters
from .errors import LayerUnavailable
from .redis_layer import RedisLayer

__all__ = ["Counters", "LayerUnavailable", "RedisLayer"]
