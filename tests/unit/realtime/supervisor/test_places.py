import os
from pathlib import Path

from realtime.supervisor.places import MAX_SOCKET_PATH_BYTES, redis_socket


def test_the_socket_lies_with_the_data_when_its_path_is_short_enough() -> None:
    assert redis_socket(Path("/srv/carillon/var")) == Path("/srv/carillon/var/redis.sock")


def test_a_long_path_gives_a_short_socket_that_is_the_same_each_time() -> None:
    var = Path("/srv") / ("long" * 40) / "var"
    assert len(os.fsencode(redis_socket(var))) <= MAX_SOCKET_PATH_BYTES
    assert redis_socket(var) == redis_socket(var) != redis_socket(var.parent)
