"""Trees: grown from a trunk twig by twig, in the colours of a season."""

from __future__ import annotations

import math

from webapp.feed.pictures.canvas import WIDTH, Canvas, Point, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import hills, sky

_SEASONS = (
    (340, 350, 74),  # cherry blossom
    (95, 125, 44),
    (75, 105, 50),
    (18, 48, 52),  # autumn
    (0, 28, 46),
    (150, 172, 40),
    (265, 290, 68),  # jacaranda
)


def draw_tree(canvas: Canvas, dice: Dice) -> None:
    """Draw one on its hill."""
    time = sky(canvas, dice)
    low, high, light = dice.pick(_SEASONS)
    meadow = 200 if light > 60 and dice.falls(0.2) else dice.between(80, 130)
    hills(canvas, dice, time, meadow, dice.between(236, 262))
    x, foot = dice.between(190, 290), 326
    canvas.ellipse(x, foot + 2, 110, 12, fill="#000", opacity=0.2)
    twigs: list[Point] = []
    bark = dice.pick(("#5b3d29", "#6d4c35", "#453630", "#7a6a5c"))
    canvas.path(
        f"M{x - 12:.0f} {foot - 40}Q{x - 12:.0f} {foot - 6} {x - 34:.0f} {foot + 4}H{x + 34:.0f}"
        f"Q{x + 12:.0f} {foot - 6} {x + 12:.0f} {foot - 40}Z",
        fill=bark,
    )
    with canvas.group(stroke=bark, fill="none", stroke_linecap="round"):
        _grow(canvas, dice, (x, foot), -math.pi / 2, dice.between(66, 80), 22, twigs)
    dim = 0.62 if time.is_dark else 1
    for depth, part in enumerate((-16, -5, 6)):
        for leaf_x, leaf_y in twigs:
            for _ in range(2):
                canvas.circle(
                    leaf_x + dice.between(-22, 22) - 3 * depth,
                    leaf_y + 12 - 9 * depth + dice.between(-14, 12),
                    dice.between(13, 22) - 4 * depth,
                    fill=hsl(dice.between(low, high), 60, (light + part) * dim),
                )
    with canvas.group(fill=hsl(high, 70, light * dim + 10), opacity=0.9):
        for _ in range(dice.whole(8, 26)):
            canvas.ellipse(x + dice.between(-150, 150), dice.between(250, 346), 4, 2.4)
    if dice.falls(0.3):
        _swing(canvas, x)
    if dice.falls(0.5):
        _flowers(canvas, dice)


def _grow(
    canvas: Canvas,
    dice: Dice,
    at: Point,
    angle: float,
    length: float,
    width: float,
    twigs: list[Point],
) -> None:
    """Draw a branch and all that grow from it; note where leaves are."""
    x, y = at[0] + length * math.cos(angle), at[1] + length * math.sin(angle)
    bend = dice.between(-0.12, 0.12) * length
    canvas.path(
        f"M{at[0]:.0f} {at[1]:.0f}Q{(at[0] + x) / 2 + bend:.0f} {(at[1] + y) / 2:.0f} {x:.0f} {y:.0f}",
        stroke_width=width,
    )
    if width < 9:
        twigs.append((x, y))
    if width < 4.2:
        return
    for side in (-1, 1):
        turn = side * dice.between(0.28, 0.62)
        _grow(
            canvas,
            dice,
            (x, y),
            angle + turn,
            length * dice.between(0.68, 0.84),
            width * 0.66,
            twigs,
        )


def _swing(canvas: Canvas, x: float) -> None:
    canvas.path(f"M{x + 52:.0f} 190V292M{x + 84:.0f} 186V292", stroke="#d9c9a8", stroke_width=2)
    canvas.rect(x + 46, 290, 44, 7, rx=2, fill="#a8703c")


def _flowers(canvas: Canvas, dice: Dice) -> None:
    hue = dice.between(0, 360)
    for _ in range(dice.whole(8, 20)):
        x, y, r = dice.between(0, WIDTH), dice.between(322, 352), dice.between(2, 4)
        canvas.circle(x, y, r, fill=hsl(hue + dice.between(-30, 30), 80, 74))
        canvas.circle(x, y, r * 0.4, fill="#fff3b0")
