"""What every forked child does first: it answers to its parent alone, and ends with it."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_DEADLY = (
    signal.SIGTERM,
    signal.SIGABRT,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
)


def become_child(parent: int) -> None:
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
