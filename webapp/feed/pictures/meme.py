"""Memes: a face that feels something, before rays, with its caption in capitals."""

from __future__ import annotations

from webapp.feed.pictures.canvas import WIDTH, Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import rays

CAPTIONS = (
    ("STILL WAITING", "FOR THE BATCH"),
    ("ONE DOES NOT SIMPLY", "BLOCK THE REQUEST"),
    ("SUCH QUEUE", "VERY ASYNC"),
    ("IT IS NOT A BUG", "IT IS STALE"),
    ("WORKS", "ON MY MACHINE"),
    ("CACHE RULES", "EVERYTHING AROUND ME"),
    ("I CAME HERE", "FOR THE WHALES"),
    ("NOT SURE IF DONE", "OR JUST TIMED OUT"),
    ("DEPLOYED ON FRIDAY", "NO REGRETS"),
    ("YOU HAD", "ONE JOB"),
    ("THE MODEL SAYS", "MORE CATS"),
    ("BRACE YOURSELVES", "RETRAINING IS COMING"),
    ("404", "SLEEP NOT FOUND"),
    ("THAT MOMENT WHEN", "THE TESTS PASS"),
    ("MUCH DATA", "SO LITTLE RAM"),
    ("I SEE", "WHAT YOU LIKED"),
    ("ALL YOUR KEYS", "ARE BELONG TO US"),
    ("KEEP CALM", "AND RETRY LATER"),
)
_FONT = (
    "Impact, 'Anton', 'Haettenschweiler', 'Arial Narrow Bold', 'DejaVu Sans Condensed', sans-serif"
)


def draw_meme(canvas: Canvas, dice: Dice) -> None:
    """Draw one."""
    hue = dice.between(0, 360)
    canvas.fill(canvas.round(hsl(hue, 78, 66), hsl(hue + 30, 74, 42), r=0.75))
    rays(canvas, 240, 184, dice.pick((9, 12, 15)), hsl(hue + 40, 85, 78), 0.45)
    above, below = dice.pick(CAPTIONS)
    with canvas.group(transform=f"rotate({dice.between(-9, 9):.0f} 240 186)"):
        _face(canvas, dice)
    _caption(canvas, above, 58)
    _caption(canvas, below, 338)


def _caption(canvas: Canvas, text: str, y: float) -> None:
    size = min(50.0, 760 / len(text))
    known: dict[str, str | float] = {}
    if len(text) > 11:  # whatever font there is, it fits
        known = {"textLength": WIDTH - 44, "lengthAdjust": "spacingAndGlyphs"}
    canvas.shape(
        "text",
        text,
        x=WIDTH / 2,
        y=y,
        text_anchor="middle",
        font_family=_FONT,
        font_weight=900,
        font_size=size,
        fill="#fff",
        stroke="#111",
        stroke_width=size / 6,
        paint_order="stroke",
        stroke_linejoin="round",
        **known,
    )


def _face(canvas: Canvas, dice: Dice) -> None:
    x, y, r = 240.0, 186.0, 96.0
    hue = dice.pick((46, 46, 46, 50, 96, 18, 200, 280))
    canvas.ellipse(x, y + r + 4, r * 0.8, 12, fill="#000", opacity=0.18)
    ink = hsl(hue - 20, 60, 12)
    canvas.circle(
        x,
        y,
        r,
        stroke=ink,
        stroke_width=4,
        fill=canvas.round(
            hsl(hue, 98, 76), hsl(hue, 96, 58), hsl(hue - 14, 90, 44), x=0.4, y=0.32, r=0.75
        ),
    )
    canvas.ellipse(
        x - 30,
        y - 60,
        34,
        16,
        fill="#fff",
        opacity=0.35,
        transform=f"rotate(-24 {x - 30} {y - 60})",
    )
    for side in (-1, 1):
        canvas.circle(x + side * 62, y + 22, 17, fill="#ff5a5f", opacity=0.4)
    with canvas.group(stroke=ink, stroke_width=6, stroke_linecap="round", fill="none"):
        dice.pick((_joy, _surprise, _doubt, _cool, _grin, _tears, _love))(canvas, x, y, ink)


