"""Pictures of nothing in particular: also what a category without a drawing of its own gets."""

from __future__ import annotations

import math

from webapp.feed.pictures.canvas import HEIGHT, WIDTH, Canvas, curve, hsl
from webapp.feed.pictures.dice import Dice


def draw_abstract(canvas: Canvas, dice: Dice) -> None:
    """Draw bands, glows, tiles, orbits or a sheaf of lines."""
    hue, spread = dice.between(0, 360), dice.pick((25, 60, 120, 180))
    palette = [
        hsl(hue + spread * (part - 1.5) / 1.5, dice.between(55, 82), light)
        for part, light in enumerate((28, 48, 62, 78))
    ]
    dice.pick((_bands, _glows, _tiles, _orbits, _lines))(canvas, dice, palette)


def _bands(canvas: Canvas, dice: Dice, palette: list[str]) -> None:
    canvas.fill(canvas.down(palette[3], palette[2]))
    for band in range(7):
        level, phase = 60 + band * 46, dice.between(0, 6)
        line = [
            (x, level + 34 * math.sin(phase + x / dice.between(70, 80)))
            for x in range(-40, 561, 40)
        ]
        paint = canvas.across(palette[band % 4], palette[(band + 1) % 4])
        canvas.path(f"{curve(line)}V{HEIGHT}H-40Z", fill=paint, opacity=0.85)


def _glows(canvas: Canvas, dice: Dice, palette: list[str]) -> None:
    canvas.fill(canvas.across(palette[0], palette[1]))
    for glow in range(9):
        x, y, r = dice.between(0, WIDTH), dice.between(0, HEIGHT), dice.between(110, 220)
        paint = palette[glow % 4]
        canvas.circle(x, y, r, fill=canvas.round(paint, paint.replace(",1)", ",0)"), r=0.5))
    for ring in range(dice.whole(2, 4)):
        x, y, r = dice.between(70, 410), dice.between(70, 290), dice.between(30, 80)
        canvas.circle(
            x, y, r, fill=canvas.across(palette[3 - ring % 2], palette[ring % 3]), opacity=0.9
        )


def _tiles(canvas: Canvas, dice: Dice, palette: list[str]) -> None:
    side = dice.pick((60, 80, 120))
    for row in range(HEIGHT // side + 1):
        for column in range(WIDTH // side):
            x, y = column * side, row * side
            canvas.rect(x, y, side, side, fill=dice.pick(palette))
            paint, kind = dice.pick(palette), dice.whole(0, 3)
            if kind == 0:
                canvas.circle(x + side / 2, y + side / 2, side * 0.36, fill=paint)
            elif kind == 1:
                turn = f"rotate({90 * dice.whole(0, 3)} {x + side / 2:g} {y + side / 2:g})"
                canvas.path(
                    f"M{x} {y}H{x + side}A{side} {side} 0 0 1 {x} {y + side}Z",
                    fill=paint,
                    transform=turn,
                )
            elif kind == 2:
                canvas.path(f"M{x} {y + side}L{x + side} {y}V{y + side}Z", fill=paint)


def _orbits(canvas: Canvas, dice: Dice, palette: list[str]) -> None:
    canvas.fill(canvas.round(palette[1], palette[0], r=0.8))
    x, y = dice.between(150, 330), dice.between(120, 240)
    for ring in range(9, 0, -1):
        r = ring * dice.between(26, 32)
        canvas.circle(
            x,
            y,
            r,
            fill="none",
            stroke=palette[ring % 3 + 1],
            opacity=0.8,
            stroke_width=dice.between(3, 17),
            stroke_dasharray=f"{dice.between(40, 400):.0f} {dice.between(10, 120):.0f}",
        )
        angle = dice.between(0, 6.3)
        canvas.circle(
            x + r * math.cos(angle), y + r * math.sin(angle), dice.between(4, 11), fill="#fff"
        )
    canvas.circle(x, y, 24, fill=canvas.round("#ffffff", palette[3]))


def _lines(canvas: Canvas, dice: Dice, palette: list[str]) -> None:
    canvas.fill(canvas.down(palette[0], "#0d0f18"))
    a, b, lift = dice.between(60, 120), dice.between(30, 70), dice.between(0, 6)
    for thread in range(26):
        share = thread / 25
        line = [
            (
                x,
                180
                + (share - 0.5) * 90
                + a * (1 - share) * math.sin(x / b + lift) * math.sin(x / 153)
                + 60 * share * math.cos(x / 90 + share * 3),
            )
            for x in range(-20, 521, 30)
        ]
        canvas.path(
            curve(line),
            fill="none",
            stroke=palette[1 + thread % 3],
            stroke_width=2.2,
            opacity=0.35 + 0.6 * share,
        )
