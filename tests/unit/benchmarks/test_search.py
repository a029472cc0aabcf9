"""The search for the highest rate that a server keeps up with."""

import pytest

from benchmarks.search import MAX_STEPS, highest


class Server:
    """Keeps up with at most `limit`, and counts how often it was asked."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.tried: list[float] = []

    def keeps_up(self, rate: float) -> bool:
        self.tried.append(rate)
        return rate <= self.limit


@pytest.mark.parametrize("start", [10.0, 900.0, 1_000.0, 1_100.0, 40_000.0])
def test_the_limit_is_found_from_below_and_above(start: float) -> None:
    server = Server(1_000.0)
    found = highest(server.keeps_up, start=start, growth=2.0, precision=0.05)
    assert found is not None
    assert 1_000 / 1.05 <= found <= 1_000
    assert len(server.tried) <= MAX_STEPS


def test_only_a_rate_that_was_kept_up_with_is_a_result() -> None:
    server = Server(123.0)
    found = highest(server.keeps_up, start=50.0, growth=1.7, precision=0.08)
    assert found in server.tried
    assert found == max(rate for rate in server.tried if rate <= 123)


def test_a_server_that_keeps_up_with_nothing_has_no_rate() -> None:
    assert highest(Server(0.0).keeps_up, start=8.0, growth=2.0, precision=0.1) is None


def test_a_server_without_a_limit_ends_the_search() -> None:
    server = Server(float("inf"))
    assert highest(server.keeps_up, start=1.0, growth=2.0, precision=0.1) == server.tried[-1]
    assert len(server.tried) == MAX_STEPS
