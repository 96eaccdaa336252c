"""The worker of gunicorn, which tells a problem also where it refuses a request by itself."""

from __future__ import annotations

import socket

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from batchwell.documents import dumps
from webapp.problem_kinds import BY_STATUS, Kind
from webapp.problems import Problem


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The threads of `gthread`."""


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
