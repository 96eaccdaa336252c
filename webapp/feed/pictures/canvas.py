"""What a picture is drawn on: shapes in, one SVG document out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TypeAlias

WIDTH, HEIGHT = 480, 360

Point: TypeAlias = tuple[float, float]


class Canvas:
    """Collects shapes, later ones above earlier ones.

    Attributes are spelled with underscores (``stroke_width``), colours as CSS has them.
    """

    def __init__(self) -> None:
        self._shapes: list[str] = []
        self._gradients: list[str] = []

    def shape(self, tag: str, inner: str = "", /, **attributes: str | float) -> None:
        """Add an element; ``inner`` is text, and escaped here."""
        self._shapes.append(f"<{tag}{_spelled(attributes)}>{escape(inner)}</{tag}>")

    def path(self, d: str, **attributes: str | float) -> None:
        """Add a path."""
        self.shape("path", d=d, **attributes)

    def circle(self, x: float, y: float, r: float, **attributes: str | float) -> None:
        """Add a circle."""
        self.shape("circle", cx=x, cy=y, r=r, **attributes)

    def ellipse(self, x: float, y: float, rx: float, ry: float, **attributes: str | float) -> None:
        """Add an ellipse."""
        self.shape("ellipse", cx=x, cy=y, rx=rx, ry=ry, **attributes)

    def rect(
        self, x: float, y: float, width: float, height: float, **attributes: str | float
    ) -> None:
        """Add a rectangle."""
        self.shape("rect", x=x, y=y, width=width, height=height, **attributes)

    def fill(self, paint: str) -> None:
        """Cover everything."""
        self.rect(0, 0, WIDTH, HEIGHT, fill=paint)

    def down(self, *colours: str) -> str:
        """Return the paint that goes from the first colour on top to the last below."""
        return self._gradient('linearGradient x2="0" y2="1"', colours)

    def across(self, *colours: str) -> str:
        """Return the paint that goes from the first colour at the left to the last."""
        return self._gradient("linearGradient", colours)

    def round(self, *colours: str, x: float = 0.5, y: float = 0.5, r: float = 0.6) -> str:
        """Return the paint that goes outwards from a point, given in parts of the shape."""
        return self._gradient(f'radialGradient cx="{x:g}" cy="{y:g}" r="{r:g}"', colours)

    @contextmanager
    def group(self, **attributes: str | float) -> Iterator[None]:
        """Have what is drawn meanwhile share the attributes, such as ``transform``."""
        self._shapes.append(f"<g{_spelled(attributes)}>")
        yield
        self._shapes.append("</g>")

    def svg(self) -> str:
        """Return the whole document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}"><defs>{"".join(self._gradients)}</defs>'
            f"{''.join(self._shapes)}</svg>"
        )

    def _gradient(self, kind: str, colours: Sequence[str]) -> str:
        name = f"p{len(self._gradients)}"
        last = max(1, len(colours) - 1)
        stops = "".join(
            f'<stop offset="{place / last:.3g}" stop-color="{colour}"/>'
            for place, colour in enumerate(colours)
        )
        tag = kind.partition(" ")[0]
        self._gradients.append(f'<{kind} id="{name}">{stops}</{tag}>')
        return f"url(#{name})"


def hsl(hue: float, saturation: float, lightness: float, alpha: float = 1) -> str:
    """Return a colour: its place on the wheel, and two percentages."""
    return f"hsla({hue % 360:.0f},{saturation:.0f}%,{lightness:.0f}%,{alpha:.3g})"


def curve(points: Sequence[Point], *, closed: bool = False) -> str:
    """Return the path that goes smoothly through all points (a Catmull-Rom spline)."""
    count = len(points)

    def at(place: int) -> Point:
        return points[place % count] if closed else points[min(max(place, 0), count - 1)]

    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for place in range(count if closed else count - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (at(place + step) for step in (-1, 0, 1, 2))
        parts.append(
            f"C{bx + (cx - ax) / 6:.1f} {by + (cy - ay) / 6:.1f} "
            f"{cx - (dx - bx) / 6:.1f} {cy - (dy - by) / 6:.1f} {cx:.1f} {cy:.1f}"
        )
    return "".join(parts) + ("Z" if closed else "")


def _spelled(attributes: dict[str, str | float]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{escape(value) if isinstance(value, str) else _short(value)}"'
        for name, value in attributes.items()
    )


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
