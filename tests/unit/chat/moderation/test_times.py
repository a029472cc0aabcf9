from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chat.moderation.errors import BadUntil
from chat.moderation.times import FOREVER, checked_until, moment_of, shown_until, until_words

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def test_no_end_is_for_good() -> None:
    assert checked_until(None, NOW) == FOREVER
    assert shown_until(FOREVER) is None
    assert until_words(FOREVER) == "for good"


def test_an_end_is_shown_as_it_was_given() -> None:
    end = NOW + timedelta(hours=2)
    assert shown_until(checked_until(end, NOW)) == end
    assert until_words(end) == "until 2026-11-29 14:00 UTC"


@pytest.mark.parametrize(
    "until", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=2000), datetime(2026, 12, 1)]
)
def test_the_past_the_far_future_and_naive_times_are_refused(until: datetime) -> None:
    with pytest.raises(BadUntil):
        checked_until(until, NOW)


@pytest.mark.parametrize("stored", ["2026-11-29 12:00:00", datetime(2026, 11, 29, 12, 0), NOW])
def test_a_column_is_read_in_every_form_that_databases_give_it(stored: datetime | str) -> None:
    assert moment_of(stored) == NOW
    assert moment_of(None) is None
