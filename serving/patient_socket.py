"""A connection on which no slow peer takes a thread from those who are served."""

from __future__ import annotations

import errno
import select
import socket
from typing import Any

from serving.crew import stepping_aside

PATIENCE_SECONDS = 60.0
"""How long a peer may send or take nothing, once it is being served; it is given up then."""

# A plain number: as an enum member each | would cost a microsecond.
_DONTWAIT = int(socket.MSG_DONTWAIT)
_PIECE_BYTES = 64 * 1024
_LONGEST_HEAD_BYTES = 64 * 1024


class PatientSocket(socket.socket):
    """Blocks as any socket does, but its thread steps aside before it waits for the peer.

    ``given_up``: the peer was silent for too long; what it sends from now on is not read.
    """

    given_up = False

    def __init__(self, accepted: socket.socket) -> None:
        """Take over a socket."""
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        super().setblocking(True)
        self._seconds: float | None = None
        self._ahead = b""

    def fetch(self) -> bool:
        """Take in what has come, without waiting; False where nothing is to come any more."""
        try:
            piece = super().recv(_PIECE_BYTES, _DONTWAIT)
        except BlockingIOError:
            return True
        self._ahead = self._ahead + piece if self._ahead else piece
        return bool(piece)

    @property
    def has_begun(self) -> bool:
        """Whether there is some of a request."""
        return bool(self._ahead)

    @property
    def has_head(self) -> bool:
        """Whether all of a request's head is there, or too much for one."""
        ahead = self._ahead
        return b"\n\r\n" in ahead or b"\n\n" in ahead or len(ahead) > _LONGEST_HEAD_BYTES

    def give_back(self, data: bytes) -> None:
        """Have these bytes come first."""
        self._ahead = data + self._ahead

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return what was fetched, else what comes; nothing from a peer that is given up."""
        if self._ahead and not flags:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            return piece
        while not self.given_up:
            try:
                return super().recv(size, flags | _DONTWAIT)
            except BlockingIOError:
                if flags & _DONTWAIT or self._seconds == 0:
                    raise
            if not self._comes(select.POLLIN):
                if self._seconds is not None:
                    raise TimeoutError("timed out")
                self.given_up = True
        return b""

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all of it; raise `ConnectionResetError` if the peer takes nothing for too long."""
        left = memoryview(data)
        while True:
            try:
                sent = super().send(left, flags | _DONTWAIT)
            except BlockingIOError:
                if self._seconds == 0:
                    raise
                if not self._comes(select.POLLOUT):
                    self.given_up = True
                    raise ConnectionResetError(errno.ECONNRESET, "the peer is silent") from None
                continue
            if sent == len(left):
                return
            left = left[sent:]

    def send(self, data: Any, flags: int = 0, /) -> int:
        """See `sendall`."""
        self.sendall(data, flags)
        return len(data)

    def settimeout(self, value: float | None, /) -> None:
        """Have `recv` raise `TimeoutError` after so long; None: it gives the peer up at last."""
        self._seconds = value

    def gettimeout(self) -> float | None:
        """Return what was set."""
        return self._seconds

    def setblocking(self, flag: bool, /) -> None:
        """Wait for the peer, or do not."""
        self._seconds = None if flag else 0.0

    def _comes(self, event: int) -> bool:
        poll = select.poll()
        poll.register(self, event)
        seconds = PATIENCE_SECONDS if self._seconds is None else self._seconds
        with stepping_aside():
            return bool(poll.poll(1000 * seconds))