def _eyes(canvas: Canvas, x: float, y: float, r: float, ink: str, dx: float = 0) -> None:
    for side in (-1, 1):
        canvas.ellipse(x + side * 36, y - 18, r, r * 1.2, fill="#fff", stroke_width=4)
        canvas.circle(x + side * 36 + dx, y - 15, r * 0.5, fill=ink, stroke="none")
        canvas.circle(x + side * 36 + dx - r * 0.15, y - 18, r * 0.17, fill="#fff", stroke="none")


def _joy(canvas: Canvas, x: float, y: float, ink: str) -> None:
    for side in (-1, 1):
        canvas.path(f"M{x + side * 36 - 20} {y - 10}q20-30 40 0")
    canvas.path(
        f"M{x - 48} {y + 16}H{x + 48}Q{x + 44} {y + 70} {x} {y + 70}Q{x - 44} {y + 70} {x - 48} {y + 16}Z",
        fill="#7a1020",
    )
    canvas.path(
        f"M{x - 42} {y + 19}H{x + 42}L{x + 38} {y + 32}H{x - 38}Z", fill="#fff", stroke="none"
    )
    canvas.ellipse(x, y + 60, 24, 9, fill="#ff7a85", stroke="none")


def _surprise(canvas: Canvas, x: float, y: float, ink: str) -> None:
    _eyes(canvas, x, y, 21, ink)
    for side in (-1, 1):
        canvas.path(f"M{x + side * 20} {y - 58}q{side * 18}-14 {side * 34} 2")
    canvas.ellipse(x, y + 48, 19, 26, fill="#5b0f1a")


def _doubt(canvas: Canvas, x: float, y: float, ink: str) -> None:
    _eyes(canvas, x, y, 18, ink, 6)
    canvas.path(f"M{x - 58} {y - 40}l44 8M{x + 16} {y - 52}q22-20 44-4", stroke_width=8)
    canvas.path(f"M{x - 34} {y + 46}q34-18 66 2")


def _cool(canvas: Canvas, x: float, y: float, ink: str) -> None:
    canvas.path(
        f"M{x - 80} {y - 34}H{x + 80}V{y - 22}Q{x + 74} {y + 12} {x + 40} {y + 12}Q{x + 12} {y + 12} "
        f"{x + 6} {y - 20}H{x - 6}Q{x - 12} {y + 12} {x - 40} {y + 12}Q{x - 74} {y + 12} {x - 80} {y - 22}Z",
        fill="#14161c",
        stroke_linejoin="round",
    )
    for side in (-1, 1):
        canvas.path(f"M{x + side * 42 - 18} {y - 4}l22-20", stroke="#fff", opacity=0.6)
    canvas.path(f"M{x - 36} {y + 40}q40 26 74-10")


def _grin(canvas: Canvas, x: float, y: float, ink: str) -> None:
    _eyes(canvas, x, y, 17, ink, -4)
    canvas.path(
        f"M{x - 56} {y + 22}q56 18 112 0q-6 48-56 48t-56-48Z", fill="#fff", stroke_linejoin="round"
    )
    canvas.path(
        f"M{x - 50} {y + 46}H{x + 50}M{x - 24} {y + 30}V{y + 66}M{x} {y + 32}V{y + 69}M{x + 24} {y + 30}V{y + 66}",
        stroke_width=3,
    )


def _tears(canvas: Canvas, x: float, y: float, ink: str) -> None:
    for side in (-1, 1):
        canvas.path(f"M{x + side * 36 - 20} {y - 16}q20 16 40 0")
        canvas.path(
            f"M{x + side * 36 - 9} {y - 4}q-6 40-4 76h26q2-36-4-76Z",
            fill="#6fc9f7",
            stroke="#2f8fd0",
            stroke_width=3,
            opacity=0.9,
        )
    canvas.path(f"M{x - 58} {y - 46}q18 0 32-14M{x + 58} {y - 46}q-18 0-32-14")
    canvas.path(f"M{x - 26} {y + 58}q26-30 52 0", fill="#5b0f1a")


def _love(canvas: Canvas, x: float, y: float, ink: str) -> None:
    for side in (-1, 1):
        canvas.path(
            f"M{x + side * 38} {y + 12}c-52-36-24-66 0-44c24-22 52 8 0 44Z",
            fill="#e8203a",
            stroke="#8d0f20",
            stroke_width=3,
        )
    canvas.path(f"M{x - 40} {y + 34}q40 56 80 0Z", fill="#7a1020", stroke_linejoin="round")
