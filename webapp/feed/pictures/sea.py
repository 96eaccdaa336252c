"""Seas: waves under a wide sky, with a boat, a lighthouse or an island."""

from __future__ import annotations

from webapp.feed.pictures.canvas import WIDTH, Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import Daytime, sky, waves


def draw_sea(canvas: Canvas, dice: Dice) -> None:
    """Draw one."""
    time = sky(canvas, dice)
    horizon, light = dice.between(176, 206), 24 if time.is_dark else 46
    with canvas.group(
        fill="none", stroke="#26323c", stroke_width=2.4, stroke_linecap="round", opacity=0.7
    ):
        for _ in range(dice.whole(0, 6)):
            x, y, size = dice.between(40, 440), dice.between(40, 150), dice.between(5, 11)
            canvas.path(
                f"M{x - size:.0f} {y:.0f}q{size / 2:.0f}-{size:.0f} {size:.0f} 0q{size / 2:.0f}-{size:.0f} {size:.0f} 0"
            )
    thing = dice.pick(("boat", "boat", "lighthouse", "island", "steamer"))
    x = dice.between(120, 360)
    if thing == "lighthouse":
        _lighthouse(canvas, dice, x, horizon - 10, time)
    elif thing == "island":
        _island(canvas, dice, x, horizon + 10)
    waves(canvas, dice, horizon, dice.pick((190, 200, 210, 178, 222)), light)
    if thing == "boat":
        _boat(canvas, dice, x, horizon + dice.between(66, 96))
    elif thing == "steamer":
        _steamer(canvas, dice, x, horizon + dice.between(50, 70))
    canvas.rect(0, horizon - 2, WIDTH, 3, fill=time.light, opacity=0.35)
    with canvas.group(fill=time.light, opacity=0.5):
        for _ in range(24):
            canvas.rect(
                dice.between(0, WIDTH),
                dice.between(horizon + 8, 350),
                dice.between(4, 20),
                1.6,
                rx=1,
            )


def _boat(canvas: Canvas, dice: Dice, x: float, y: float) -> None:
    hue, size, side = dice.between(0, 360), dice.between(0.95, 1.5), dice.pick((-1, 1))
    with canvas.group(
        transform=f"translate({x:.0f} {y:.0f}) scale({side * size:.2f} {size:.2f}) rotate({dice.between(-5, 5):.0f})"
    ):
        canvas.path("M0-104V4", stroke="#5a3b22", stroke_width=4)
        canvas.path("M5-102C44-70 56-40 58-12H5Z", fill=canvas.across("#ffffff", hsl(hue, 40, 88)))
        canvas.path("M-5-92C-26-60-34-36-38-12H-5Z", fill=hsl(hue, 74, 58))
        canvas.path("M0-104l20 6-20 7Z", fill=hsl(hue + 180, 80, 55))
        canvas.path(
            "M-62 0H68C60 22 48 30 34 30H-34C-50 28-58 16-62 0Z",
            fill=canvas.down(hsl(hue, 66, 46), hsl(hue, 66, 28)),
        )
        canvas.path("M-60 6H64", stroke="#fff", stroke_width=4, opacity=0.8)
    canvas.ellipse(x, y + 32 * size, 66 * size, 7, fill="#fff", opacity=0.35)


def _steamer(canvas: Canvas, dice: Dice, x: float, y: float) -> None:
    hue, side = dice.between(0, 360), dice.pick((-1, 1))
    with canvas.group(transform=f"translate({x:.0f} {y:.0f}) scale({side * 1.25} 1.25)"):
        with canvas.group(fill="#f2f2f2", opacity=0.6):
            for puff in range(5):
                canvas.circle(30 + puff * 15, -74 - puff * 9, 8 + puff * 3.4)
        canvas.rect(10, -66, 20, 40, fill=hsl(hue, 70, 48))
        canvas.rect(10, -66, 20, 9, fill="#22262c")
        canvas.rect(-40, -32, 92, 34, rx=4, fill="#f7f5ee")
        for window in range(6):
            canvas.circle(-28 + window * 14, -16, 4, fill="#3a6ea0")
        canvas.path(
            "M-84 0H84C78 20 70 32 56 32H-58C-72 26-80 14-84 0Z",
            fill=canvas.down(hsl(hue, 50, 34), hsl(hue, 50, 18)),
        )
        canvas.path("M-80 8H80", stroke=hsl(hue, 80, 60), stroke_width=5)


def _lighthouse(canvas: Canvas, dice: Dice, x: float, foot: float, time: Daytime) -> None:
    hue, high = dice.pick((0, 0, 210, 150)), dice.between(96, 122)
    if time.is_dark or dice.falls(0.4):
        for side in (-1, 1):
            canvas.path(
                f"M{x:.0f} {foot - high - 14:.0f}l{side * 420}-40v80Z", fill="#fff6c8", opacity=0.3
            )
    canvas.path(
        f"M{x - 110:.0f} {foot + 20:.0f}q30-44 74-40q30-20 66 4q40 2 80 36Z",
        fill=canvas.down("#8d8375", "#4e473f"),
    )
    with canvas.group(transform=f"translate({x:.0f} {foot:.0f})"):
        canvas.path(f"M-22 0L-14-{high:.0f}H14L22 0Z", fill=canvas.across("#ffffff", "#d5d9de"))
        for band in range(3):
            low, half = high * (0.12 + band * 0.3), 22 - (0.12 + band * 0.3) * 8
            canvas.path(
                f"M-{half:.1f}-{low:.0f}L-{half - 1.2:.1f}-{low + high * 0.15:.0f}H{half - 1.2:.1f}L{half:.1f}-{low:.0f}Z",
                fill=hsl(hue, 72, 48),
            )
        canvas.rect(-20, -high - 5, 40, 7, rx=2, fill="#2a3038")
        canvas.rect(-11, -high - 26, 22, 22, fill="#fff2a8")
        canvas.path(
            f"M-15-{high + 26:.0f}Q0-{high + 50:.0f} 15-{high + 26:.0f}Z", fill=hsl(hue, 72, 40)
        )


def _island(canvas: Canvas, dice: Dice, x: float, foot: float) -> None:
    canvas.path(
        f"M{x - 130:.0f} {foot + 12:.0f}q60-50 130-50t130 50Z",
        fill=canvas.down("#f6dd9c", "#d9b367"),
    )
    for _ in range(dice.whole(1, 3)):
        base, lean, high = x + dice.between(-60, 60), dice.between(-34, 34), dice.between(80, 120)
        top_x, top_y = base + lean, foot - 30 - high
        canvas.path(
            f"M{base:.0f} {foot - 28:.0f}Q{base + lean * 0.1:.0f} {foot - 60 - high * 0.4:.0f} {top_x:.0f} {top_y:.0f}",
            fill="none",
            stroke="#8a5d34",
            stroke_width=9,
            stroke_linecap="round",
        )
        green = dice.between(110, 150)
        for end_x, end_y in (
            (-60, 14),
            (-46, -22),
            (-10, -38),
            (34, -30),
            (60, 6),
            (40, 34),
            (-38, 36),
        ):
            canvas.path(
                f"M{top_x:.0f} {top_y:.0f}q{end_x * 0.5:.0f} {end_y * 0.5 - 24:.0f} {end_x} {end_y}q{-end_x * 0.6:.0f}-10 {-end_x} {-end_y}Z",
                fill=hsl(green, 52, 34),
            )
        canvas.circle(top_x, top_y + 5, 6, fill="#6b4423")
