"""The threads that serve: bounded, and not fewer for those that wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from webapp.http.crew import Crew, stepping_aside

SECONDS = 10


def count_of(crew_threads: list[threading.Thread]) -> int:
    return sum(thread.is_alive() for thread in crew_threads)


def test_tasks_are_done_in_order_and_answered() -> None:
    crew, done = Crew(1), list[int]()
    futures = [crew.submit(done.append, number) for number in range(50)]
    for future in futures:
        future.result(SECONDS)
    assert done == list(range(50))
    assert crew.submit(divmod, 7, 2).result(SECONDS) == (3, 1)
    assert crew.submit(dict, a=1).result(SECONDS) == {"a": 1}


def test_error_is_the_tasks_and_its_thread_goes_on() -> None:
    crew = Crew(1)
    with pytest.raises(ZeroDivisionError):
        crew.submit(lambda: 1 // 0).result(SECONDS)
    with pytest.raises(SystemExit):
        crew.submit(exit).result(SECONDS)
    assert crew.submit(int).result(SECONDS) == 0


def held(crew: Crew, count: int, wait: Callable[[], object]) -> list[Future[object]]:
    """Submit tasks that wait; return once all that may run do."""
    return [crew.submit(wait) for _ in range(count)]


def test_so_many_serve_at_once_and_no_more() -> None:
    crew, gate, running = Crew(3), threading.Event(), threading.Semaphore(0)

    def wait() -> None:
        running.release()
        assert gate.wait(SECONDS)

    futures = held(crew, 8, wait)
    for _ in range(3):
        assert running.acquire(timeout=SECONDS)
    assert not running.acquire(timeout=0.1)
    gate.set()
    for future in futures:
        future.result(SECONDS)


def test_those_who_step_aside_keep_nobody_from_being_served() -> None:
    crew, gate, aside = Crew(2), threading.Event(), threading.Semaphore(0)
    threads: list[threading.Thread] = []

    def wait() -> None:
        threads.append(threading.current_thread())
        with stepping_aside():
            aside.release()
            assert gate.wait(SECONDS)

    futures = held(crew, 50, wait)
    for _ in range(50):
        assert aside.acquire(timeout=SECONDS)
    assert crew.submit(int).result(SECONDS) == 0
    gate.set()
    for future in futures:
        future.result(SECONDS)
    for thread in set(threads):
        thread.join(0.05)
    assert count_of(threads) <= 2, "those that are too many have ended"
    assert crew.submit(int).result(SECONDS) == 0


def test_task_that_waits_in_the_queue_is_served_when_somebody_steps_aside() -> None:
    crew, gate, aside = Crew(1), threading.Event(), threading.Event()

    def wait() -> None:
        assert aside.wait(SECONDS)
        with stepping_aside():
            assert gate.wait(SECONDS)

    waiting = crew.submit(wait)
    queued = crew.submit(int)
    aside.set()
    assert queued.result(SECONDS) == 0
    gate.set()
    waiting.result(SECONDS)


def test_outside_a_crew_stepping_aside_means_nothing() -> None:
    with stepping_aside():
        pass
