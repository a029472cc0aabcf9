"""Plots: drawn from numbers alone, and safe whatever the labels say."""

import re
from xml.etree import ElementTree

import pytest

from notifications.broadcasts.plots import bars, curves, nice_top


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 10), (11, 20), (41, 100), (4999, 10_000), (999_999, 1_000_000)],
)
def test_an_axis_ends_at_a_round_number(most, top):
    assert nice_top(most) == top
    assert top % 2 == 0


def test_a_bar_is_as_tall_as_its_number():
    drawn = ElementTree.fromstring(bars("Zones", [("UTC", 50), ("<b>", 100)]))
    heights = [float(rect.get("height")) for rect in drawn.iter("rect")]
    assert heights[1] == 2 * heights[0]
    assert "<b>: 100" in [title.text for title in drawn.iter("title")]
    assert bars("Zones", []) == ""


def test_a_curve_rises_in_steps_to_the_end_of_the_axis():
    svg = curves("Seen", {"Seen": [(10.0, 1), (30.0, 2)], "Read": []}, last=60.0, labels=[(0.0, "0 s")])
    seen, read = ElementTree.fromstring(svg).iter("polyline")
    points = [tuple(map(float, point.split(","))) for point in seen.get("points").split()]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] > points[2][1] > points[-1][1] == 12.0
    assert len({y for _, y in (tuple(point.split(",")) for point in read.get("points").split())}) == 1
    assert not re.search(r"style=|<script", svg)
