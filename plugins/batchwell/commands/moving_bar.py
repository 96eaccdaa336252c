"""The moving bar of a terminal: how far a request is, what it does, how long it will take."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from batchwell.commands.exit_codes import one_line
from batchwell.commands.wording import duration

if TYPE_CHECKING:
    from batchwell.client import Request


class MovingBar(Progress):
    """One request's progress, with a line below it for what it does or waits for."""

    def __init__(self) -> None:
        """Begin with a bar of which nothing is known."""
        self._note = ""
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[percent]}", markup=False),
            TimeElapsedColumn(),
            _TimeLeftColumn(),
            console=Console(stderr=True),
        )
        self._task = self.add_task("", total=None, percent="", ends_at=None)

    def show(self, request: Request) -> None:
        """Take over how the request stands now."""
        fraction = request.progress.fraction
        left = None if request.has_ended else request.eta_seconds
        self._note = request.waiting_because or request.progress.message
        if request.has_ended:
            self._note = ""
        self.update(
            self._task,
            description=request.status,
            total=None if fraction is None else 1.0,
            completed=fraction or 0.0,
            percent="" if fraction is None else f"{fraction:4.0%}",
            ends_at=None if left is None else time.monotonic() + left,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """Give the bar and the note."""
        yield from super().get_renderables()
        if self._note:
            yield Text(one_line(self._note), style="dim")


class _TimeLeftColumn(ProgressColumn):
    """Counts down to when the request will have ended, by what the web app estimates."""

    def render(self, task: Task) -> Text:
        """Say how long it will take yet."""
        ends_at = task.fields["ends_at"]
        if ends_at is None:
            return Text("")
        return Text(f"about {duration(max(1.0, ends_at - time.monotonic()))} left", style="cyan")
