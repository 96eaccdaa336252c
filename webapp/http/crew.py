"""The threads that serve: always some of them, whoever else waits for a value or streams."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeAlias

Task: TypeAlias = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]

_own = threading.local()


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Wait, within the block, without being counted as one who serves.

    Another thread serves meanwhile. Outside a crew it does nothing.
    """
    crew: Crew | None = getattr(_own, "crew", None)
    if crew is None:
        yield
        return
    crew.step_aside()
    try:
        yield
    finally:
        crew.step_back()


class Crew:
    """Runs tasks in order by at most ``size`` threads at once, besides those that step aside.

    As a `ThreadPoolExecutor` it would be as large as all that may wait, and as many would serve at
    once: they hinder one another then. Its threads hold up no end of the process.
    """

    def __init__(self, size: int) -> None:
        """Have up to ``size`` threads serve, each made when there is work for it."""
        self._size = size
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._lock = threading.Lock()
        self._serving = self._idle = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have the function called; return what its result will be."""
        future: Future[Any] = Future()
        self._tasks.put((future, function, args, kwargs))
        with self._lock:
            self._man()
        return future

    def shutdown(self, wait: bool = False) -> None:
        """Do nothing: the threads end with the process."""

    def step_aside(self) -> None:
        """Count the calling thread no longer as one that serves."""
        with self._lock:
            self._serving -= 1
            self._man()

    def step_back(self) -> None:
        """Count it again; there may be one too many until the next has done its task."""
        with self._lock:
            self._serving += 1

    def _man(self) -> None:
        if self._tasks.qsize() > self._idle and self._serving < self._size:
            self._serving += 1
            threading.Thread(target=self._work, name="serving", daemon=True).start()

    def _work(self) -> None:
        _own.crew = self
        while self._stays():
            future, function, args, kwargs = self._tasks.get()
            with self._lock:
                self._idle -= 1
                self._man()
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # whatever it was, it is the task's
                future.set_exception(error)

    def _stays(self) -> bool:
        """Become idle, unless there are enough without this thread."""
        with self._lock:
            if self._serving > self._size:
                self._serving -= 1
                return False
            self._idle += 1
            return True
