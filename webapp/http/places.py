"""Places to wait in: each waiting client holds a thread of this process, so they are bounded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Places:
    """How many clients of this process may wait at once; all others are served meanwhile."""

    def __init__(self, count: int) -> None:
        """Have ``count`` places, as many as there are threads for those who wait."""
        self._free = threading.BoundedSemaphore(count) if count else None

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Hold a place for the length of the block; False where all are taken."""
        taken = self._free is not None and self._free.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken and self._free is not None:
                self._free.release()


def hang_up_of(environ: dict[str, Any]) -> Callable[[], bool]:
    """Return what tells, without waiting, whether the client of a request has hung up.

    Where the server gives no socket it never does: it is then noticed when an answer is sent.
    """
    connection: socket.socket | None = environ.get("gunicorn.socket")

    def has_hung_up() -> bool:
        if connection is None:
            return False
        try:
            # Nothing is to come on it before the answer, but the end.
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except (BlockingIOError, ValueError):  # nothing came; or TLS, where one cannot peek
            return False
        except OSError:
            return True

    return has_hung_up
