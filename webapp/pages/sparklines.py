"""Sparklines: how much was done lately, drawn as the path of an SVG."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.pages.words import plural

HEIGHT = 20
"""A count more than none is drawn, however small: at least one of these high."""


def spark_path(counts: Sequence[int]) -> str:
    """Return a bar for each count that is not zero, one wide; "" where all are.

    The highest reaches the top, at 0; the feet stand at `HEIGHT`.
    """
    most = max(counts, default=0)
    return "".join(
        f"M{place}.5 {HEIGHT}v-{max(1, round(HEIGHT * count / most))}"
        for place, count in enumerate(counts)
        if count
    )


def spark_text(counts: Sequence[int]) -> str:
    """Say in words what the sparkline of the last hour's minutes shows."""
    total, most = sum(counts), max(counts, default=0)
    if not total:
        return "No results in the last hour"
    return f"{plural(total, 'result')} in the last hour, peak {most:,}/min"
