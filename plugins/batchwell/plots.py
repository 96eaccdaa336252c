"""How a computation's value is drawn, said by its author and drawn by the web app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from batchwell.errors import DefinitionError


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A picture of a field of the value, or of the value itself.

    A ``heatmap`` is drawn of a list of rows of numbers, ``line`` and ``bars`` of a list of numbers.
    ``of`` names the field, ``labels`` one that has a label for each number (or row and column); ""
    is the value itself, or no labels but numbers from 0. ``x`` and ``y`` are written beside the
    axes.
    """

    kind: Literal["heatmap", "line", "bars"]
    of: str = ""
    labels: str = ""
    title: str = ""
    x: str = ""
    y: str = ""

    def __post_init__(self) -> None:
        """Raise `DefinitionError` for a kind that is none."""
        if self.kind not in ("heatmap", "line", "bars"):
            raise DefinitionError(f"a plot is a heatmap, a line or bars, not {self.kind!r}")
