"""What several pictures share: skies, stars, clouds, hills, waves and light."""

from __future__ import annotations

import math
from dataclasses import dataclass

from webapp.feed.pictures.canvas import HEIGHT, WIDTH, Canvas, Point, curve, hsl
from webapp.feed.pictures.dice import Dice


@dataclass(frozen=True, kw_only=True)
class Daytime:
    """The light of a scene: its sky from the top down, and the hue that far things fade to."""

    sky: tuple[str, ...]
    haze: float
    light: str
    is_dark: bool = False


DAYTIMES = (
    Daytime(sky=("#3f8fd6", "#8cc7f0", "#e3f4fb"), haze=205, light="#fff6cf"),
    Daytime(sky=("#2d6fb8", "#6db7d9", "#f7e7b5"), haze=195, light="#fffbe8"),
    Daytime(sky=("#41338c", "#c35a8d", "#f9a66c", "#fde2a0"), haze=330, light="#fff1c4"),
    Daytime(sky=("#26406f", "#d9705d", "#fbc078"), haze=20, light="#ffe6ae"),
    Daytime(sky=("#7a6bb8", "#e6a5c3", "#fde4dc"), haze=300, light="#fffaf2"),
    Daytime(sky=("#0b1433", "#1d2f66", "#45508f"), haze=230, light="#f4f1de", is_dark=True),
    Daytime(sky=("#06231f", "#0f4a4f", "#3d8a80"), haze=170, light="#eafff4", is_dark=True),
)


def sky(canvas: Canvas, dice: Dice) -> Daytime:
    """Paint a whole sky with its sun, moon, stars or clouds; return its light."""
    time = dice.pick(DAYTIMES)
    canvas.fill(canvas.down(*time.sky))
    if time.is_dark:
        stars(canvas, dice, 70)
    disc(canvas, dice.between(70, WIDTH - 70), dice.between(50, 130), dice.between(18, 36), time)
    if not time.is_dark:
        for _ in range(dice.whole(1, 4)):
            cloud(canvas, dice, dice.between(0, WIDTH), dice.between(30, 130))
    return time


def disc(canvas: Canvas, x: float, y: float, r: float, time: Daytime) -> None:
    """Paint the sun or the moon with its glow."""
    for factor, opacity in ((3.2, 0.10), (2.2, 0.14), (1.5, 0.22)):
        canvas.circle(x, y, r * factor, fill=time.light, opacity=opacity)
    canvas.circle(x, y, r, fill=time.light)
    if time.is_dark:
        for dx, dy, part in ((-0.3, -0.2, 0.22), (0.35, 0.1, 0.16), (-0.05, 0.42, 0.12)):
            canvas.circle(x + dx * r, y + dy * r, part * r, fill="#000", opacity=0.09)


def stars(canvas: Canvas, dice: Dice, count: int, depth: float = 0.75) -> None:
    """Scatter stars from the top down to this part of the height."""
    with canvas.group(fill="#fff"):
        for _ in range(count):
            x, y = dice.between(0, WIDTH), dice.between(0, HEIGHT * depth)
            canvas.circle(x, y, dice.between(0.5, 1.8), opacity=dice.between(0.35, 1))


def cloud(canvas: Canvas, dice: Dice, x: float, y: float) -> None:
    """Paint a cloud around a point."""
    size = dice.between(0.7, 1.6)
    with canvas.group(fill="#fff", opacity=dice.between(0.55, 0.9)):
        for place in range(-3, 4):
            bulge = (1 - abs(place) / 4) * 22 * size * dice.between(0.75, 1.15)
            canvas.circle(x + place * 15 * size, y - bulge * 0.45, bulge)
        canvas.rect(x - 54 * size, y - 6 * size, 108 * size, 12 * size, rx=6 * size)


def ridge(dice: Dice, level: float, height: float, steps: int) -> list[Point]:
    """Return the points of a rolling line across the picture."""
    phase, wave = dice.between(0, 6.3), dice.between(0.8, 1.8)
    points = []
    for step in range(-1, steps + 2):
        swing = math.sin(phase + step * wave) * 0.6 + dice.between(-0.4, 0.4)
        points.append((step * WIDTH / steps, level - height * swing))
    return points


