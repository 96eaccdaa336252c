import itertools
from dataclasses import replace

from batchwell.orchestrator.pacing import FIRST_SPACING_SECONDS, LAST_SPACING_SECONDS, Pacer
from batchwell.scaling import wanted_workers
from batchwell.work_records import Demand


def demand(
    waiting: int = 1, workers: int = 0, drains: int = 0, item_seconds: float | None = None
) -> Demand:
    return Demand(
        waiting=waiting,
        workers=workers,
        drains=drains,
        item_seconds=item_seconds,
        first_waits_seconds=0.0,
    )


def test_the_first_event_is_due_at_once() -> None:
    assert Pacer(1).is_due(demand(), 100.0)


def test_no_event_is_due_without_waiting_requests() -> None:
    assert not Pacer(1).is_due(demand(waiting=0), 100.0)


def test_due_deliveries_want_one_worker_however_many_they_are() -> None:
    due = replace(demand(waiting=0, item_seconds=60.0), deliveries=1000)
    assert Pacer(4).is_due(due, 100.0)
    assert not Pacer(4).is_due(replace(due, workers=1), 100.0)


def test_events_that_bring_no_worker_are_spaced_ever_further() -> None:
    pacer = Pacer(1)
    fired = [second for second in range(4000) if pacer.is_due(demand(), second)]
    gaps = [after - before for before, after in itertools.pairwise(fired)]
    assert gaps[0] == FIRST_SPACING_SECONDS
    assert gaps == sorted(gaps)
    assert gaps[-1] == LAST_SPACING_SECONDS


def test_a_drain_that_came_and_went_makes_the_next_event_due_at_once() -> None:
    pacer = Pacer(1)
    assert pacer.is_due(demand(drains=1), 0.0)
    assert not pacer.is_due(demand(drains=1), 1.0)
    assert pacer.is_due(demand(drains=2), 2.0)


def test_a_request_that_comes_as_a_drain_has_ended_is_due_at_once() -> None:
    pacer = Pacer(2)
    assert pacer.is_due(demand(), 0.0)
    assert not pacer.is_due(demand(waiting=0, workers=1, drains=1), 2.0)
    assert pacer.is_due(demand(drains=1), 2.5)
    assert not pacer.is_due(demand(drains=1), 3.0)


def owed_for_ever(pacer: Pacer, seconds: range) -> list[int]:
    """Have deliveries due that no drain makes, though each event brings one that comes and goes."""
    fired: list[int] = []
    for second in seconds:
        due = replace(demand(waiting=0, drains=seconds.start + len(fired)), deliveries=5)
        if pacer.is_due(due, second):
            fired.append(second)
    return fired


def test_drains_that_make_no_delivery_are_spaced_ever_further() -> None:
    fired = owed_for_ever(Pacer(1), range(4000))
    gaps = [after - before for before, after in itertools.pairwise(fired)]
    assert gaps[0] == FIRST_SPACING_SECONDS
    assert gaps == sorted(gaps)
    assert gaps[-1] == LAST_SPACING_SECONDS


def test_requests_do_not_wait_for_the_spacing_of_deliveries() -> None:
    pacer = Pacer(1)
    last = owed_for_ever(pacer, range(4000))[-1]
    soon = last + int(FIRST_SPACING_SECONDS)
    assert pacer.is_due(replace(demand(drains=1), deliveries=5), max(4000, soon))


def test_deliveries_after_a_long_rest_are_spaced_anew() -> None:
    pacer = Pacer(1)
    owed_for_ever(pacer, range(4000))
    later = owed_for_ever(pacer, range(8000, 8100))
    assert later[:2] == [8000, 8000 + int(FIRST_SPACING_SECONDS)]


def test_a_backlog_too_large_for_the_live_workers_asks_for_more_after_a_while() -> None:
    pacer = Pacer(2)
    heavy = demand(waiting=1000, workers=1, drains=1, item_seconds=1.0)
    assert not pacer.is_due(heavy, 0.0)
    assert pacer.is_due(heavy, FIRST_SPACING_SECONDS)
    enough = demand(waiting=1000, workers=2, drains=2, item_seconds=1.0)
    assert not pacer.is_due(enough, 100.0)


def test_workers_wanted_grow_with_the_seconds_of_work_up_to_the_limit() -> None:
    assert wanted_workers(0, 1.0, 8) == 0
    assert wanted_workers(1000, None, 8) == 1
    assert wanted_workers(1000, 0.001, 8) == 1
    assert wanted_workers(60, 1.0, 8) == 3
    assert wanted_workers(10**6, 1.0, 8) == 8
    assert wanted_workers(2, 3600.0, 8) == 2
