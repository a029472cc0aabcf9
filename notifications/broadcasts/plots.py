"""Small plots as inline SVG: drawn on the server, coloured by the page's own style sheet, read out by their titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 28
_MAX_LABELS = 8

Point = tuple[float, int]


def bars(title: str, values: Sequence[tuple[str, int]]) -> SafeString:
    """A bar for each label, in the order given; "" for none."""
    if not values:
        return SafeString("")
    top = nice_top(max(value for _, value in values))
    step = _inner_width() / len(values)
    drawn = format_html_join(
        "",
        '<rect class="plot-bar" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (
                _round(_LEFT + step * index + step * 0.1),
                _y(value, top),
                _round(step * 0.8),
                _tall(value, top),
                label,
                value,
            )
            for index, (label, value) in enumerate(values)
        ),
    )
    every = -(-len(values) // _MAX_LABELS)
    labels = [
        (_LEFT + step * (index + 0.5), label) for index, (label, _) in enumerate(values) if index % every == 0
    ]
    return _framed(title, top, drawn, labels)


def curves(
    title: str, series: Mapping[str, Sequence[Point]], *, last: float, labels: Iterable[tuple[float, str]]
) -> SafeString:
    """A rising line for each name; points are (seconds from the start, number), in order. `last` ends the axis."""
    top = nice_top(max((number for points in series.values() for _, number in points), default=0))
    drawn = format_html_join(
        "",
        '<polyline class="plot-line" data-series="{}" points="{}"><title>{}</title></polyline>',
        ((index, _stairs(points, last, top), name) for index, (name, points) in enumerate(series.items())),
    )
    return _framed(title, top, drawn, [(_x(second, last), label) for second, label in labels])


def nice_top(most: int) -> int:
    """The end of an axis that holds `most`: 1, 2 or 5 and zeros, halves of which are whole numbers."""
    size = 1
    while size * 10 < most:
        size *= 10
    return next((size * step for step in (2, 4, 10) if most <= size * step), size * 10)


def _framed(title: str, top: int, drawn: SafeString, labels: Iterable[tuple[float, str]]) -> SafeString:
    grid = format_html_join(
        "",
        '<line class="plot-grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="plot-scale" x="{}" y="{}">{}</text>',
        (
            (
                _LEFT,
                _WIDTH - _RIGHT,
                _y(value, top),
                _y(value, top),
                _LEFT - 6,
                _y(value, top) + 4,
                number_format(value, force_grouping=True),
            )
            for value in (0, top // 2, top)
        ),
    )
    below = format_html_join(
        "",
        '<text class="plot-label" x="{}" y="{}">{}</text>',
        ((_round(x), _HEIGHT - 8, label) for x, label in labels),
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}{}{}</svg>',
        _WIDTH, _HEIGHT, title, title, grid, drawn, below,
    )  # fmt: skip


def _stairs(points: Sequence[Point], last: float, top: int) -> str:
    """Level until the next one, and on to the end."""
    corners, level = [], 0
    for second, number in [*points, (last, points[-1][1] if points else 0)]:
        corners += [(_x(second, last), _y(level, top)), (_x(second, last), _y(number, top))]
        level = number
    return " ".join(f"{x},{y}" for x, y in corners)


def _inner_width() -> int:
    return _WIDTH - _LEFT - _RIGHT


def _x(second: float, last: float) -> float:
    return _round(_LEFT + _inner_width() * min(1.0, second / last if last else 0.0))


def _tall(value: int, top: int) -> float:
    return _round((_HEIGHT - _TOP - _BOTTOM) * value / top)


def _y(value: int, top: int) -> float:
    return _round(_HEIGHT - _BOTTOM - _tall(value, top))


def _round(number: float) -> float:
    return round(number, 1)
