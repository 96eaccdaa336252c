"""Cakes: tiers with icing that runs down, and candles or cherries on top."""

from __future__ import annotations

from webapp.feed.pictures.canvas import Canvas, hsl
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.scenery import backdrop


def draw_cake(canvas: Canvas, dice: Dice) -> None:
    """Draw one on its stand."""
    hue = dice.pick((340, 20, 200, 160, 280, 48, 90, 320))
    backdrop(canvas, dice, hue + dice.pick((120, 160, 200, 240)))
    canvas.ellipse(240, 338, 170, 14, fill="#000", opacity=0.15)
    canvas.path(
        "M206 300L190 340H290L274 300Z", fill=canvas.across("#d9dee4", "#ffffff", "#b9c2cc")
    )
    canvas.ellipse(240, 302, 176, 20, fill=canvas.across("#cfd6dd", "#ffffff", "#c3ccd5"))
    tiers = dice.whole(1, 3)
    level, wide = 298.0, 300.0 - 14 * tiers
    for tier in range(tiers):
        high = (118, 82, 66)[tiers - 1]
        _tier(canvas, dice, level, wide, high, hue + 24 * tier)
        level, wide = level - high + 6, wide * 0.7
    _top(canvas, dice, level - 8, wide / 0.7 * 0.82, hue)


def _tier(canvas: Canvas, dice: Dice, foot: float, wide: float, high: float, hue: float) -> None:
    left, right, top = 240 - wide / 2, 240 + wide / 2, foot - high
    sponge = dice.pick((("#f7dfae", "#e2bd7d"), ("#8a5535", "#62391f"), ("#f6d5dc", "#e0a3b2")))
    depth = wide * 0.07
    canvas.path(
        f"M{left:.0f} {top:.0f}V{foot - depth:.0f}Q240 {foot + depth:.0f} {right:.0f} {foot - depth:.0f}V{top:.0f}Z",
        fill=canvas.across(sponge[1], sponge[0], sponge[0], sponge[1]),
    )
    canvas.path(
        f"M{left:.0f} {foot - high * 0.4:.0f}Q240 {foot - high * 0.4 + 2 * depth:.0f} {right:.0f} {foot - high * 0.4:.0f}",
        fill="none",
        stroke=hsl(hue, 70, 90),
        stroke_width=9,
    )
    icing = canvas.down(hsl(hue, 78, 86), hsl(hue, 70, 70))
    drips, parts = dice.whole(6, 9), [f"M{left - 4:.0f} {top:.0f}"]
    step = (wide + 8) / drips
    for drip in range(drips):
        bow = 4 * depth * (drip + 0.5) / drips * (1 - (drip + 0.5) / drips)
        deep = high * dice.between(0.2, 0.46) + bow
        x = left - 4 + drip * step
        parts.append(
            f"C{x:.0f} {top + deep + 12:.0f} {x + step * 0.62:.0f} {top + deep + 12:.0f} {x + step * 0.66:.0f} {top + bow + 14:.0f}"
            f"Q{x + step * 0.83:.0f} {top + bow + 4:.0f} {x + step:.0f} {top + bow + 10:.0f}"
            if drip < drips - 1
            else f"C{x:.0f} {top + deep + 12:.0f} {x + step:.0f} {top + deep + 12:.0f} {x + step:.0f} {top:.0f}"
        )
    canvas.path("".join(parts) + "Z", fill=icing)
    canvas.ellipse(240, top, wide / 2 + 4, depth * 1.5, fill=hsl(hue, 80, 90))
    for _ in range(dice.whole(14, 34)):
        x, y = (
            dice.between(left + 16, right - 16),
            dice.between(top - depth * 0.8, top + high * 0.2),
        )
        canvas.rect(
            x,
            y,
            9,
            3.4,
            rx=1.7,
            fill=hsl(dice.between(0, 360), 85, 62),
            transform=f"rotate({dice.between(0, 180):.0f} {x:.0f} {y:.0f})",
        )


def _top(canvas: Canvas, dice: Dice, level: float, wide: float, hue: float) -> None:
    """Set candles, cherries or berries on the uppermost tier."""
    count = max(1, min(7, int(wide / 34)))
    places = [240 + (place - (count - 1) / 2) * wide / (count + 0.6) for place in range(count)]
    kind = dice.pick(("candles", "candles", "cherries", "berries"))
    for x in places:
        if kind == "candles":
            paint = hsl(dice.between(0, 360), 70, 62)
            canvas.rect(x - 5, level - 44, 10, 48, rx=3, fill=paint)
            canvas.path(
                f"M{x - 5:.0f} {level - 32:.0f}l10-8M{x - 5:.0f} {level - 16:.0f}l10-8",
                stroke="#fff",
                stroke_width=3,
            )
            canvas.circle(x, level - 58, 20, fill="#ffdf80", opacity=0.4)
            canvas.path(
                f"M{x:.0f} {level - 76:.0f}q13 18 0 30q-13-12 0-30Z",
                fill=canvas.down("#ffcf3f", "#ff7a2f"),
            )
        elif kind == "cherries":
            canvas.circle(x, level - 8, 19, fill="#fff")
            canvas.path(
                f"M{x:.0f} {level - 32:.0f}q4-20 18-24",
                fill="none",
                stroke="#4d7a34",
                stroke_width=3,
            )
            canvas.circle(
                x,
                level - 22,
                14,
                fill=canvas.round("#ff7a86", "#d81e3a", "#8d0d22", x=0.35, y=0.3, r=0.8),
            )
            canvas.circle(x - 4, level - 27, 3.4, fill="#fff", opacity=0.85)
        else:
            canvas.circle(x, level - 6, 17, fill=canvas.round(hsl(hue, 60, 98), hsl(hue, 50, 84)))
            canvas.circle(
                x,
                level - 16,
                11,
                fill=canvas.round("#8fa0ff", "#3b46b5", "#1c2266", x=0.35, y=0.3, r=0.8),
            )
