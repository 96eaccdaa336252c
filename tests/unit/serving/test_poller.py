"""Which connections have something to do: each is told of once, to one thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from serving.poller import EpollPoller, Poller, SelectorPoller

SECONDS = 10

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=[EpollPoller, SelectorPoller])
def poller(request: pytest.FixtureRequest) -> Poller:
    poller: Poller = request.param()
    return poller


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class Taking(threading.Thread):
    """Takes once."""

    def __init__(self, poller: Poller) -> None:
        super().__init__(daemon=True)
        self.poller = poller
        self.taken: int | None = None
        self.start()

    def run(self) -> None:
        self.taken = self.poller.take()


def test_what_comes_is_told_to_one_of_those_who_wait_and_once(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    takers = [Taking(poller) for _ in range(3)]
    poller.add(ours.fileno())
    theirs.send(b"x")
    assert all(taker.is_alive() for taker in takers), "it is not armed"
    poller.arm(ours.fileno())
    for taker in takers:
        taker.join(0.3)
    assert sorted(taker.taken or 0 for taker in takers) == [0, 0, ours.fileno()]
    poller.arm(ours.fileno())  # it is not read yet
    next(taker for taker in takers if taker.taken is None).join(0.3)
    assert [taker.taken for taker in takers].count(ours.fileno()) == 2
    poller.arm(ours.fileno())
    for taker in takers:
        taker.join(SECONDS)
    assert not any(taker.is_alive() for taker in takers)


def test_one_that_can_be_written_is_told_of_at_once(poller: Poller, pair: Pair) -> None:
    poller.add(pair[0].fileno())
    poller.arm(pair[0].fileno())
    pair[1].send(b"x")
    assert poller.take() == pair[0].fileno()
    pair[0].recv(1)
    poller.arm(pair[0].fileno(), for_writing=True)
    assert poller.take() == pair[0].fileno()


def test_one_that_is_dropped_is_told_of_no_more(poller: Poller, pair: Pair) -> None:
    poller.add(pair[0].fileno())
    poller.arm(pair[0].fileno())
    pair[1].send(b"x")
    poller.drop(pair[0].fileno())
    taker = Taking(poller)
    taker.join(0.1)
    assert taker.is_alive()
    with socket.socket() as other:
        poller.add(pair[1].fileno())
        poller.arm(pair[1].fileno())
        pair[0].send(b"x")
        taker.join(SECONDS)
        assert other.fileno() != taker.taken == pair[1].fileno()
