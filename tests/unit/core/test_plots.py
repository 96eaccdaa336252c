"""How a computation says what its value is shown by."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchwell import Plot, computation
from batchwell.errors import DefinitionError


def test_computation_has_a_plot_or_a_template_or_neither() -> None:
    plot = Plot(kind="line")

    @computation(shown_by=plot)
    def drawn(n: int) -> list[int]:
        return [n]

    @computation(shown_by="test_plots.py")
    def told(n: int) -> int:
        return n

    @computation()
    def plain(n: int) -> int:
        return n

    assert (drawn.plot, drawn.template) == (plot, None)
    assert (told.plot, told.template) == (None, Path(__file__))
    assert (plain.plot, plain.template) == (None, None)


def test_template_that_is_not_there_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"lost: shown_by: there is no no\.html beside"):

        @computation(shown_by="no.html")
        def lost(n: int) -> int:
            return n


def test_plot_of_no_kind_is_refused() -> None:
    with pytest.raises(DefinitionError, match="not 'pie'"):
        Plot(kind="pie")  # type: ignore[arg-type]  # an author's mistake
