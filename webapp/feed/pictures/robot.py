"""Robots: boxes with eyes that glow, screws, lamps and aerials."""

from __future__ import annotations

from webapp.feed.pictures.canvas import Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import backdrop


def draw_robot(canvas: Canvas, dice: Dice) -> None:
    """Draw one from the waist up."""
    hue = dice.between(0, 360)
    if dice.falls(0.4):
        _grid(canvas, hue + 180)
    else:
        backdrop(canvas, dice, hue + dice.pick((150, 180, 210)))
    grey = dice.falls(0.35)
    strength = 8 if grey else dice.between(40, 66)
    metal = canvas.down(hsl(hue, strength, 78), hsl(hue, strength, 52), hsl(hue, strength, 36))
    dark, glow = hsl(hue, strength, 22), hsl(dice.pick((186, 140, 48, 320, 0)), 95, 64)
    with canvas.group(stroke=dark, stroke_width=5, stroke_linejoin="round"):
        _trunk(canvas, dice, metal, dark, glow)
        _arms(canvas, dice, metal)
        with canvas.group(transform=f"rotate({dice.between(-8, 8):.0f} 240 210)"):
            _aerial(canvas, dice, glow)
            _head(canvas, dice, metal, dark, glow)


def _grid(canvas: Canvas, hue: float) -> None:
    canvas.fill(canvas.down(hsl(hue, 60, 12), hsl(hue + 40, 65, 30), hsl(hue + 80, 80, 58)))
    canvas.circle(240, 190, 120, fill=canvas.down("#fff3a0", "#ff7ab8"), opacity=0.85)
    canvas.rect(0, 232, 480, 128, fill=hsl(hue, 60, 10))
    with canvas.group(stroke=hsl(hue + 100, 90, 66), stroke_width=2, opacity=0.8):
        for line in range(-12, 13):
            canvas.path(f"M{240 + line * 18} 232L{240 + line * 110} 360")
        for row in range(7):
            canvas.path(f"M0 {232 + 2.6 * row * row:.0f}H480")


def _trunk(canvas: Canvas, dice: Dice, metal: str, dark: str, glow: str) -> None:
    canvas.rect(214, 218, 52, 40, fill=dark)
    canvas.rect(140, 246, 200, 140, rx=dice.pick((14, 40)), fill=metal)
    kind = dice.pick(("gauge", "buttons", "screen", "heart"))
    if kind == "gauge":
        canvas.circle(240, 306, 34, fill="#f8f6ee")
        canvas.path("M240 306L262 288", stroke="#d0342c", stroke_linecap="round")
    elif kind == "buttons":
        for place in range(6):
            x, y = 204 + place % 3 * 36, 288 + place // 3 * 34
            canvas.circle(x, y, 11, fill=hsl(place * 60, 80, 60), stroke_width=3)
    elif kind == "screen":
        canvas.rect(186, 274, 108, 62, rx=6, fill="#10201c")
        canvas.path("M194 308h20l8-18 12 34 10-22 6 6h36", fill="none", stroke=glow, stroke_width=3)
    else:
        canvas.path("M240 340c-64-40-34-80 0-52c34-28 64 12 0 52Z", fill="#ef3f57")


def _arms(canvas: Canvas, dice: Dice, metal: str) -> None:
    for side in (-1, 1):
        lifted = dice.falls(0.4)
        with canvas.group(transform=f"translate(240 0) scale({side} 1)"):
            way = (
                "M104 280C150 280 168 240 166 190" if lifted else "M104 280C146 284 162 320 160 370"
            )
            canvas.path(way, fill="none", stroke_width=30, stroke_linecap="round")
            canvas.path(
                way, fill="none", stroke_width=20, stroke=hsl(0, 0, 72), stroke_dasharray="6 5"
            )
            if lifted:
                canvas.path(
                    "M146 186C140 150 152 140 158 160V172H174V160C180 140 194 150 188 186Z",
                    fill=metal,
                )


def _aerial(canvas: Canvas, dice: Dice, glow: str) -> None:
    if dice.falls(0.6):
        canvas.path("M240 84V44", stroke_width=6)
        canvas.circle(240, 36, 26, fill=glow, opacity=0.25, stroke="none")
        canvas.circle(240, 36, 12, fill=glow, stroke_width=4)
    else:
        for side in (-1, 1):
            canvas.path(f"M{240 + side * 60} 88l{side * 26}-42", stroke_width=6)
            canvas.circle(240 + side * 88, 42, 9, fill=glow, stroke_width=4)


def _head(canvas: Canvas, dice: Dice, metal: str, dark: str, glow: str) -> None:
    for side in (-1, 1):
        canvas.rect(240 + side * 112 - 14, 134, 28, 54, rx=8, fill=metal)
    canvas.rect(132, 80, 216, 146, rx=dice.pick((16, 34, 66)), fill=metal)
    canvas.path(
        "M156 100Q240 88 324 100",
        fill="none",
        stroke="#fff",
        stroke_width=6,
        opacity=0.5,
        stroke_linecap="round",
    )
    for x in (150, 330):
        canvas.circle(x, 208, 5, fill=dark, stroke="none")
    eyes = dice.pick(("round", "round", "visor", "one"))
    if eyes == "visor":
        canvas.rect(160, 118, 160, 46, rx=23, fill="#11161d")
        canvas.rect(dice.between(172, 240), 130, 60, 22, rx=11, fill=glow, stroke="none")
    else:
        for x, r in ((240, 36),) if eyes == "one" else ((194, 27), (286, 27)):
            canvas.circle(x, 142, r, fill="#11161d")
            canvas.circle(x, 142, r * 0.66, fill=canvas.round("#ffffff", glow, glow), stroke="none")
            canvas.circle(x + 3, 142, r * 0.26, fill="#11161d", stroke="none")
    mouth = dice.pick(("grille", "smile", "wave"))
    if mouth == "grille":
        canvas.rect(196, 184, 88, 26, rx=6, fill="#11161d")
        canvas.path(
            "M210 184v26M225 184v26M240 184v26M255 184v26M270 184v26", stroke=glow, stroke_width=3
        )
    else:
        way = "M200 188q40 32 80 0" if mouth == "smile" else "M192 198q12-16 24 0t24 0t24 0t24 0"
        canvas.path(way, fill="none", stroke_linecap="round", stroke_width=7)
