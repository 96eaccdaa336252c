"""Cats: a portrait with whiskers, or one that sits in front of the evening."""

from __future__ import annotations

from typing import NamedTuple

from webapp.feed.pictures.canvas import HEIGHT, Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import backdrop, sky


class Coat(NamedTuple):
    """The colours of a fur: as it is, in its shade, where it is light, and its stripes."""

    fur: str
    shade: str
    light: str
    stripe: str


_COATS = (
    Coat("#e8953c", "#c26f22", "#fff1da", "#b85f17"),
    Coat("#8f98a3", "#69727d", "#e9edf1", "#565f69"),
    Coat("#2f323a", "#1d1f25", "#4b4f5a", "#23252c"),
    Coat("#f4efe6", "#d9d0c0", "#ffffff", "#cbb99b"),
    Coat("#d8b98a", "#b48f5b", "#fdf3df", "#6e4a2b"),
    Coat("#7c5a44", "#5b3f2e", "#d9bfa4", "#432c1e"),
)
_EYES = ("#8fd14f", "#f3c63f", "#5bb8e8", "#e39a3b", "#6fd6b5")


def draw_cat(canvas: Canvas, dice: Dice) -> None:
    """Draw one."""
    coat, eyes = dice.pick(_COATS), dice.pick(_EYES)
    if dice.falls(0.65):
        backdrop(canvas, dice, dice.between(0, 360))
        _body(canvas, coat)
        with canvas.group(transform=f"rotate({dice.between(-7, 7):.0f} 240 230)"):
            _head(canvas, dice, coat, eyes)
    else:
        _on_the_sill(canvas, dice, coat, eyes)


def _on_the_sill(canvas: Canvas, dice: Dice, coat: Coat, eyes: str) -> None:
    sky(canvas, dice)
    side, x = dice.pick((-1, 1)), dice.between(170, 310)
    wood = dice.pick((24, 200, 350, 34))
    canvas.path("M240 0V300M0 150H480", stroke=hsl(wood, 30, 88), stroke_width=14)
    canvas.rect(0, 296, 480, 64, fill=canvas.down(hsl(wood, 38, 72), hsl(wood, 38, 48)))
    canvas.rect(0, 290, 480, 12, rx=3, fill=hsl(wood, 40, 84))
    with canvas.group(transform=f"translate({x:.0f} 300) scale({side} 1)"):
        tail = "M52-30C130-20 128 40 86 44C64 46 60 26 76 22"
        canvas.path(tail, fill="none", stroke=coat.shade, stroke_width=20, stroke_linecap="round")
        canvas.path(
            "M-56 0C-66-90-40-150 0-150S74-90 64 0Z", fill=canvas.down(coat.fur, coat.shade)
        )
        canvas.path("M-22 0C-34-60-18-110 0-110S30-60 24 0Z", fill=coat.light, opacity=0.85)
        for paw in (-24, 26):
            canvas.ellipse(paw, -4, 22, 13, fill=coat.fur)
        with canvas.group(transform="translate(-120 -277) scale(.5)"):
            _head(canvas, dice, coat, eyes)


def _body(canvas: Canvas, coat: Coat) -> None:
    canvas.path(
        "M110 360C116 270 170 240 240 240S364 270 370 360Z", fill=canvas.down(coat.fur, coat.shade)
    )
    canvas.path(
        f"M190 {HEIGHT}C196 300 216 280 240 280S284 300 290 {HEIGHT}Z", fill=coat.light, opacity=0.9
    )


def _head(canvas: Canvas, dice: Dice, coat: Coat, eyes: str) -> None:
    for side in (-1, 1):
        with canvas.group(transform=f"translate(240 0) scale({side} 1)"):
            canvas.path("M30 108C48 66 84 38 104 34C118 60 124 110 114 160Z", fill=coat.shade)
            canvas.path("M52 106C66 80 84 64 96 60C104 84 106 110 102 136Z", fill="#f2a3a0")
    canvas.path(
        "M240 88C308 88 358 122 362 186C366 246 308 288 240 288S114 246 118 186C122 122 172 88 240 88Z",
        fill=canvas.round(coat.fur, coat.fur, coat.shade, y=0.4, r=0.7),
    )
    if dice.falls(0.7):
        with canvas.group(
            stroke=coat.stripe, stroke_width=10, stroke_linecap="round", fill="none", opacity=0.75
        ):
            canvas.path("M240 92V124M214 96l4 26M266 96l-4 26")
            canvas.path("M122 190l30 4M128 220l28-6M358 190l-30 4M352 220l-28-6")
    canvas.ellipse(216, 236, 34, 28, fill=coat.light)
    canvas.ellipse(264, 236, 34, 28, fill=coat.light)
    canvas.ellipse(240, 258, 26, 18, fill=coat.light)
    _look(canvas, dice, eyes)
    canvas.path(
        "M226 212h28q-2 16-14 18q-12-2-14-18Z",
        fill="#e9807c",
        stroke="#a14c4a",
        stroke_width=2,
        stroke_linejoin="round",
    )
    canvas.path(
        "M240 230v10q-4 14-24 10M240 240q4 14 24 10",
        fill="none",
        stroke="#4a2c22",
        stroke_width=3.5,
        stroke_linecap="round",
    )
    with canvas.group(
        stroke="#fff" if coat.fur < "#8" else "#5c5048",
        stroke_width=2.2,
        stroke_linecap="round",
        opacity=0.7,
    ):
        for rise in (-14, 0, 14):
            canvas.path(
                f"M190 {238 + rise / 3:.0f}L100 {232 + rise * 1.6:.0f}M290 {238 + rise / 3:.0f}L380 {232 + rise * 1.6:.0f}"
            )


def _look(canvas: Canvas, dice: Dice, eyes: str) -> None:
    mood, glance = dice.pick(("wide", "wide", "slit", "asleep")), dice.between(-5, 5)
    for x in (188, 292):
        if mood == "asleep":
            canvas.path(
                f"M{x - 24} 182q24 22 48 0",
                fill="none",
                stroke="#241a16",
                stroke_width=5,
                stroke_linecap="round",
            )
            continue
        canvas.ellipse(x, 180, 27, 28, fill="#1b1512")
        canvas.ellipse(x, 180, 24, 25, fill=canvas.round(eyes, eyes, "#2c4a1e", r=0.8))
        canvas.ellipse(x + glance, 181, 13 if mood == "wide" else 6, 19, fill="#0d0c0b")
        canvas.circle(x + glance - 6, 171, 6, fill="#fff")
        canvas.circle(x + glance + 5, 190, 3, fill="#fff", opacity=0.7)
