"""Whales: breaching before a sky, or far down in the light that comes from above."""

from __future__ import annotations

import math

from webapp.feed.pictures.canvas import HEIGHT, WIDTH, Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import sky, waves

_BODY = (
    "M-134 6C-138-48-78-80-4-72C58-66 104-36 140-22C146-44 158-66 192-76C198-54 188-36 172-26"
    "C194-24 212-10 218 10C192 14 166 4 150-6C122 26 62 66-22 66C-96 66-132 46-134 6Z"
)
_BELLY = "M-134 10C-130 48-94 66-22 66C46 66 96 40 128 14C70 34-50 44-134 10Z"
_FLIPPER = "M-44 40C-40 72-14 96 22 102C20 76 8 54-6 38Z"


def draw_whale(canvas: Canvas, dice: Dice) -> None:
    """Draw one, sometimes with its calf."""
    hue = dice.pick((204, 212, 220, 196, 232, 186, 262))
    if dice.falls(0.5):
        _dive(canvas, dice, hue)
    else:
        _breach(canvas, dice, hue)


def _breach(canvas: Canvas, dice: Dice, hue: float) -> None:
    time = sky(canvas, dice)
    sea_hue, light = dice.between(192, 214), 26 if time.is_dark else 46
    waves(canvas, dice, 210, sea_hue, light)
    side, x, y = dice.pick((-1, 1)), dice.between(215, 265), dice.between(196, 222)
    size, turn = dice.between(0.9, 1.15), dice.between(4, 20)
    _whale(canvas, dice, hue, x, y, size, side, turn)
    angle = math.radians(turn)
    hole_x = x + side * size * (-60 * math.cos(angle) - 74 * math.sin(angle) * -1)
    hole_y = y + size * (-60 * math.sin(angle) - 74 * math.cos(angle))
    _spout(canvas, dice, hole_x, hole_y)
    waves(canvas, dice, 262, sea_hue, light - 4)
    with canvas.group(fill="#fff", opacity=0.8):
        for _ in range(26):
            canvas.circle(x + dice.between(-150, 150), dice.between(244, 272), dice.between(1, 5))


def _dive(canvas: Canvas, dice: Dice, hue: float) -> None:
    sea = dice.pick((190, 200, 212, 224, 174))
    canvas.fill(canvas.down(hsl(sea, 70, 62), hsl(sea + 8, 72, 38), hsl(sea + 22, 68, 15)))
    beam = canvas.down(hsl(sea, 90, 92, 0.5), hsl(sea, 90, 92, 0))
    for _ in range(6):
        x, wide = dice.between(-40, WIDTH), dice.between(20, 60)
        lean = dice.between(60, 130)
        canvas.path(
            f"M{x:.0f} 0h{wide:.0f}l{lean:.0f} 330h-{wide * 2:.0f}Z", fill=beam, opacity=0.5
        )
    _bed(canvas, dice, sea)
    side, x, y = dice.pick((-1, 1)), dice.between(215, 265), dice.between(140, 190)
    _whale(canvas, dice, hue, x, y, dice.between(0.95, 1.2), side, dice.between(-14, 12))
    if dice.falls(0.4):
        below = y + dice.between(105, 125)
        _whale(canvas, dice, hue + 8, x + side * dice.between(-70, 70), below, 0.42, side, -6)
    with canvas.group(fill="#fff", stroke="#fff", fill_opacity=0.15, opacity=0.75):
        for _ in range(dice.whole(10, 22)):
            bubble_x, bubble_y = x - side * 150 + dice.between(-60, 60), dice.between(10, 300)
            canvas.circle(bubble_x, bubble_y, dice.between(1.5, 8), stroke_width=1.2)


