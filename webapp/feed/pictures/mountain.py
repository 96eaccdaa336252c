"""Mountains: ridge behind ridge up to the snow, with pines in front or a lake that mirrors them."""

from __future__ import annotations

from webapp.feed.pictures.canvas import HEIGHT, WIDTH, Canvas, Point, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import Daytime, ground, ridge, sky


def draw_mountain(canvas: Canvas, dice: Dice) -> None:
    """Draw a range."""
    time = sky(canvas, dice)
    rock = dice.pick((215, 225, 250, 200, 18, 280))
    if dice.falls(0.6):
        _range(canvas, dice, time, rock, 268, far=True)
    _range(canvas, dice, time, rock, 300, far=False)
    green = dice.pick((150, 165, 125, 190, 95))
    if dice.falls(0.45):
        _lake(canvas, dice, time, rock)
    else:
        for row, level in enumerate((272, 304)):
            light = (36 - 12 * row) * (0.5 if time.is_dark else 1)
            ground(canvas, ridge(dice, level, 14, 5), hsl(green, 34, light))
            _pines(canvas, dice, hsl(green + 8, 40, light - 6), level + 20, 0.6 + 0.5 * row)
    mist = canvas.down(
        hsl(time.haze, 50, 92, 0), hsl(time.haze, 50, 92, 0.35), hsl(time.haze, 50, 92, 0)
    )
    canvas.rect(0, 210, WIDTH, 80, fill=mist)


def _range(
    canvas: Canvas, dice: Dice, time: Daytime, hue: float, foot: float, *, far: bool
) -> None:
    """Draw peaks from left to right, each with a lit and a shaded flank, and snow."""
    count = dice.whole(2, 3) + 2 * far
    tone = time.haze if far else hue
    light = (66 if far else 50) * (0.55 if time.is_dark else 1)
    lit, shaded = hsl(tone, 26, light + 6), hsl(tone, 32, light - 13)
    tops = [(place + dice.between(0.25, 0.75)) * WIDTH / count for place in range(count)]
    order = sorted(range(count), key=lambda place: dice.between(0, 1))
    for place in order:
        high = dice.between(95, 140) if far else dice.between(140, 215)
        wide = high * dice.between(0.95, 1.25)
        _peak(canvas, dice, (tops[place], foot - high), foot + 30, wide, (lit, shaded))


def _peak(
    canvas: Canvas, dice: Dice, top: Point, foot: float, wide: float, paint: tuple[str, str]
) -> None:
    x, y = top
    spine = _crooked(dice, top, (x + dice.between(-0.1, 0.25) * wide, foot), 12)
    left = _crooked(dice, top, (x - wide, foot), 7)
    right = _crooked(dice, top, (x + wide, foot), 7)
    canvas.path(_outline(left, spine), fill=paint[0])
    canvas.path(_outline(right, spine), fill=paint[1])
    line = y + (foot - y) * dice.between(0.26, 0.42)
    for flank, snow in ((left, "#ffffff"), (right, "#cfdcec")):
        edge, middle = _above(flank, line), _above(spine, line)
        if len(edge) < 2 or len(middle) < 2:
            continue
        (ax, ay), (bx, by) = edge[-1], middle[-1]
        steps = 5
        drips = [
            (ax + (bx - ax) * k / steps, ay + (by - ay) * k / steps + (16 if k % 2 else -10))
            for k in range(1, steps)
        ]
        canvas.path(_outline(edge + drips, middle), fill=snow, opacity=0.95)


def _crooked(dice: Dice, start: Point, end: Point, swing: float) -> list[Point]:
    steps = 9
    inner = [
        (
            start[0] + (end[0] - start[0]) * k / steps + dice.between(-swing, swing),
            start[1] + (end[1] - start[1]) * k / steps + dice.between(-swing, swing) * 0.4,
        )
        for k in range(1, steps)
    ]
    return [start, *inner, end]


def _above(line: list[Point], level: float) -> list[Point]:
    return [point for point in line if point[1] <= level]


def _outline(there: list[Point], back: list[Point]) -> str:
    points = [*there, *reversed(back)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _pines(canvas: Canvas, dice: Dice, paint: str, foot: float, size: float) -> None:
    for _ in range(dice.whole(9, 18)):
        x, high = dice.between(-10, WIDTH + 10), dice.between(34, 70) * size
        y, parts = foot + dice.between(-4, 12), []
        for step in range(4):
            top, wide = y - high + step * high * 0.2, high * (0.1 + 0.07 * step)
            parts.append(f"M{x:.0f} {top:.0f}l{wide:.1f} {high * 0.34:.1f}h-{2 * wide:.1f}Z")
        parts.append(f"M{x - 2:.0f} {y - 8:.0f}h4v14h-4Z")
        canvas.path("".join(parts), fill=paint)


def _lake(canvas: Canvas, dice: Dice, time: Daytime, rock: float) -> None:
    dark = 0.5 if time.is_dark else 1
    canvas.rect(
        0,
        276,
        WIDTH,
        HEIGHT - 276,
        fill=canvas.down(hsl(time.haze, 46, 74 * dark), hsl(rock, 50, 34 * dark)),
    )
    with canvas.group(fill=hsl(rock, 24, 42 * dark), opacity=0.35):
        for _ in range(dice.whole(3, 5)):
            x, deep = dice.between(20, 460), dice.between(30, 70)
            canvas.path(f"M{x - deep:.0f} 276L{x:.0f} {276 + deep:.0f}L{x + deep:.0f} 276Z")
    with canvas.group(stroke="#fff", stroke_width=2, stroke_linecap="round", opacity=0.4):
        for _ in range(22):
            x, y = dice.between(0, WIDTH), dice.between(286, 352)
            canvas.path(f"M{x:.0f} {y:.0f}h{dice.between(8, 46):.0f}")
    shore = hsl(dice.pick((120, 150, 40)), 30, 24 * dark)
    _pines(canvas, dice, shore, 268, 0.5)
    canvas.path("M0 272Q120 264 240 272T480 270V280H0Z", fill=shore)