def ground(canvas: Canvas, line: list[Point], paint: str, **attributes: str | float) -> None:
    """Fill what is below a line, smoothly."""
    (left, _), (right, _) = line[0], line[-1]
    canvas.path(
        f"{curve(line)}L{right:.0f} {HEIGHT}L{left:.0f} {HEIGHT}Z", fill=paint, **attributes
    )


def hills(canvas: Canvas, dice: Dice, time: Daytime, hue: float, level: float) -> None:
    """Paint three rows of hills, the nearest the strongest."""
    for row in range(3):
        near = (row + 1) / 3
        tone = hue * near + time.haze * (1 - near) if abs(hue - time.haze) < 180 else hue
        light = (64 - 26 * near) * (0.5 if time.is_dark else 1)
        paint = canvas.down(
            hsl(tone, 30 + 18 * near, light + 8), hsl(tone, 34 + 18 * near, light - 8)
        )
        ground(canvas, ridge(dice, level + row * 36, 22 - 5 * row, 5), paint)


def waves(canvas: Canvas, dice: Dice, top: float, hue: float, light: float) -> None:
    """Paint a sea from a level down, in rows of waves that grow as they come near."""
    rows = 6
    for row in range(rows):
        near = row / (rows - 1)
        level = top + (HEIGHT - top) * (near**1.4) * 0.92
        length, height = 26 + 50 * near, 2 + 9 * near
        shift = dice.between(0, length)
        line: list[Point] = []
        x, crest = -length - shift, True
        while x < WIDTH + 2 * length:
            line.append((x, level - (height if crest else 0)))
            x, crest = x + length / 2, not crest
        paint = canvas.down(
            hsl(hue - 8 * near, 62, light + 12 - 20 * near), hsl(hue, 66, light - 6 - 20 * near)
        )
        ground(canvas, line, paint)
        canvas.path(curve(line), fill="none", stroke="#fff", stroke_width=0.8 + near, opacity=0.35)


def rays(canvas: Canvas, x: float, y: float, count: int, paint: str, opacity: float) -> None:
    """Paint a burst of rays from a point, every other one left out."""
    step = math.pi / count
    parts = []
    for ray in range(count):
        a, b = 2 * ray * step, (2 * ray + 1) * step
        parts.append(
            f"M{x:.0f} {y:.0f}L{x + 700 * math.cos(a):.0f} {y + 700 * math.sin(a):.0f}"
            f"L{x + 700 * math.cos(b):.0f} {y + 700 * math.sin(b):.0f}Z"
        )
    canvas.path("".join(parts), fill=paint, opacity=opacity)


def backdrop(canvas: Canvas, dice: Dice, hue: float) -> None:
    """Paint a quiet studio wall for a portrait: a glow, and a pattern of one kind."""
    light = dice.between(68, 82)
    canvas.fill(
        canvas.round(hsl(hue, 62, light + 10), hsl(hue + 14, 52, light - 18), y=0.42, r=0.8)
    )
    kind = dice.pick(("dots", "stripes", "rings", "confetti", "plain"))
    with canvas.group(fill="#fff", stroke="#fff", opacity=0.28):
        if kind == "dots":
            for row in range(8):
                for column in range(11):
                    x = column * 48 + (row % 2) * 24
                    canvas.circle(x, row * 48 + 10, 6, stroke="none")
        elif kind == "stripes":
            for place in range(-8, 14):
                canvas.path(f"M{place * 48} 0L{place * 48 + 360} 360", stroke_width=16)
        elif kind == "rings":
            for ring in range(1, 9):
                canvas.circle(240, 190, ring * 44, fill="none", stroke_width=10)
        elif kind == "confetti":
            for _ in range(60):
                left, top = dice.between(0, WIDTH), dice.between(0, HEIGHT)
                turn = f"rotate({dice.between(0, 180):.0f} {left:.0f} {top:.0f})"
                canvas.rect(left, top, 12, 5, rx=2, transform=turn, stroke="none")
