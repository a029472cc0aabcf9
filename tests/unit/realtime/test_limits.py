"""The token bucket, with a clock of our own."""

from realtime.limits import TokenBucket


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    bucket = TokenBucket(per_s=2, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait_ms == 500
    assert not bucket.take(0.4)
    assert bucket.take(0.5)
    assert not bucket.take(0.5)


def test_rest_never_saves_up_more_than_the_burst() -> None:
    bucket = TokenBucket(per_s=10, burst=2, now=0.0)
    assert [bucket.take(1_000.0) for _ in range(3)] == [True, True, False]


def test_the_wait_is_never_zero() -> None:
    bucket = TokenBucket(per_s=1_000_000, burst=1, now=0.0)
    bucket.take(0.0)
    assert bucket.wait_ms >= 1
