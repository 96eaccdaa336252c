"""The worker of gunicorn, which tells a problem also where it refuses a request by itself."""

from __future__ import annotations

import socket
import threading

from gunicorn import util

from batchwell.documents import dumps
from batchwell.follower import close_all
from serving.worker import Worker as ServingWorker
from webapp.problem_kinds import BY_STATUS, Kind
from webapp.problems import Problem


class Worker(ServingWorker):
    """As `serving.worker.Worker`; at its end it waits for nobody who waits or streams."""

    def handle_exit(self, sig: int, frame: object) -> None:
        """Begin to stop: open streams and waits end now, and hold nothing up."""
        _end_waits()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: object) -> None:
        """Stop at once."""
        _end_waits()
        super().handle_quit(sig, frame)


def _end_waits() -> None:
    # By a thread: the one that a signal interrupts may hold what this waits for.
    threading.Thread(target=close_all, daemon=True).start()


def write_problem(sock: socket.socket, status: int, reason: str, message: str) -> None:
    """Answer with a problem what has not become a request: broken lines, endless headers."""
    kind = BY_STATUS.get(status) or Kind("about:blank", status, reason, "")
    body = dumps(Problem(kind=kind, detail=message or reason).document())
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        "Cache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("latin-1") + body)


# gunicorn has no setting for it: its workers call this by name, with these arguments.
util.write_error = write_problem
