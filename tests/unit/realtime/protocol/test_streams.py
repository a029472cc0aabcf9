"""Stream names, and the layer groups that carry them."""

import pytest

from realtime.protocol.streams import BadStream, check_stream, group_of, split_stream

GOOD = ["room:42", "user:7", "audience:all", "audience:group:3", "model:shop.order", "model:shop.order:17"]
BAD = [
    *("", "room", "room:", ":1", "Room:1", "room:1:", "room::1", "room:a b", "room:é", "room:1\n", "room:.x"),
    *("room:a..b", "1room:1", "room:" + "1" * 80, "room:1/2", "room:*", None, 1, ["room:1"]),
]


@pytest.mark.parametrize("name", GOOD)
def test_good_names_pass(name: str) -> None:
    assert check_stream(name) == name


@pytest.mark.parametrize("name", BAD)
def test_bad_names_are_refused(name: object) -> None:
    with pytest.raises(BadStream):
        check_stream(name)


def test_a_name_is_a_kind_and_a_key() -> None:
    assert split_stream("audience:group:3") == ("audience", "group:3")


def test_different_streams_have_different_groups_that_channels_accepts() -> None:
    groups = {group_of(name) for name in GOOD}
    assert len(groups) == len(GOOD)
    assert all(len(group) < 100 and ":" not in group for group in groups)
