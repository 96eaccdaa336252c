"""Turn numbers and times into what a person reads: the filters of the templates."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

_LINE = 80
_CODE = re.compile(r"(`+)(.+?)\1")
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def duration(seconds: float | None) -> str:
    """Return ``1.5 ms``, ``12 seconds``, ``3 minutes``, ``2 hours``; None is ``no limit``."""
    if seconds is None:
        return "no limit"
    if 0 < seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    for size, unit in _UNITS:
        if seconds >= size * 2 or seconds == size:
            return plural(round(seconds / size), unit)
    return plural(round(seconds, 1) if seconds < 10 else round(seconds), "second")


def ago(seconds: float) -> str:
    """Return how long ago, in words."""
    return "just now" if seconds < 1 else f"{duration(round(seconds))} ago"


def clock(unix_seconds: float, span: str) -> str:
    """Return ``14:05 UTC``; of hours, which may be of another day, ``26 Nov 14:00 UTC``."""
    moment = datetime.fromtimestamp(unix_seconds, UTC)
    return f"{moment:%H:%M} UTC" if span == "minutes" else f"{moment:%-d %b %H:%M} UTC"


def plural(count: float, noun: str, nouns: str = "") -> str:
    """Return ``1 request``, ``2 requests``, ``1,200 requests``."""
    number = f"{count:,}".removesuffix(".0")
    return f"{number} {noun if count == 1 else nouns or noun + 's'}"


def short_number(value: float) -> str:
    """Return a fraction as it fits into a table: six significant digits."""
    return f"{value:.6g}"


def breakable(name: str) -> Markup:
    """Let a long name break after its underscores."""
    return Markup(str(escape(name)).replace("_", "_<wbr>"))


def one_line(value: object) -> str:
    """Return the beginning of a value, as much as fits on a line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def json_text(value: object) -> str:
    """Return the value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def paragraphs(docstring: str) -> list[Markup]:
    """Return the paragraphs of a docstring; ``code`` in backticks is marked up as such."""
    texts = re.split(r"\n\s*\n", docstring.strip())
    return [Markup(_CODE.sub(r"<code>\2</code>", str(escape(text)))) for text in texts]
