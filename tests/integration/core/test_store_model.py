"""The store against a model: any verbs in any order by several workers, with the clock moved."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from batchwell import keys
from batchwell.connection import connect, pipe
from batchwell.errors import NotReplayable
from batchwell.records import Priority, Status
from batchwell.store import Store
from batchwell.work_records import Batch, Claim
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    LEASE_SECONDS,
    NOBODY,
    echo,
    extend,
    fail,
    look,
    numbers,
    params,
)
from tests.servers import StoreServer

Held: TypeAlias = tuple[str, Batch]
Rejoined: TypeAlias = "Held | MultipleResults[Held]"

NUMBERS = st.integers(0, 4)
WORKERS = st.sampled_from(["one", "two", "three"])


@dataclass
class Expected:
    """What the model knows of one request."""

    number: int
    status: Status = Status.PENDING
    attempt: int = 0
    strikes: int = 0
    worker: str = ""
    lapsed: bool = False
    expires: bool = False
    is_dead_letter: bool = False
    webhooks: set[str] = field(default_factory=set)


@dataclass
class Model:
    """What an accepted request may be, and the value that was written last for each number."""

    requests: dict[str, Expected] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    written: int = 0

    def active(self, number: int) -> str | None:
        for request_id, expected in self.requests.items():
            if expected.number == number and not expected.status.is_terminal:
                return request_id
        return None

    def pick(self, number: int) -> str:
        return list(self.requests)[number % len(self.requests)]

    def owned(self, claim: Claim) -> Expected | None:
        """Return the request if this claim is the one that may write."""
        expected = self.requests[f"echo-{claim.token}"]
        mine = expected.status is Status.RUNNING and expected.attempt == claim.attempt
        return expected if mine else None

    def strike(self, expected: Expected, *, final: bool = False, blamed: bool = True) -> bool:
        """Count a failure, or a loss that it is blamed for; return whether it was the last one."""
        expected.strikes += blamed
        done = final or expected.strikes >= echo.policy.max_attempts
        expected.status = Status.FAILED if done else Status.PENDING
        expected.is_dead_letter = done
        return done


class StoreMachine(RuleBasedStateMachine):
    """Each rule does one verb to the store and to the model, and compares the answers."""

    open_store: Callable[[], Store]
    batches = Bundle[Held]("batches")

    @initialize()
    def begin(self) -> None:
        self.store = type(self).open_store()
        self.store.namespace = f"test-{secrets.token_hex(6)}"
        self.clock = Clock(self.store, echo)
        self.model = Model()

    @rule(
        wanted=st.lists(NUMBERS, min_size=1, max_size=4),
        priority=st.sampled_from(Priority),
        forced=st.booleans(),
        patient=st.booleans(),
        webhook=st.sampled_from([None, None, "https://here.test/", "https://there.test/"]),
    )
    def submit(
        self,
        wanted: list[int],
        priority: Priority,
        forced: bool,
        patient: bool,
        webhook: str | None,
    ) -> None:
        submissions = self.store.submit(
            echo,
            params(*wanted),
            priority=priority,
            max_age_seconds=0 if forced else None,
            expires_seconds=None if patient else 60,
            webhook=webhook,
        )
        for number, submission in zip(wanted, submissions, strict=True):
            active = self.model.active(number)
            if number in self.model.fresh and not forced:
                assert (submission.outcome, submission.request) == ("fresh", active)
            elif active is not None:
                assert (submission.outcome, submission.request) == ("attached", active)
                self.model.requests[active].expires &= not patient
            else:
                assert submission.outcome == "created"
                assert submission.request is not None
                assert submission.request not in self.model.requests
                self.model.requests[submission.request] = Expected(number, expires=not patient)
            if webhook and submission.outcome != "fresh" and submission.request:
                self.model.requests[submission.request].webhooks.add(webhook)
            value = submission.result.value if submission.result else None
            assert value == self.model.values.get(number)

    @rule(target=batches, worker=WORKERS, count=st.integers(1, 5))
    def claim(self, worker: str, count: int) -> Held:
        batch = self.store.claim(
            echo, worker, count=count, lease_seconds=LEASE_SECONDS, origin=NOBODY
        )
        for claim, number in zip(batch.claims, numbers(batch.claims), strict=True):
            expected = self.model.requests[f"echo-{claim.token}"]
            assert (expected.status, expected.number) == (Status.PENDING, number)
            expected.status = Status.RUNNING
            expected.attempt += 1
            expected.worker, expected.lapsed = worker, False
            assert claim.attempt == expected.attempt
        return (worker, batch)

    @rule(held=batches)
    def extend(self, held: Held) -> None:
        worker, batch = held
        lost = set()
        for claim in batch.claims:
            if expected := self.model.owned(claim):
                expected.lapsed = False
            else:
                lost.add(claim.token)
        assert extend(self.store, batch, worker) == lost

    @rule(target=batches, held=consumes(batches), again=st.booleans())
    def complete(self, held: Held, again: bool) -> Rejoined:
        _, batch = held
        if not batch.claims:  # how many are held may depend on what was drawn alone
            return held if again else multiple()
        values = []
        kept = 0
        for claim in batch.claims:
            self.model.written += 1
            values.append((claim, str(self.model.written), 0.001))
            known = self.model.requests[f"echo-{claim.token}"]
            repeated = known.status is Status.SUCCEEDED and known.attempt == claim.attempt
            if expected := self.model.owned(claim):
                expected.status = Status.SUCCEEDED
                self.model.values[expected.number] = str(self.model.written)
                self.model.fresh.add(expected.number)
            kept += expected is not None or repeated
        answer = self.store.complete(
            echo, values, generation=batch.generation, batch_size=len(values), origin=NOBODY
        )
        assert answer == kept
        return held if again else multiple()

    @rule(target=batches, held=consumes(batches), retry=st.booleans(), again=st.booleans())
    def fail(self, held: Held, retry: bool, again: bool) -> Rejoined:
        _, batch = held
        expected_answer = {"retrying": 0, "failed": 0, "not_owner": 0}
        for claim in batch.claims:
            expected = self.model.owned(claim)
            if expected is None:
                expected_answer["not_owner"] += 1
                continue
            ended = self.model.strike(expected, final=not retry)
            expected_answer["failed" if ended else "retrying"] += 1
        assert fail(self.store, batch, retry=retry) == expected_answer
        return held if again else multiple()

    @rule(target=batches, held=consumes(batches), again=st.booleans())
    def release(self, held: Held, again: bool) -> Rejoined:
        _, batch = held
        owned = [self.model.owned(claim) for claim in batch.claims]
        for expected in owned:
            if expected is not None:
                expected.status = Status.PENDING
        released = sum(expected is not None for expected in owned)
        assert self.store.release(echo, batch.claims) == released
        return held if again else multiple()

    @rule(held=batches)
    def report(self, held: Held) -> None:
        self.store.report(echo, held[1].claims, 0.5, "half")

    @rule(number=NUMBERS)
    def age(self, number: int) -> None:
        if number in self.model.values:
            self.clock.age_result(params(number)[0].digest, 2 * 3600)
            self.model.fresh.discard(number)

    @rule(lapsed=st.booleans())
    def reap(self, lapsed: bool) -> None:
        if lapsed:
            self.clock.lapse_leases()
        lost = [
            expected
            for expected in self.model.requests.values()
            if expected.status is Status.RUNNING and (lapsed or expected.lapsed)
        ]
        held = Counter(expected.worker for expected in lost)
        ended = [
            self.model.strike(expected, blamed=held[expected.worker] == 1) for expected in lost
        ]
        assert self.store.reap(echo) == (ended.count(False), ended.count(True))

    @rule(worker=WORKERS)
    def abandon(self, worker: str) -> None:
        held = [
            expected
            for expected in self.model.requests.values()
            if expected.status is Status.RUNNING and expected.worker == worker
        ]
        assert self.store.abandon(echo, worker) == len(held)
        for expected in held:
            expected.lapsed = True

    @precondition(lambda self: self.model.requests)
    @rule(pick=st.integers(0, 30))
    def cancel(self, pick: int) -> None:
        request_id = self.model.pick(pick)
        expected = self.model.requests[request_id]
        if not expected.status.is_terminal:
            expected.status = Status.CANCELLED
        assert self.store.cancel(echo, request_id) is expected.status

    @precondition(lambda self: self.model.requests)
    @rule(pick=st.integers(0, 30))
    def replay(self, pick: int) -> None:
        request_id = self.model.pick(pick)
        expected = self.model.requests[request_id]
        if expected.status not in (Status.FAILED, Status.CANCELLED, Status.EXPIRED):
            with pytest.raises(NotReplayable):
                self.store.retry(echo, request_id)
            return
        expected.is_dead_letter = False
        active = self.model.active(expected.number)
        replayed = self.store.retry(echo, request_id)
        if active is None:
            assert replayed not in self.model.requests
            self.model.requests[replayed] = Expected(expected.number)
        else:
            assert replayed == active

    @rule()
    def expire(self) -> None:
        self.clock.lapse_deadlines()
        for expected in self.model.requests.values():
            if expected.expires and expected.status is Status.PENDING:
                expected.status = Status.EXPIRED
            expected.expires = False
        if self.model.requests:
            look(self.store, self.model.pick(0))  # whoever asks has the due ones ended

    @rule()
    def ripen(self) -> None:
        self.clock.ripen_retries()

    @rule(worker=WORKERS)
    def enlist(self, worker: str) -> None:
        self.store.enlist(echo, worker, worker_seconds=15)

    @rule(worker=WORKERS)
    def retire(self, worker: str) -> None:
        self.store.retire(echo, worker, when="if_idle")

    @rule()
    def lapse(self) -> None:
        self.clock.lapse_workers()

    @invariant()
    def every_request_is_where_the_model_has_it(self) -> None:
        if not hasattr(self, "model"):
            return
        root = keys.root(self.store.namespace, "echo")
        tokens = [request_id.removeprefix("echo-") for request_id in self.model.requests]
        found = self.store.look("echo", tokens)
        for token, expected in zip(tokens, self.model.requests.values(), strict=True):
            standing = found[token]
            assert standing.status is expected.status
            assert int(standing.detail[0] or 0) == expected.attempt
        asked: list[tuple[str, ...]] = []
        for number in range(5):
            asked.append(("HGET", f"{root}:result:{params(number)[0].digest}", "value"))
            asked.append(("GET", f"{root}:renewal:{params(number)[0].digest}"))
        # One round trip: many looks.
        answers = [answer and answer.decode() for answer in pipe(self.store.client, asked)]
        values, renewals = answers[::2], answers[1::2]
        for number, renewal in enumerate(renewals):
            under_way = self.model.active(number) if number in self.model.values else None
            assert renewal == (under_way and under_way.removeprefix("echo-"))
        assert values == [self.model.values.get(number) for number in range(5)]
        statuses = [expected.status for expected in self.model.requests.values()]
        counts = self.store.count(echo)
        assert counts.pending == statuses.count(Status.PENDING)
        assert counts.running == statuses.count(Status.RUNNING)
        assert counts.succeeded == statuses.count(Status.SUCCEEDED)
        assert counts.failed == statuses.count(Status.FAILED)
        assert counts.dead_letters == sum(
            expected.is_dead_letter for expected in self.model.requests.values()
        )
        assert counts.results == len(self.model.values)
        owed = [
            (one.request, one.event, one.url) for one in self.store.deliveries(echo, count=1000)[0]
        ]
        assert sorted(owed) == sorted(
            (request_id, expected.status.value, url)
            for request_id, expected in self.model.requests.items()
            if expected.status.is_terminal
            for url in expected.webhooks
        )

    def teardown(self) -> None:
        """Drain what is left: every accepted request reaches exactly one terminal status."""
        if not hasattr(self, "model"):
            return
        for _ in range(len(self.model.requests) * echo.policy.max_attempts + 1):
            if all(expected.status.is_terminal for expected in self.model.requests.values()):
                break
            self.reap(lapsed=True)
            self.ripen()
            _, batch = self.claim("last", 100)
            self.complete(("last", batch), again=False)
        self.every_request_is_where_the_model_has_it()
        for request_id, expected in self.model.requests.items():
            seen = look(self.store, request_id)
            assert seen.status is expected.status
            assert (seen.result and seen.result.value) == self.model.values.get(expected.number)
        assert all(expected.status.is_terminal for expected in self.model.requests.values())


def test_no_order_of_verbs_breaks_an_invariant(server: StoreServer) -> None:
    client = connect(server.url)

    class Machine(StoreMachine):
        open_store = staticmethod(lambda: Store(client))

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=2000 if "valkey" in server.program else 500,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    client.close()
