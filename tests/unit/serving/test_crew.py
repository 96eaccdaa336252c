"""The threads that serve: one at a time, and another as soon as that one is held up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from serving.crew import LOOK_SECONDS, Crew, stepping_aside

SECONDS = 10


class Works:
    """A crew whose work is to call what is put into a queue."""

    def __init__(self, size: int) -> None:
        self.queue: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self.woken = threading.Event()
        self.crew = Crew(size, take=self.queue.get, do=lambda call: call(), wake=self.woken.set)
        self.crew.start()

    def do(self, *calls: Callable[[], object]) -> None:
        for call in calls:
            self.queue.put(call)

    def serves(self, seconds: float = SECONDS) -> bool:
        """Tell whether something that is put in now is done within so long."""
        done = threading.Event()
        self.do(done.set)
        return done.wait(seconds)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look, as the main thread does, for the length of the block."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(LOOK_SECONDS):
                self.crew.relieve()

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_work_is_done_in_order_by_one_thread() -> None:
    works, done = Works(4), list[tuple[int, int]]()
    works.do(*(lambda n=n: done.append((n, threading.get_ident())) for n in range(50)))
    assert works.serves()
    assert [number for number, _ in done] == list(range(50))
    assert len({thread for _, thread in done}) == 1


def test_those_who_step_aside_keep_nobody_from_being_served() -> None:
    works, gate, aside = Works(2), threading.Event(), threading.Semaphore(0)
    threads: list[threading.Thread] = []

    def wait() -> None:
        threads.append(threading.current_thread())
        with stepping_aside():
            aside.release()
            assert gate.wait(SECONDS)

    works.do(*[wait] * 50)
    for _ in range(50):
        assert aside.acquire(timeout=SECONDS)
    assert works.serves()
    gate.set()
    # Two rest, for the next who step aside, and one serves.
    until(lambda: sum(thread.is_alive() for thread in threads) <= 3)
    assert works.serves()


def test_one_who_is_held_up_without_a_word_is_relieved() -> None:
    works, gate = Works(2), threading.Event()
    works.do(lambda: gate.wait(SECONDS))
    assert works.woken.wait(SECONDS), "somebody is asked to look"
    assert not works.serves(0.1), "nobody looks yet"
    with works.watched():
        assert works.serves()
    gate.set()


def test_so_many_are_at_work_at_once_and_no_more() -> None:
    works, gate, running = Works(3), threading.Event(), threading.Semaphore(0)

    def wait() -> None:
        running.release()
        assert gate.wait(SECONDS)

    with works.watched():
        works.do(*[wait] * 8)
        for _ in range(3):
            assert running.acquire(timeout=SECONDS)
        assert not running.acquire(timeout=10 * LOOK_SECONDS)
        gate.set()
        assert works.serves()


def test_one_who_was_relieved_may_step_aside_and_makes_room() -> None:
    works, first, then = Works(2), threading.Event(), threading.Event()

    def wait() -> None:
        assert first.wait(SECONDS)
        with stepping_aside():
            assert then.wait(SECONDS)

    with works.watched():
        works.do(wait)
        assert works.serves()
        works.do(lambda: then.wait(SECONDS))
        assert not works.serves(10 * LOOK_SECONDS), "both are held up"
        first.set()
        until(lambda: works.queue.empty())
        assert works.serves()
        then.set()
    assert works.serves()


def test_nobody_needs_to_look_while_nothing_is_done() -> None:
    works = Works(2)
    assert works.serves()
    until(lambda: not works.crew.relieve())
    works.woken.clear()
    assert works.serves()
    assert works.woken.is_set(), "now one needs to again"


def test_outside_a_crew_stepping_aside_means_nothing() -> None:
    with stepping_aside():
        pass
