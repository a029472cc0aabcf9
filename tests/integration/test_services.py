"""The tests' own private services are real and can be killed and started again."""

from pathlib import Path

import psycopg
import pytest

from realtime.testing.postgres import PrivatePostgres
from realtime.testing.redis import PrivateRedis


def test_a_restarted_redis_keeps_its_data_and_an_emptied_one_does_not(tmp_path: Path) -> None:
    redis = PrivateRedis(tmp_path)
    redis.start()
    try:
        redis.command("SET", "key", "value")
        redis.stop()
        redis.start()
        assert redis.command("EXISTS", "key") == ":1"
        redis.restart_empty()
        assert redis.command("EXISTS", "key") == ":0"
    finally:
        redis.stop()


@pytest.mark.slow
def test_a_killed_postgres_keeps_its_rows(tmp_path: Path) -> None:
    postgres = PrivatePostgres(tmp_path / "pg")
    postgres.start()
    try:
        with psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        postgres.kill()
        postgres.start()
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
    finally:
        postgres.stop()
