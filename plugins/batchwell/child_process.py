"""Fork a child that answers to its parent alone, and ends with it."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_DEADLY = (
    signal.SIGTERM,
    signal.SIGABRT,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
)


def fork_child(work: Callable[[], object]) -> int:
    """Fork; return the pid of the child, which does the work and ends, in no code of its parent."""
    parent = os.getpid()
    _flush()
    if pid := os.fork():
        return pid
    code = 0
    try:
        _become_child(parent)
        work()
    except BaseException:  # noqa: BLE001  # whatever it was, the child must end here
        traceback.print_exc()
        code = 70
    finally:
        with suppress(Exception):
            _flush()
        os._exit(code)


def _flush() -> None:
    # What is buffered would be written twice.
    sys.stdout.flush()
    sys.stderr.flush()


def _become_child(parent: int) -> None:
    """Let go of the parent's signal handlers, and have this process end when the parent dies."""
    # Ctrl-C in a shell reaches both; the parent decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A crash ends this process at once, whatever the parent's handlers would make of it.
    faulthandler.disable()
    for number in _DEADLY:
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def told_end(wait_status: int) -> str:
    """Return how a child ended, in words that go on after its name."""
    code = os.waitstatus_to_exitcode(wait_status)
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
