"""Which connections have something to do: many threads ask at once, each is told of another."""

from __future__ import annotations

import select
import selectors
import threading
from contextlib import suppress
from typing import Protocol


class Poller(Protocol):
    """A set of file descriptors; each that is armed is told of once, to one thread."""

    def add(self, fd: int) -> None:
        """Take the descriptor in; it is not armed yet."""

    def arm(self, fd: int, *, for_writing: bool = False) -> None:
        """Tell when it can be read, or written."""

    def drop(self, fd: int) -> None:
        """Forget the descriptor, before it is closed."""

    def take(self) -> int:
        """Wait for the next that is ready."""


class EpollPoller:
    """The kernel wakes one of the threads that wait here, the one that came last."""

    def __init__(self) -> None:
        self._epoll = select.epoll()

    def add(self, fd: int) -> None:
        """See `Poller`."""
        self._epoll.register(fd, select.EPOLLONESHOT)

    def arm(self, fd: int, *, for_writing: bool = False) -> None:
        """See `Poller`."""
        event = select.EPOLLOUT if for_writing else select.EPOLLIN
        self._epoll.modify(fd, event | select.EPOLLONESHOT)

    def drop(self, fd: int) -> None:
        """See `Poller`."""
        self._epoll.unregister(fd)

    def take(self) -> int:
        """See `Poller`."""
        events: list[tuple[int, int]] = []
        while not events:
            events = self._epoll.poll(None, 1)
        return events[0][0]


class SelectorPoller:
    """For systems without epoll: one thread waits, the others queue up behind it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._turn = threading.Lock()

    def add(self, fd: int) -> None:
        """See `Poller`."""

    def arm(self, fd: int, *, for_writing: bool = False) -> None:
        """See `Poller`."""
        self._selector.register(fd, selectors.EVENT_WRITE if for_writing else selectors.EVENT_READ)

    def drop(self, fd: int) -> None:
        """See `Poller`."""
        with suppress(KeyError):  # not armed
            self._selector.unregister(fd)

    def take(self) -> int:
        """See `Poller`."""
        with self._turn:
            while True:
                for key, _ in self._selector.select():
                    self._selector.unregister(key.fd)
                    return key.fd


def make_poller() -> Poller:
    """Return the best that this system has."""
    return EpollPoller() if hasattr(select, "epoll") else SelectorPoller()
