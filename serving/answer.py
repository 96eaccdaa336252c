"""An answer whose head is sent along with the first of its body."""

from __future__ import annotations

from gunicorn.http.wsgi import Response

_MOST_JOINED_BYTES = 256 * 1024


class Answer(Response):  # type: ignore[misc]  # gunicorn has no types
    """As gunicorn's own, which sends the two apart: two system calls, and often two packets."""

    _head = b""
    headers_sent: bool

    @property
    def is_unsent(self) -> bool:
        """Whether nothing of it is on its way yet."""
        return not self.headers_sent or bool(self._head)

    def send_headers(self) -> None:
        """Make the head, to be sent with what comes next."""
        if self.headers_sent:
            return
        lines = self.default_headers()
        lines += [f"{name}: {value}\r\n" for name, value in self.headers]
        lines.append("\r\n")
        self._head = "".join(lines).encode("latin-1")
        self.headers_sent = True

    def can_sendfile(self) -> bool:
        """Never: a thread that waits in it for a slow client could not step aside."""
        return False

    def close(self) -> None:
        """Send what is left of the answer."""
        self.send_headers()
        self._send(b"0\r\n\r\n" if self.chunked else b"")

    def _emit_body(self, data: bytes) -> None:
        self._send(b"%X\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def _send(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if len(data) <= _MOST_JOINED_BYTES:
            data = head + data
        elif head:
            self.sock.sendall(head)
        if data:
            self.sock.sendall(data)