def _bed(canvas: Canvas, dice: Dice, hue: float) -> None:
    """Draw weed and coral on the ground, and a shoal in the distance."""
    ground = dice.between(318, 332)
    with canvas.group(fill=hsl(hue + 10, 60, 78), opacity=0.35):
        fish_x, fish_y = dice.between(40, 400), dice.between(40, 110)
        for _ in range(dice.whole(5, 14)):
            x, y = fish_x + dice.between(-60, 60), fish_y + dice.between(-30, 30)
            canvas.path(f"M{x:.0f} {y:.0f}q8-7 16 0l6-4v8l-6-4q-8 7-16 0Z")
    canvas.path(
        f"M0 {ground:.0f}Q120 {ground - 24:.0f} 250 {ground:.0f}T480 {ground - 8:.0f}V360H0Z",
        fill=hsl(hue + 26, 46, 12),
    )
    for _ in range(dice.whole(6, 11)):
        x, height = dice.between(0, WIDTH), dice.between(30, 90)
        sway, paint = dice.between(-16, 16), hsl(dice.pick((150, 168, 330, 18)), 45, 30)
        canvas.path(
            f"M{x:.0f} {HEIGHT}q{sway:.0f}-{height / 2:.0f} 0-{height:.0f}"
            f"t{sway:.0f}-{height / 2:.0f}",
            stroke=paint,
            stroke_width=dice.between(5, 9),
            fill="none",
            stroke_linecap="round",
        )


def _spout(canvas: Canvas, dice: Dice, x: float, y: float) -> None:
    with canvas.group(stroke="#fff", fill="none", stroke_linecap="round", opacity=0.85):
        for side in (-1, 1):
            for reach in (16, 30, 44):
                high = 62 - reach * 0.5 + dice.between(-6, 6)
                canvas.path(
                    f"M{x:.0f} {y:.0f}C{x:.0f} {y - high:.0f} {x + side * reach:.0f} {y - high:.0f} "
                    f"{x + side * reach:.0f} {y - high * 0.4:.0f}",
                    stroke_width=4,
                )


def _whale(
    canvas: Canvas, dice: Dice, hue: float, x: float, y: float, size: float, side: int, turn: float
) -> None:
    """Draw the animal around a point; ``side`` 1 looks to the left."""
    strength = dice.between(38, 62)
    back = canvas.down(hsl(hue, strength, 58), hsl(hue + 6, strength, 34))
    place = f"translate({x:.0f} {y:.0f}) scale({side * size:.2f} {size:.2f}) rotate({turn:.0f})"
    with canvas.group(transform=place):
        canvas.path(_BODY, fill=back)
        canvas.path(_BELLY, fill=canvas.down(hsl(hue, 34, 90), hsl(hue, 30, 74)))
        with canvas.group(fill="none", stroke=hsl(hue, 30, 56), stroke_width=1.6, opacity=0.8):
            for line in range(5):
                down, short = line * 8, line * 16
                canvas.path(
                    f"M{-122 + short} {22 + down}Q-60 {42 + down * 0.7:.0f} {30 - short} {40 + down * 0.6:.0f}"
                )
        canvas.path(
            "M-108-26C-76-62-20-68 50-52",
            fill="none",
            stroke="#fff",
            stroke_width=7,
            stroke_linecap="round",
            opacity=0.2,
        )
        for _ in range(dice.whole(4, 12)):
            spot_x, spot_y = dice.between(-60, 90), dice.between(-50, -22)
            canvas.circle(spot_x, spot_y, dice.between(1.5, 4.5), fill="#fff", opacity=0.3)
        canvas.path(
            _FLIPPER, fill=canvas.down(hsl(hue + 4, strength, 46), hsl(hue + 8, strength, 28))
        )
        canvas.path(
            "M-134 12Q-112 30-84 20",
            fill="none",
            stroke=hsl(hue, 40, 20),
            stroke_width=3,
            stroke_linecap="round",
        )
        canvas.circle(-80, 2, 8, fill="#fff")
        canvas.circle(-81.5, 2.5, 5.4, fill="#15202b")
        canvas.circle(-83, 0, 1.9, fill="#fff")
