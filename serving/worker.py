"""A worker of gunicorn whose threads wait for connections themselves, and hand nothing over.

Under gunicorn's own gthread one thread polls, and hands each request to another, which hands the
connection back: that costs more than many an answer. Here a thread takes a connection from the
poller, answers one request and puts it back; meanwhile it is alone with it. The main thread keeps
the time: it tells the arbiter that we live, and closes connections on which nothing comes.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.body import LengthReader
from gunicorn.workers.base import Worker as BaseWorker
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from serving.answer import Answer
from serving.connection import Connection
from serving.crew import LOOK_SECONDS, Crew, stepping_aside
from serving.poller import make_poller

# At a time: the others may be another process's.
_MOST_ACCEPTED = 4
_TICK_SECONDS = 1.0
_STOPPING_TICK_SECONDS = 0.1


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """As `gthread`, at less cost; and clients who wait or are slow take no thread from others.

    All that it knows of HTTP is gunicorn's own.
    """

    def init_process(self) -> None:
        """Make what is this process's own, and serve until its end."""
        # Each access looks a setting up anew; in this process they do not change any more.
        self.cfg.__dict__.update({name: one.get() for name, one in self.cfg.settings.items()})
        self._poller = make_poller()
        self._crew = Crew(self.cfg.threads, take=self._poller.take, do=self._serve, wake=self._wake)
        self._listeners = {listener.fileno(): listener for listener in self.sockets}
        self._resting: list[int] = []
        self._connections: set[Connection] = set()
        # Those in the poller. Who takes one out of here is alone with it.
        self._polled: dict[int, Connection] = {}
        BaseWorker.init_process(self)  # gthread's would make its own pool and poller

    def handle_exit(self, sig: int, frame: object) -> None:
        """Begin to stop; the signal wakes the main thread too."""
        self.alive = False

    def handle_quit(self, sig: int, frame: object) -> None:
        """Stop at once."""
        BaseWorker.handle_quit(self, sig, frame)

    def run(self) -> None:
        """Keep the time while the threads serve; end once all is answered, or the time is up."""
        for fd, listener in self._listeners.items():
            listener.setblocking(False)
            self._poller.add(fd)
            self._poller.arm(fd)
        self._crew.start()
        while self.alive and self.is_parent_alive():
            self.notify()
            self._pass(_TICK_SECONDS)
            self._expire()
            self._listen_again()
        self.alive = False
        for fd in self._listeners:
            self._poller.drop(fd)
        now = time.monotonic()
        # Where we have said that we keep the connection, a request may be on its way.
        linger_until, stop_at = now + STOP_KEEPALIVE_LINGER, now + self.cfg.graceful_timeout
        while self._connections and time.monotonic() < stop_at:
            for conn in list(self._polled.values()):
                conn.deadline = min(conn.deadline, linger_until)
            self.notify()
            self._pass(_STOPPING_TICK_SECONDS)
            self._expire()
        for listener in self.sockets:
            listener.close()

    def _pass(self, seconds: float) -> None:
        """Let time pass, until the end begins at most; see that nobody is held up meanwhile."""
        until, alive = time.monotonic() + seconds, self.alive
        while (left := until - time.monotonic()) > 0 and self.alive is alive:
            step = min(left, LOOK_SECONDS) if self._crew.relieve() else left
            if select.select([self.PIPE[0]], [], [], step)[0]:
                os.read(self.PIPE[0], 4096)

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it is full of reasons to wake up
            os.write(self.PIPE[1], b"1")

    def _expire(self) -> None:
        """Close the connections whose time is up."""
        now = time.monotonic()
        for fd in [fd for fd, conn in list(self._polled.items()) if conn.deadline <= now]:
            conn = self._polled.pop(fd, None)
            if conn is None:
                continue
            if conn.deadline > now:  # another, of the same number
                self._watch(conn)
                continue
            if conn.is_late_with_head:
                with suppress(OSError):
                    util.write_error(conn.sock, 408, "Request Timeout", "The request is not whole.")
            self._close(conn)

    def _serve(self, fd: int) -> None:
        if fd in self._listeners:
            self._accept(fd)
        elif conn := self._polled.pop(fd, None):
            self._go_on(conn)

    def _accept(self, fd: int) -> None:
        """Take new connections; begin with the first, as most bring a request along."""
        first = None
        for _ in range(_MOST_ACCEPTED):
            conn = self._take_in(self._listeners[fd])
            if conn is None:
                break
            if first is None:
                first = conn
            else:
                self._watch(conn)
        self._listen(fd)
        if first is not None:
            self._go_on(first)

    def _take_in(self, listener: Any) -> Connection | None:
        if len(self._connections) >= self.worker_connections:
            return None
        try:
            sock, client = listener.accept()
            conn = Connection(self.cfg, sock, client, listener.getsockname())
            self._poller.add(conn.fd)
        except (BlockingIOError, ConnectionAbortedError):  # another process was quicker
            return None
        except OSError:  # too many open files, for one
            self.log.exception("Cannot accept a connection")
            with stepping_aside():
                time.sleep(_TICK_SECONDS)
            return None
        self._connections.add(conn)
        return conn

    def _listen(self, fd: int) -> None:
        if len(self._connections) >= self.worker_connections:
            self._resting.append(fd)
        elif self.alive:
            with suppress(OSError, ValueError):  # dropped or closed by now: the end has begun
                self._poller.arm(fd)

    def _listen_again(self) -> None:
        while self._resting and len(self._connections) < self.worker_connections:
            self._listen(self._resting.pop())

    def _go_on(self, conn: Connection) -> None:
        try:
            self._advance(conn)
        except OSError:
            self._close(conn)
        except BaseException:
            self.log.exception("Error on a connection")
            self._close(conn)

    def _advance(self, conn: Connection) -> None:
        """Serve the connection as far as that needs no waiting for the client."""
        if not conn.is_ending:
            if not conn.has_request():
                self._watch(conn)
                return
            if self.handle(conn) and conn.is_usable:
                # One that is here already comes after the others that are.
                self._watch(conn, at_once=conn.expect_next())
                return
            conn.end()
        if conn.has_ended():
            self._close(conn)
        else:
            self._watch(conn)

    def _watch(self, conn: Connection, *, at_once: bool = False) -> None:
        self._polled[conn.fd] = conn
        self._poller.arm(conn.fd, for_writing=at_once)

    def _close(self, conn: Connection) -> None:
        if self._polled.get(conn.fd) is conn:
            del self._polled[conn.fd]
        if conn.sock.fileno() == conn.fd:  # else it is closed, and may be another's number by now
            with suppress(OSError):
                self._poller.drop(conn.fd)
        conn.close()
        self._connections.discard(conn)
        self._listen_again()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer one request; tell whether the connection is to be kept."""
        resp: Answer | None = None
        environ: dict[str, Any] = {}
        try:
            self.cfg.pre_request(self, req)
            started = datetime.now(UTC)
            resp, environ = wsgi.create(
                req, conn.sock, conn.client, conn.server, self.cfg, response_class=Answer
            )
            environ["wsgi.multithread"] = True
            self._count_request()
            if not self._may_keep():
                resp.force_close()
            body = self.wsgi(environ, resp.start_response)
            try:
                for piece in body:
                    resp.write(piece)
                resp.close()
            finally:
                self.log.access(resp, req, environ, datetime.now(UTC) - started)
                if hasattr(body, "close"):
                    body.close()
            return not resp.should_close()
        except OSError:
            raise
        except (Exception, SystemExit):
            if resp is None or resp.is_unsent:
                raise
            self.log.exception("Error handling request")
            return False
        finally:
            try:
                self.cfg.post_request(self, req, environ, resp)
            except Exception:
                self.log.exception("Exception in post_request hook")

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        if not keepalive:
            return False
        reader = conn.parser.mesg.body.reader
        has_body = not isinstance(reader, LengthReader) or reader.length > 0
        if has_body and not super()._keepalive_after(conn, keepalive):
            return False
        conn.parser.mesg = None  # done with, so that the parser does not look for a body again
        return True

    def _count_request(self) -> None:
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
            self._wake()

    def _may_keep(self) -> bool:
        return self.alive and self.cfg.keepalive and len(self._polled) < self.max_keepalived
