"""A client's connection, as far as one can go on with it without waiting for the client."""

from __future__ import annotations

import socket
import time
from typing import Any

from gunicorn.http.message import Request as GunicornRequest
from gunicorn.workers.gthread import TConn

from serving.patient_socket import PatientSocket

HEAD_SECONDS = 10.0
"""How long a client may take for the head of a request."""

LINGER_SECONDS = 2.0
"""How long a connection that we have ended waits for the client to end it too."""

_MOST_DRAINED_BYTES = 64 * 1024


class Request(GunicornRequest):  # type: ignore[misc]  # gunicorn has no types
    """As gunicorn's, which would parse the client's address for an empty list of proxies too."""

    def _peer_is_trusted_proxy(self) -> bool:
        if isinstance(self.peer_addr, tuple) and not self.cfg.forwarded_allow_ips:
            return False
        return bool(super()._peer_is_trusted_proxy())


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """As gthread's. ``deadline`` is until when something must come on it.

    The heads of requests are gathered before they are parsed, but not under TLS, where a thread
    waits for the client as gthread's do.
    """

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, PatientSocket(sock), client, server)
        self.fd: int = self.sock.fileno()
        self.data_ready = True  # it is handled once there is something to read
        self.is_ending = False
        self.deadline = time.monotonic() + HEAD_SECONDS
        self._in_head = True
        self._drained = 0

    def init(self) -> None:
        """Begin with the first request."""
        super().init()
        if not self.is_http2:
            self.parser.mesg_class = Request

    def has_request(self) -> bool:
        """Take in what has come; tell whether there is a request. Raise `OSError` at its end."""
        if self.cfg.is_ssl:
            return True
        more = self.sock.fetch()
        if self.sock.has_head:
            return True
        if not more:
            raise ConnectionResetError
        if not self._in_head:
            self._in_head = True
            self.deadline = time.monotonic() + HEAD_SECONDS
        return False

    def expect_next(self) -> bool:
        """Begin to wait for the next request; tell whether it is here already."""
        self._in_head = False
        self.set_timeout()
        self.deadline = self.timeout
        rest: bytes = self.parser.unreader.take_buffered()
        if self.cfg.is_ssl:
            self.parser.unreader.unread(rest)
            return bool(rest or self.sock.pending())
        if rest:
            self.sock.give_back(rest)
        return bool(self.sock.has_head)

    @property
    def is_late_with_head(self) -> bool:
        """Whether a part of a request has come."""
        return not self.is_ending and isinstance(self.sock, PatientSocket) and self.sock.has_begun

    @property
    def is_usable(self) -> bool:
        """Whether there may be a next request on it."""
        return not getattr(self.sock, "given_up", False)

    def end(self) -> None:
        """Tell the client that no more comes. Raise `OSError` where there is nothing to end."""
        self.is_ending = True
        self.deadline = time.monotonic() + LINGER_SECONDS
        self.sock.shutdown(socket.SHUT_WR)

    def has_ended(self) -> bool:
        """Drop what has come; tell whether the client has ended it too.

        Closed with something unread, it would be reset, and the client lose the answer.
        """
        while self._drained < _MOST_DRAINED_BYTES:
            try:
                piece = self.sock.recv(_MOST_DRAINED_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            if not piece:
                break
            self._drained += len(piece)
        return True
