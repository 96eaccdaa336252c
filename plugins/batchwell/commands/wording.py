"""Documents in words: how the commands tell of values, times and requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from batchwell.commands.exit_codes import one_line

if TYPE_CHECKING:
    from batchwell.client import Request, Result

_BRIEF = 200
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def tell(sentence: str) -> None:
    """Say something to the person, on the standard error."""
    click.echo(one_line(sentence), err=True)


def print_json(document: Any) -> None:
    """Print a document, in one line, on the standard output."""
    click.echo(json_text(document))


def print_value(value: Any) -> None:
    """Print a value alone, as scripts want it: text as it is, anything else as JSON."""
    click.echo(value if isinstance(value, str) else json_text(value))


def json_text(value: Any) -> str:
    """Return the value as JSON, letters of all languages as they are."""
    return json.dumps(value, ensure_ascii=False)


def brief(value: Any) -> str:
    """Return the value as JSON, cut to what a person reads in passing."""
    text = json_text(value)
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1]}…"


def duration(seconds: float) -> str:
    """Return ``12 s``, ``3 min``, ``2 h`` or ``5 d``."""
    for unit_seconds, unit in _UNITS:
        if seconds >= 2 * unit_seconds:
            return f"{seconds / unit_seconds:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def moment(time: datetime | None) -> str:
    """Return a time with how long ago that was; nothing for None."""
    if time is None:
        return ""
    ago = duration((datetime.now(UTC) - time).total_seconds())
    return f"{time:%Y-%m-%d %H:%M:%S} UTC ({ago} ago)"


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and what they have, one a line; what is empty is left out."""
    told = [(name, one_line(str(what))) for name, what in pairs if what not in (None, "")]
    width = max((len(name) for name, _ in told), default=0)
    for name, what in told:
        click.echo(f"  {name:<{width}}  {what}")


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below heads, in columns."""
    lines = [list(heads), *([one_line(str(cell)) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def standing(request: Request) -> str:
    """Say in a line how a request stands."""
    fraction, message = request.progress.fraction, request.progress.message
    if request.status == "pending" and request.waiting_because:
        return f"pending: {request.waiting_because}"
    if request.status == "running":
        percent = "" if fraction is None else f" {fraction:.0%}"
        return f"running{percent}: {message}" if message else f"running{percent}"
    return request.status


def age(result: Result) -> str:
    """Say how old a value is, and that it is being renewed."""
    told = f"{result.state}, computed {duration(result.age_seconds)} ago"
    return f"{told}; {result.refreshed_by} renews it" if result.refreshed_by else told
