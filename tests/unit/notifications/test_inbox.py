"""Ids and positions of inbox items, from what clients send."""

from datetime import UTC, datetime

import pytest

from notifications.errors import BadItem, BadPageCursor
from notifications.inbox import Position, position_from, split_ids


def test_ids_are_told_apart():
    assert split_ids(["n1", "b2", "n3", "n1"]) == ({1, 3}, {2})


@pytest.mark.parametrize(
    "item", ["", "n", "n0", "n-1", "x1", "1", "n1 ", "n1\n", "n٣", "n" + "9" * 19, "b1.0"]
)
def test_what_is_no_id_is_refused(item):
    with pytest.raises(BadItem):
        split_ids([item])


def test_a_position_survives_its_text():
    position = Position(datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC), "b", 7)
    assert position_from(position.text()) == position


@pytest.mark.parametrize("text", ["", "x", "1_", "_n1", "1_n0", "-1_n1", "1_x1", "9" * 18 + "_n1", "1_n1\n"])
def test_what_is_no_position_is_refused(text):
    with pytest.raises(BadPageCursor):
        position_from(text)


def test_the_greatest_position_is_still_a_date():
    assert position_from("9" * 17 + "_n1").created_at.year > 5000
