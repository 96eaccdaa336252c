"""Requests at a steady pace from a thread beside; each must have its one right end."""

from __future__ import annotations

import threading
import time

from tests.compose.project import Project
from tests.compose.shell import Failed, wait_for

PACE = 15.0
"""Requests a second."""
SETTLE_SECONDS = 240.0


class Load:
    """``count`` requests for `tripled`; killing is others' business."""

    def __init__(self, project: Project, count: int) -> None:
        self.ended = 0
        self._project = project
        self._count = count
        self._open: dict[str, int] = {}
        self._all: dict[str, int] = {}
        self._wrong: list[str] = []
        self._thread = threading.Thread(target=self._submit_all, daemon=True)
        self._failure: Failed | None = None
        self._longest = 0.0

    def start(self) -> None:
        """Begin to submit and to look at what was submitted."""
        self._thread.start()

    def busy_worker(self) -> str:
        """Return a container that computes: one with a process of a lower priority."""

        def busy() -> str | None:
            for container in self._project.containers("worker"):
                priorities = self._project.docker("top", container, "-eo", "pid,ni").split()[3::2]
                if any(priority not in ("0", "-") for priority in priorities):
                    return container
            return None

        return wait_for("worker that computes", busy, 60)

    def finish(self) -> str:
        """Wait for the end of all; return what became of them, or raise `Failed`."""
        self._thread.join()
        if self._failure:
            raise self._failure
        if self._open or self._wrong or self.ended != self._count:
            raise Failed(
                f"{len(self._open)} of {self._count} requests have not ended, "
                f"{len(self._wrong)} ended wrong: {self._wrong[:3]} {list(self._open)[:3]}"
            )
        return (
            f"{self.ended} of {self._count} ended right, none lost; longest {self._longest:.0f} s"
        )

    def check_again(self) -> None:
        """See that each request still has its end."""
        for request, n in self._all.items():
            self._judge(request, n)
        if self._wrong:
            raise Failed(f"{len(self._wrong)} changed by the restart: {self._wrong[:3]}")

    def _submit_all(self) -> None:
        try:
            began: dict[str, float] = {}
            started = time.monotonic()
            for n in range(self._count):
                time.sleep(max(0.0, started + n / PACE - time.monotonic()))
                request = self._submit(n)
                self._open[request] = self._all[request] = n
                began[request] = time.monotonic()
                if n % 30 == 29:
                    self._look(began)
            give_up_at = time.monotonic() + SETTLE_SECONDS
            while self._open and time.monotonic() < give_up_at:
                self._look(began)
                time.sleep(0.5)
        except Failed as failure:
            self._failure = failure

    def _submit(self, n: int) -> str:
        code, document = self._project.ask(
            "POST", "computations/tripled/requests", {"params": {"n": n}}
        )
        if code not in (200, 202):
            raise Failed(f"submit of {n}: {code} {document}")
        # After a lost reply the value may be there already: then its result tells the request.
        return str(document["request" if code == 200 else "id"])

    def _look(self, began: dict[str, float]) -> None:
        for request, n in list(self._open.items()):
            if not self._judge(request, n):
                break  # they end about in order
            del self._open[request]
            self.ended += 1
            self._longest = max(self._longest, time.monotonic() - began[request])

    def _judge(self, request: str, n: int) -> bool:
        """Note what is wrong with a request that has ended; False while it has not."""
        code, document = self._project.ask("GET", f"requests/{request}")
        if code != 200:
            self._wrong.append(f"{request}: {code}")
        elif document["status"] in ("pending", "running"):
            return False
        elif document["status"] != "succeeded" or document["result"]["value"] != 3 * n:
            self._wrong.append(f"{request} ({n}): {document['status']} {document['error']}")
        return True
