"""A drain worker in a process of its own: ``python -m tests.integration.core.worker``."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from batchwell import Computation, batch_run, drain
from batchwell.connection import connect
from batchwell.store import Store
from tests.integration.core import workloads

CHECKOUT = Path(__file__).parents[3]
BRISK = (
    (batch_run, "HEARTBEAT_SECONDS", 0.1),
    (batch_run, "LEASE_SECONDS", 1.0),
    (batch_run, "_POLL_SECONDS", 0.05),
    (batch_run, "_KILL_GRACE_SECONDS", 0.3),
    (drain, "HEARTBEAT_SECONDS", 0.1),
    (drain, "LEASE_SECONDS", 1.0),
)
"""What makes a worker look at its clock often, and lose patience soon."""


class Worker:
    """A process that drains one of the workloads; its log goes to the test's output."""

    def __init__(
        self,
        url: str,
        store: Store,
        computation: Computation[Any, Any],
        *,
        linger_seconds: float,
        brisk: bool,
        trace: Path,
    ) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", __name__),
                *(url, store.namespace, computation.name, str(linger_seconds)),
                *(["brisk"] if brisk else []),
            ],
            cwd=CHECKOUT,
            env=os.environ
            | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'plugins'}", workloads.TRACE: str(trace)},
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def wait(self, timeout_seconds: float = 30) -> drain.DrainSummary:
        """Wait for its end; return what it did."""
        output, _ = self._process.communicate(timeout=timeout_seconds)
        assert self._process.returncode == 0
        batches, succeeded, failed, retrying, delivered, seconds = output.split()
        return drain.DrainSummary(
            batches=int(batches),
            succeeded=int(succeeded),
            failed=int(failed),
            retrying=int(retrying),
            delivered=int(delivered),
            seconds=float(seconds),
        )


def main() -> None:
    url, namespace, name, linger_seconds, *brisk = sys.argv[1:]
    if brisk:
        for module, constant, seconds in BRISK:
            setattr(module, constant, seconds)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    client = connect(url, timeout_seconds=1.0)
    done = drain.drain(
        Store(client, namespace=namespace),
        getattr(workloads, name),
        linger_seconds=float(linger_seconds),
        stop=stop,
    )
    client.close()
    print(done.batches, done.succeeded, done.failed, done.retrying, done.delivered, done.seconds)


if __name__ == "__main__":
    main()
