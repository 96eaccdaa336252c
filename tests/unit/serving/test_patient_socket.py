"""A connection on which no slow peer takes a thread from those who are served."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from serving import patient_socket
from serving.patient_socket import PatientSocket

Pair = tuple[PatientSocket, socket.socket]
MUCH = b"x" * 10_000_000


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with PatientSocket(ours) as patient, theirs:
        yield patient, theirs


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_socket, "PATIENCE_SECONDS", 0.05)


def test_head_is_gathered_without_waiting(pair: Pair) -> None:
    ours, theirs = pair
    assert ours.fetch()
    assert not ours.has_begun
    for piece in (b"GET / HTTP/1.1\r\n", b"Host: x\r\n"):
        theirs.send(piece)
        assert ours.fetch()
        assert ours.has_begun
        assert not ours.has_head
    theirs.send(b"\r\nbody")
    assert ours.fetch()
    assert ours.has_head
    assert ours.recv(3) == b"GET"
    assert ours.recv(100).endswith(b"\r\n\r\nbody")
    theirs.close()
    assert not ours.fetch()


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\n\n", b"a" * 70_000])
def test_what_the_parser_will_refuse_need_not_be_waited_for(pair: Pair, head: bytes) -> None:
    ours, theirs = pair
    for first in range(0, len(head), 10_000):
        theirs.send(head[first : first + 10_000])
        ours.fetch()
    assert ours.has_head


def test_what_is_given_back_comes_first(pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"cd")
    ours.fetch()
    ours.give_back(b"ab")
    assert ours.recv(10) == b"abcd"


def test_waits_for_what_is_on_its_way(pair: Pair) -> None:
    ours, theirs = pair
    threading.Timer(0.05, theirs.send, [b"late"]).start()
    assert ours.recv(10) == b"late"


def test_all_is_sent_however_slowly_it_is_taken(pair: Pair) -> None:
    ours, theirs = pair
    taken = bytearray()

    def take() -> None:
        while piece := theirs.recv(100_000):
            taken.extend(piece)

    taker = threading.Thread(target=take)
    taker.start()
    ours.sendall(MUCH)
    ours.close()
    taker.join()
    assert taken == MUCH


@pytest.mark.usefixtures("impatient")
def test_peer_that_sends_nothing_is_given_up(pair: Pair) -> None:
    ours, theirs = pair
    assert ours.recv(10) == b""
    assert ours.given_up
    theirs.send(b"too late")
    assert ours.recv(10) == b""


@pytest.mark.usefixtures("impatient")
def test_peer_that_takes_nothing_is_given_up(pair: Pair) -> None:
    with pytest.raises(ConnectionResetError):
        pair[0].sendall(MUCH)
    assert pair[0].given_up


def test_times_out_as_other_sockets_do(pair: Pair) -> None:
    ours, _ = pair
    ours.settimeout(0.01)
    assert ours.gettimeout() == 0.01
    with pytest.raises(TimeoutError):
        ours.recv(1)
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    with pytest.raises(BlockingIOError):
        ours.sendall(MUCH)
    ours.setblocking(True)
    assert ours.gettimeout() is None
    with pytest.raises(BlockingIOError):
        ours.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    assert not ours.given_up
