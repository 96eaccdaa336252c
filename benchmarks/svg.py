"""Charts as SVG, legible on white and on black: bars of measures, and lines of growth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from benchmarks.records import Chart, Line, Measure
from benchmarks.telling import number

WIDTH = 720
_TEXT, _OURS, _PEER = "#77808a", "#2f81f7", "#a07be0"
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 44, 50
_PLOT_HEIGHT = 200
_BAR_LEFT, _BAR_HEIGHT = 290, 24


def bars(title: str, measures: Sequence[Measure], ours: str = "Batchwell") -> str:
    """Draw a bar for each median, a whisker from the least to the largest value."""
    most = max(max(measure.values) for measure in measures)
    least = min(measure.median for measure in measures)
    room = WIDTH - _BAR_LEFT - 110
    is_log = 0 < 30 * least < most
    floor = 10 ** math.floor(math.log10(least) - 0.3) if is_log else 0.0

    def place(value: float) -> float:
        if is_log:
            return _BAR_LEFT + room * math.log(max(value, floor) / floor) / math.log(most / floor)
        return _BAR_LEFT + room * value / most

    drawn = [_text(16, 22, f"{title}, {measures[0].unit}{' (logarithmic)' if is_log else ''}", 15)]
    for row, measure in enumerate(measures):
        y = _TOP + row * _BAR_HEIGHT
        end, middle = place(measure.median), y + _BAR_HEIGHT / 2 - 3
        colour = _OURS if measure.subject.startswith(ours) else _PEER
        low, high = place(min(measure.values)), place(max(measure.values))
        drawn += [
            _text(_BAR_LEFT - 8, middle + 4, measure.subject, 12, "end"),
            _bar(y, end - _BAR_LEFT, colour),
            f'<path d="M{low:.1f} {middle - 1:.1f}H{high:.1f}" stroke="{_TEXT}" stroke-width="2"/>',
            _text(max(end, high) + 6, middle + 4, number(measure.median), 12),
        ]
    return _document(drawn, _TOP + len(measures) * _BAR_HEIGHT + 10)


def lines(chart: Chart) -> str:
    """Draw how a quantity grows: sizes on a logarithmic scale; dashed, how it would linearly."""
    points = [point for line in chart.lines for point in line.points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    is_log = chart.linear == "proportional" and min(ys) > 0
    ticks = _log_ticks(min(ys), max(ys)) if is_log else _linear_ticks(max(ys))
    across = _scale(min(xs), max(xs), _LEFT, WIDTH - _RIGHT, is_log=True)
    up = _scale(ticks[0], ticks[-1], _TOP + _PLOT_HEIGHT, _TOP, is_log=is_log)
    drawn = [_text(16, 22, chart.title, 15)]
    for tick in ticks:
        y = up(tick)
        drawn += [
            f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="{_TEXT}" stroke-opacity=".3"/>',
            _text(_LEFT - 8, y + 4, number(tick), 12, "end"),
        ]
    for x in sorted(set(xs)):
        drawn.append(_text(across(x), _TOP + _PLOT_HEIGHT + 20, number(x), 12, "middle"))
    drawn.append(_text(WIDTH / 2, _TOP + _PLOT_HEIGHT + 42, chart.x_label, 12, "middle"))
    for line in chart.lines:
        drawn.append(_path(_straight(line, ticks[-1], is_log=is_log), across, up, dashed=True))
        drawn.append(_path(line.points, across, up))
        drawn += [
            f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="{_OURS}"/>'
            + _text(across(x), up(y) - 10, number(y), 12, _anchor(x, xs))
            for x, y in line.points
        ]
    return _document(drawn, _TOP + _PLOT_HEIGHT + _BOTTOM)


def _straight(line: Line, most: float, *, is_log: bool) -> list[tuple[float, float]]:
    """Return how the line would go on from its first point, as far as the chart reaches."""
    (x, y), (last_x, _) = line.points[0], line.points[-1]
    if not is_log:
        return [(x, y), (last_x, y)]
    times = min(last_x / x, most / y)
    return [(x, y), (x * times, y * times)]


def _bar(y: float, width: float, colour: str) -> str:
    place = f'x="{_BAR_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR_HEIGHT - 7}"'
    return f'<rect {place} rx="2" fill="{colour}"/>'


def _anchor(x: float, xs: Sequence[float]) -> str:
    return "end" if x == max(xs) else "start" if x == min(xs) else "middle"


def _path(
    points: Sequence[tuple[float, float]],
    across: Callable[[float], float],
    up: Callable[[float], float],
    *,
    dashed: bool = False,
) -> str:
    where = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)
    look = (
        f'stroke="{_TEXT}" stroke-dasharray="5 5"'
        if dashed
        else f'stroke="{_OURS}" stroke-width="2.5"'
    )
    return f'<path d="M{where}" fill="none" {look}/>'


def _scale(
    least: float, most: float, start: float, end: float, *, is_log: bool
) -> Callable[[float], float]:
    def place(value: float) -> float:
        if is_log:
            share = math.log(value / least) / math.log(most / least)
        else:
            share = (value - least) / (most - least)
        return start + (end - start) * share

    return place


def _log_ticks(least: float, most: float) -> list[float]:
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def _linear_ticks(most: float) -> list[float]:
    step = 10 ** math.floor(math.log10(most))
    step = next(part for part in (step / 5, step / 2, step, 2 * step) if most * 1.15 / part <= 6)
    return [step * count for count in range(math.ceil(most * 1.15 / step) + 1)]


def _text(x: float, y: float, words: str, size: int, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{_TEXT}">{escape(words)}</text>'
    )


def _document(drawn: Sequence[str], height: float) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif">'
    return "\n".join([root, *drawn, "</svg>\n"])
