"""Dogs: faces with ears that hang or stand, a wet nose and mostly a tongue."""

from __future__ import annotations

from webapp.feed.pictures.canvas import Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import backdrop, hills, sky

_COATS = (
    ("#c98a4b", "#9c632c", "#f7e3c4"),
    ("#f0e6d6", "#cdbb9d", "#ffffff"),
    ("#6b4a35", "#48301f", "#d8b48c"),
    ("#3a3a40", "#232327", "#c98f58"),
    ("#e0b065", "#b98640", "#fff0d0"),
    ("#a7a9ae", "#7c7f86", "#f2f2f4"),
)


def draw_dog(canvas: Canvas, dice: Dice) -> None:
    """Draw one."""
    if dice.falls(0.5):
        backdrop(canvas, dice, dice.between(0, 360))
    else:
        hills(canvas, dice, sky(canvas, dice), dice.between(85, 120), 230)
    fur, shade, light = dice.pick(_COATS)
    canvas.path("M120 360C124 292 176 262 240 262S356 292 360 360Z", fill=canvas.down(fur, shade))
    canvas.path("M196 360C198 316 216 296 240 296S282 316 284 360Z", fill=light, opacity=0.9)
    _collar(canvas, dice)
    with canvas.group(transform=f"rotate({dice.between(-10, 10):.0f} 240 250)"):
        _head(canvas, dice, fur, shade, light)


def _collar(canvas: Canvas, dice: Dice) -> None:
    hue = dice.between(0, 360)
    canvas.path("M156 284Q240 330 324 284l6 20Q240 352 150 304Z", fill=hsl(hue, 70, 48))
    canvas.circle(240, 332, 14, fill="#f4c542", stroke="#b98a1a", stroke_width=3)


def _head(canvas: Canvas, dice: Dice, fur: str, shade: str, light: str) -> None:
    hanging = dice.falls(0.65)
    if not hanging:
        _ears(canvas, "M44 100C70 50 96 22 114 20C126 56 122 110 104 156Z", shade, light)
    canvas.path(
        "M240 64C306 64 346 106 346 164C346 204 330 226 312 250C294 276 270 288 240 288"
        "S186 276 168 250C150 226 134 204 134 164C134 106 174 64 240 64Z",
        fill=canvas.round(fur, fur, shade, y=0.36, r=0.75),
    )
    if dice.falls(0.55):
        canvas.path("M240 66C218 100 218 150 226 200H254C262 150 262 100 240 66Z", fill=light)
    if dice.falls(0.35):
        canvas.ellipse(292, 156, 42, 46, fill=shade, transform="rotate(-14 292 156)")
    if hanging:
        _ears(
            canvas,
            "M60 78C104 66 138 96 142 150C146 204 128 240 108 236C84 230 78 172 82 140C82 116 72 94 60 78Z",
            shade,
            "",
        )
    canvas.path(
        "M240 178C286 178 306 208 300 240C294 272 268 284 240 284S186 272 180 240C174 208 194 178 240 178Z",
        fill=light,
    )
    if dice.falls(0.75):
        canvas.path(
            "M218 254C216 300 224 322 240 322S264 300 262 254Z",
            fill="#f0707f",
            stroke="#b8414f",
            stroke_width=3,
        )
        canvas.path("M240 258V300", stroke="#b8414f", stroke_width=3)
    canvas.path(
        "M240 220V244M240 244C228 264 204 262 194 246M240 244C252 264 276 262 286 246",
        fill="none",
        stroke="#2b1d16",
        stroke_width=5,
        stroke_linecap="round",
    )
    canvas.path(
        "M206 200C206 184 222 180 240 180S274 184 274 200S254 228 240 228S206 216 206 200Z",
        fill="#241a18",
    )
    canvas.ellipse(230, 192, 12, 5, fill="#fff", opacity=0.45)
    _eyes(canvas, dice)


def _ears(canvas: Canvas, outline: str, fill: str, inside: str) -> None:
    for side in (-1, 1):
        with canvas.group(transform=f"translate(240 0) scale({side} 1)"):
            canvas.path(outline, fill=fill)
            if inside:
                canvas.path("M66 100C82 68 96 50 106 48C112 76 110 104 100 132Z", fill="#e7a9a0")


def _eyes(canvas: Canvas, dice: Dice) -> None:
    glance, raised = dice.between(-4, 4), dice.between(-6, 6)
    for side in (-1, 1):
        x = 240 + side * 52
        canvas.ellipse(x, 150, 21, 22, fill="#fff")
        canvas.circle(
            x + glance, 152, 16, fill=canvas.round("#7a4a21", "#3a2110", "#160c06", r=0.7)
        )
        canvas.circle(x + glance - 5, 146, 5, fill="#fff")
        canvas.circle(x + glance + 5, 158, 2.4, fill="#fff", opacity=0.7)
        canvas.path(
            f"M{x - 22} {116 + side * raised:.0f}q22-14 44 0",
            fill="none",
            stroke="#241a18",
            stroke_width=5,
            stroke_linecap="round",
            opacity=0.55,
        )
