"""Rockets: on their way between planets, or just lifting off."""

from __future__ import annotations

from webapp.feed.pictures.canvas import WIDTH, Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import sky, stars


def draw_rocket(canvas: Canvas, dice: Dice) -> None:
    """Draw one."""
    if dice.falls(0.65):
        _space(canvas, dice)
        turn = dice.pick((-1, 1)) * dice.between(24, 52)
        place = f"translate(240 176) rotate({turn:.0f}) scale({dice.between(1, 1.2):.2f})"
    else:
        sky(canvas, dice)
        _smoke(canvas, dice)
        place = "translate(240 140) scale(1.08)"
    with canvas.group(transform=place):
        _flame(canvas, dice)
        _rocket(canvas, dice)


def _space(canvas: Canvas, dice: Dice) -> None:
    hue = dice.pick((232, 256, 280, 210, 320))
    canvas.fill(canvas.down(hsl(hue, 60, 8), hsl(hue + 20, 55, 18), hsl(hue + 46, 52, 30)))
    for _ in range(4):
        x, y, tone = dice.between(0, WIDTH), dice.between(0, 360), hue + dice.between(-60, 80)
        veil = canvas.round(hsl(tone, 80, 60, 0.5), hsl(tone, 80, 60, 0), r=0.5)
        canvas.ellipse(x, y, dice.between(90, 190), dice.between(60, 120), fill=veil)
    stars(canvas, dice, 110, depth=1)
    for _ in range(dice.whole(1, 3)):
        x, y = dice.pick((dice.between(40, 130), dice.between(350, 440))), dice.between(50, 310)
        _planet(canvas, dice, x, y, dice.between(20, 52))


def _planet(canvas: Canvas, dice: Dice, x: float, y: float, r: float) -> None:
    hue = dice.between(0, 360)
    ball = canvas.round(
        hsl(hue, 70, 76), hsl(hue, 62, 52), hsl(hue + 20, 60, 24), x=0.34, y=0.3, r=0.8
    )
    canvas.circle(x, y, r, fill=ball)
    with canvas.group(fill="none", stroke_linecap="round"):
        for band in (-0.4, 0, 0.4):
            half = r * (1 - band * band) ** 0.5 * 0.8
            canvas.path(
                f"M{x - half:.0f} {y + band * r:.0f}q{half:.0f} {r * 0.2:.0f} {2 * half:.0f} 0",
                stroke=hsl(hue + 30, 60, 70),
                stroke_width=r * 0.12,
                opacity=0.35,
            )
        if dice.falls(0.55):
            canvas.path(
                f"M{x - r * 0.94:.0f} {y - r * 0.2:.0f}C{x - r * 2.2:.0f} {y + r * 0.5:.0f} "
                f"{x + r * 0.4:.0f} {y + r * 0.9:.0f} {x + r * 1.5:.0f} {y - r * 0.2:.0f}"
                f"C{x + r * 1.9:.0f} {y - r * 0.7:.0f} {x + r * 1.2:.0f} {y - r * 0.6:.0f} {x + r * 0.95:.0f} {y - r * 0.4:.0f}",
                stroke=hsl(hue + 60, 60, 78),
                stroke_width=r * 0.13,
                opacity=0.9,
            )


def _smoke(canvas: Canvas, dice: Dice) -> None:
    canvas.rect(0, 330, WIDTH, 30, fill="#4d5a4a")
    canvas.path(
        "M330 332V120h14v212M330 160h-28M330 220h-28", stroke="#a13a2f", stroke_width=6, fill="none"
    )
    for layer, grey in enumerate((70, 84, 97)):
        for _ in range(18 - 3 * layer):
            far = dice.between(-1, 1)
            canvas.circle(
                240 + far * (190 - 34 * layer),
                336 - (1 - abs(far)) * 40 + dice.between(-10, 22),
                dice.between(20, 42) - 5 * layer,
                fill=hsl(28, 22, grey),
            )


def _flame(canvas: Canvas, dice: Dice) -> None:
    long = dice.between(70, 130)
    canvas.ellipse(
        0, 110, 54, long, fill=canvas.round("#ffd27a", hsl(30, 100, 60, 0), r=0.5), opacity=0.5
    )
    for wide, part, colour in ((26, 1, "#ff6a2b"), (18, 0.72, "#ffb52e"), (10, 0.45, "#fff4b8")):
        canvas.path(
            f"M-{wide} 84C-{wide} {84 + long * part * 0.5:.0f}-6 {84 + long * part * 0.8:.0f} 0 {84 + long * part:.0f}"
            f"C6 {84 + long * part * 0.8:.0f} {wide} {84 + long * part * 0.5:.0f} {wide} 84Z",
            fill=colour,
        )


def _rocket(canvas: Canvas, dice: Dice) -> None:
    hue = dice.between(0, 360)
    paint = canvas.down(hsl(hue, 78, 60), hsl(hue, 78, 40))
    for side in (-1, 1):
        canvas.path(
            f"M{side * 34} 20C{side * 74} 44 {side * 78} 84 {side * 70} 112C{side * 58} 92 {side * 46} 84 {side * 30} 82Z",
            fill=paint,
        )
    canvas.path(
        "M0-130C40-92 52-40 48 14C46 48 38 70 28 84H-28C-38 70-46 48-48 14C-52-40-40-92 0-130Z",
        fill=canvas.across("#c9d0d8", "#ffffff", "#eef1f4", "#98a3b0"),
    )
    canvas.path("M0-130C24-107 38-78 44-46C20-56-20-56-44-46C-38-78-24-107 0-130Z", fill=paint)
    canvas.rect(-26, 80, 52, 12, rx=3, fill="#3a424d")
    canvas.path("M-46 30Q0 44 46 30L44 44Q0 58-44 44Z", fill=paint)
    for y, r in ((-16, 22),) if dice.falls(0.6) else ((-22, 15), (14, 11)):
        canvas.circle(0, y, r + 5, fill="#5a6675")
        canvas.circle(
            0, y, r, fill=canvas.round("#bdf0ff", "#4aa3d6", "#1c4f7c", x=0.35, y=0.3, r=0.8)
        )
        canvas.path(
            f"M{-r * 0.6:.0f} {y - 2}q2-{r * 0.5:.0f} {r * 0.6:.0f}-{r * 0.6:.0f}",
            fill="none",
            stroke="#fff",
            stroke_width=3,
            stroke_linecap="round",
            opacity=0.8,
        )
    canvas.path("M-4 44h8V112h-8Z", fill=hsl(hue, 70, 34))
