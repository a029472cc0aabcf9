from __future__ import annotations

import pytest

from chat.files.ranges import Unsatisfiable, range_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", (0, 3)),
        ("bytes=2-", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
        ("bytes=4-99", (4, 9)),
        ("bytes= 1-2", (1, 2)),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("lines=1-2", None),
        ("bytes=0-1,3-4", None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(1000)), None),
        ("bytes=1" + "0" * 400 + "-", None),
    ],
)
def test_one_range_is_taken_and_anything_else_means_the_whole(header: str, part: object) -> None:
    assert range_of(header, 10) == part


@pytest.mark.parametrize("header", ["bytes=5-1", "bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_without_a_byte_in_it_cannot_be_had(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        range_of(header, 10)
