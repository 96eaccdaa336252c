"""Birds: round ones on a twig, with leaves or blossoms about them."""

from __future__ import annotations

from webapp.feed.pictures.canvas import Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import backdrop, sky

_PLUMAGES = (  # back, wing, breast, cap
    ("#3d7fc4", "#2a5d99", "#f39a4a", "#3d7fc4"),
    ("#7a6a58", "#5a4c3d", "#d9583a", "#7a6a58"),
    ("#e9c33a", "#b8922a", "#fbe9a0", "#2b2b2b"),
    ("#4aa86a", "#2f7d4a", "#d9efb0", "#d8453a"),
    ("#c7394a", "#8f2233", "#f4a08f", "#c7394a"),
    ("#5d6f86", "#425066", "#eef2f6", "#26303c"),
    ("#2fa6a0", "#1d7470", "#fff0b8", "#155c6b"),
    ("#9a6bc4", "#6f4697", "#f2d8f0", "#57347a"),
)


def draw_bird(canvas: Canvas, dice: Dice) -> None:
    """Draw one, or two that sit together."""
    if dice.falls(0.5):
        sky(canvas, dice)
    else:
        backdrop(canvas, dice, dice.between(0, 360))
    level, green = dice.between(262, 284), dice.pick((110, 135, 80, 345, 28))
    _branch(canvas, dice, level, green)
    if dice.falls(0.3):
        _bird(canvas, dice, 150, level, 0.82, 1)
        _bird(canvas, dice, 326, level, 0.82, -1)
    else:
        _bird(
            canvas, dice, dice.between(200, 280), level, dice.between(1.1, 1.3), dice.pick((-1, 1))
        )
    _note(canvas, dice)


def _branch(canvas: Canvas, dice: Dice, level: float, hue: float) -> None:
    canvas.path(
        f"M-20 {level + 24:.0f}C120 {level + 2:.0f} 300 {level + 22:.0f} 500 {level - 10:.0f}",
        fill="none",
        stroke=canvas.across("#6b4a30", "#8a6243"),
        stroke_width=15,
        stroke_linecap="round",
    )
    for _ in range(dice.whole(8, 15)):
        x, turn = dice.between(0, 480), dice.between(-70, 70) + dice.pick((0, 180))
        paint, size = (
            hsl(hue + dice.between(-14, 14), 55, dice.between(38, 62)),
            dice.between(0.7, 1.4),
        )
        with canvas.group(
            transform=f"translate({x:.0f} {level + 10:.0f}) rotate({turn:.0f}) scale({size:.2f})"
        ):
            canvas.path("M0 0C14-16 14-40 0-56C-14-40-14-16 0 0Z", fill=paint)
            canvas.path("M0-4V-48", stroke="#fff", stroke_width=1.4, opacity=0.4)


def _bird(canvas: Canvas, dice: Dice, x: float, level: float, size: float, side: int) -> None:
    """Draw the bird on the twig; ``side`` 1 looks to the right."""
    back, wing, breast, cap = dice.pick(_PLUMAGES)
    with canvas.group(
        transform=f"translate({x:.0f} {level + 8:.0f}) scale({side * size:.2f} {size:.2f})"
    ):
        canvas.path("M-52-52L-138-6L-128 6L-118 2L-110 12L-40-20Z", fill=wing)
        canvas.path("M-12-8V10M14-8V10", stroke="#a0622a", stroke_width=5, stroke_linecap="round")
        canvas.path(
            "M-70-30C-74-90-20-100-4-132C10-164 56-170 76-140C92-112 88-52 52-20C20 4-60 6-70-30Z",
            fill=canvas.down(back, back, wing),
        )
        canvas.path("M66-122C94-96 86-50 52-20C26-2-20 2-44-8C4-20 50-60 66-122Z", fill=breast)
        canvas.path("M0-138C14-164 56-168 74-142C54-150 24-146 0-138Z", fill=cap)
        if dice.falls(0.35):
            canvas.path("M16-158C6-180-14-184-22-180C-10-174-4-160 2-146Z", fill=cap)
        canvas.path("M-62-34C-58-80-10-92 22-76C22-40-10-10-92-18C-78-22-68-28-62-34Z", fill=wing)
        with canvas.group(
            fill="none", stroke="#fff", stroke_width=2.4, opacity=0.35, stroke_linecap="round"
        ):
            canvas.path(
                "M-40-36C-10-36 6-50 14-66M-52-26C-20-24 6-38 18-58M-60-18C-30-14 0-24 16-44"
            )
        canvas.path("M80-136L116-122L80-112Z", fill="#f2a33a")
        canvas.path("M81-124L116-122L80-112Z", fill="#d07f1c")
        canvas.circle(54, -130, 11, fill="#fff")
        canvas.circle(56, -130, 8, fill="#17181c")
        canvas.circle(58.5, -133, 2.8, fill="#fff")


def _note(canvas: Canvas, dice: Dice) -> None:
    with canvas.group(fill="#fff", opacity=0.8):
        for _ in range(dice.whole(0, 3)):
            x, y = dice.between(50, 420), dice.between(40, 100)
            canvas.ellipse(x, y, 8, 6, transform=f"rotate(-20 {x:.0f} {y:.0f})")
            canvas.path(f"M{x + 5:.0f} {y - 2:.0f}v-34l16 8v8l-12-6v24Z")
