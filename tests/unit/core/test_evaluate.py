"""What becomes of each item when the author's function is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from batchwell import Artifact, Computation, Failure, computation
from batchwell.errors import ArtifactUnavailable
from batchwell.evaluate import evaluate
from batchwell.outcomes import Outcome


class Item(BaseModel):
    n: int


def items(*texts: str) -> list[tuple[str, str]]:
    return [(text, "") for text in texts]


def outcomes(computation: Computation[Any, Any], *numbers: int) -> list[Outcome]:
    return list(evaluate(computation, items(*(f'{{"n":{number}}}' for number in numbers))))


def values(outcomes: Sequence[Outcome]) -> dict[int, str | None]:
    return {outcome.item: outcome.value for outcome in outcomes}


def errors(outcomes: Sequence[Outcome]) -> dict[int, tuple[str, str, bool]]:
    return {
        outcome.item: (outcome.error.type, outcome.error.message, outcome.retry)
        for outcome in outcomes
        if outcome.error is not None
    }


@computation()
def invert(n: int) -> float:
    return 1 / n


def test_single_form_gives_one_outcome_for_each_item() -> None:
    assert values(outcomes(invert, 1, 2, 4)) == {0: "1.0", 1: "0.5", 2: "0.25"}


def test_exception_is_the_error_of_its_item_alone() -> None:
    found = outcomes(invert, 1, 0, 4)
    assert values(found) == {0: "1.0", 1: None, 2: "0.25"}
    assert errors(found) == {1: ("ZeroDivisionError", "division by zero", True)}


def test_traceback_begins_in_the_authors_code() -> None:
    [outcome] = outcomes(invert, 0)
    assert outcome.error is not None
    told = outcome.error.traceback
    assert told.startswith(f'Traceback (most recent call last):\n  File "{__file__}"')
    assert told.endswith("ZeroDivisionError: division by zero\n")


def test_end_of_a_long_traceback_is_kept() -> None:
    @computation()
    def shout(n: int) -> int:
        raise ValueError("x" * 10_000 + "!")

    [outcome] = outcomes(shout, 1)
    assert outcome.error is not None
    assert len(outcome.error.traceback) == 4000
    assert outcome.error.traceback.endswith("x!\n")


def test_exception_without_a_message_is_told_by_its_name() -> None:
    @computation()
    def give_up(n: int) -> int:
        raise LookupError

    assert errors(outcomes(give_up, 1)) == {0: ("LookupError", "LookupError", True)}


def test_returned_failure_is_final() -> None:
    @computation()
    def decline(n: int) -> int | Failure:
        return Failure("not today", "Closed")

    assert errors(outcomes(decline, 1)) == {0: ("Closed", "not today", False)}


def test_failure_that_holds_the_exception_itself_is_told_as_text() -> None:
    @computation()
    def decline(n: int) -> int | Failure:
        return Failure(ValueError("bad"))  # type: ignore[arg-type]  # an author's mistake

    assert errors(outcomes(decline, 1)) == {0: ("Failure", "bad", False)}


def test_parameters_of_an_older_signature_fail_for_good() -> None:
    found = list(evaluate(invert, items('{"m":1}', '{"n":2}')))
    assert values(found) == {0: None, 1: "0.5"}
    kind, message, retry = errors(found)[0]
    assert (kind, retry) == ("InvalidParameters", False)
    assert "n: Field required" in message
    assert "https://" not in message


def test_function_receives_validated_types() -> None:
    seen: list[object] = []

    @computation()
    def look(item: Item, wait: timedelta = timedelta(seconds=2)) -> None:
        seen.extend([item, wait])

    (outcome,) = evaluate(look, items('{"item":{"n":1}}'))
    assert outcome.value == "null"
    assert seen == [Item(n=1), timedelta(seconds=2)]


def batch_of(function: Callable[[list[Item]], Any]) -> Computation[Any, Any]:
    def batched(items: list[Item]) -> list[int | Failure]:
        result: list[int | Failure] = function(items)
        return result

    return computation(batch=True)(batched)


def test_batch_form_calls_once_for_all() -> None:
    calls: list[int] = []

    def double(items: list[Item]) -> list[int]:
        calls.append(len(items))
        return [2 * item.n for item in items]

    assert values(outcomes(batch_of(double), 1, 2, 3)) == {0: "2", 1: "4", 2: "6"}
    assert calls == [3]


def test_failure_in_a_batch_spoils_only_its_item() -> None:
    found = outcomes(batch_of(lambda items: [1, Failure("no"), 3]), 1, 2, 3)
    assert values(found) == {0: "1", 1: None, 2: "3"}
    assert errors(found) == {1: ("Failure", "no", False)}


def test_batch_that_raises_is_halved_until_the_culprits_stand_alone() -> None:
    calls: list[int] = []

    def picky(items: list[Item]) -> list[int]:
        calls.append(len(items))
        return [10 // item.n for item in items]

    found = outcomes(batch_of(picky), 1, 0, 2, 5, 10, 1, 0, 2)
    assert values(found) == {0: "10", 1: None, 2: "5", 3: "2", 4: "1", 5: "10", 6: None, 7: "5"}
    assert {index: kind for index, (kind, _, _) in errors(found).items()} == {
        1: "ZeroDivisionError",
        6: "ZeroDivisionError",
    }
    assert len(calls) <= 1 + 2 * 2 * 3, "two culprits among eight need at most that many calls"


def test_batch_that_misses_a_file_which_all_of_it_needs_is_not_halved() -> None:
    gone = Artifact(path=f"model/{20 * '0'}/00000001-{8 * '0'}", size_bytes=1, sha256="0")

    @computation()
    def model() -> Artifact:
        return gone

    calls: list[int] = []

    @computation(batch=True, depends_on=[model])
    def batched(items: list[Item], model: Artifact | None) -> list[int]:
        calls.append(len(items))
        raise ArtifactUnavailable((model or own).path, "is no more")

    own = gone.model_copy(update={"path": gone.path.replace("model", "other")})
    wanted = items(*(f'{{"n":{number}}}' for number in range(8)))
    found = list(evaluate(batched, wanted, upstream={"model": gone.model_dump_json()}))
    assert calls == [8]
    assert {kind for kind, _, retried in errors(found).values() if retried} == {
        "ArtifactUnavailable"
    }
    assert sorted(errors(found)) == list(range(8))
    calls.clear()
    assert len(errors(list(evaluate(batched, wanted)))) == 8
    assert len(calls) == 15, "one item's own file may be what is missing"


@pytest.mark.parametrize(
    "returned",
    [[1, 2], [1, 2, 3, 4], [], (1, 2, 3), None, {0: 1, 1: 2, 2: 3}, "abc"],
    ids=["too few", "too many", "none", "tuple", "nothing", "dict", "text"],
)
def test_wrong_number_of_results_fails_all_and_gives_none_a_neighbours_value(
    returned: object,
) -> None:
    found = outcomes(batch_of(lambda items: returned), 1, 2, 3)
    assert values(found) == {0: None, 1: None, 2: None}
    assert {kind for kind, _, _ in errors(found).values()} == {"InvalidResult"}
    assert all("batched returned" in message for _, message, _ in errors(found).values())
    assert all("for 3 items" in message for _, message, _ in errors(found).values())


def test_bad_result_in_a_batch_spoils_only_its_item() -> None:
    found = outcomes(batch_of(lambda items: [1, "two", 3]), 1, 2, 3)
    assert values(found) == {0: "1", 1: None, 2: "3"}
    assert errors(found)[1][0] == "InvalidResult"


def test_bad_parameters_in_a_batch_spoil_only_their_item() -> None:
    found = list(
        evaluate(batch_of(lambda models: [1] * len(models)), items('{"n":1}', "{}", '{"n":3}'))
    )
    assert values(found) == {0: "1", 1: None, 2: "1"}


def test_start_of_each_call_is_told() -> None:
    told: list[int | None] = []
    list(evaluate(invert, items('{"n":1}', '{"m":1}', '{"n":1}'), told.append))
    assert told == [0, 2]


def test_start_of_each_halved_call_is_told() -> None:
    """Each has its own timeout, so that the worker must measure each anew."""
    told: list[int | None] = []
    picky = batch_of(lambda items: [10 // item.n for item in items])
    list(evaluate(picky, items('{"n":1}', '{"n":0}'), told.append))
    assert told == [None, None, None]


def loop_for_ever(n: int) -> int:
    while True:
        pass


def swallow_exceptions(n: int) -> int:
    while True:
        try:
            time.sleep(10)
        except Exception:  # noqa: BLE001  # the subject of the test
            continue


@pytest.mark.parametrize("function", [loop_for_ever, swallow_exceptions])
def test_timeout_interrupts_python_code(function: Callable[[int], int]) -> None:
    stuck = computation(timeout=timedelta(milliseconds=50))(function)
    started = time.monotonic()
    found = outcomes(stuck, 1)
    assert time.monotonic() - started < 2
    assert errors(found) == {
        0: ("TimeLimitExceeded", "no result within the timeout of 0.05 seconds", True)
    }


def test_timeout_of_one_item_leaves_the_next_its_own() -> None:
    @computation(timeout=timedelta(milliseconds=100))
    def nap(n: int) -> int:
        time.sleep(10 if n == 0 else 0.06)
        return n

    assert values(outcomes(nap, 1, 0, 2, 3)) == {0: "1", 1: None, 2: "2", 3: "3"}


def test_timeout_in_a_batch_isolates_the_slow_item() -> None:
    def nap(items: list[Item]) -> list[int]:
        if any(item.n == 0 for item in items):
            time.sleep(10)
        return [item.n for item in items]

    batched = batch_of(nap).function
    stuck = computation(batch=True, timeout=timedelta(milliseconds=50))(batched)
    assert values(outcomes(stuck, 1, 2, 0, 3)) == {0: "1", 1: "2", 2: None, 3: "3"}


def test_computation_that_asks_for_it_gets_its_last_value() -> None:
    @computation()
    def grow(n: int, *, previous: list[int] | None = None) -> list[int]:
        return [*(previous or []), n]

    assert "previous" not in grow.parameters_schema["properties"]
    found = evaluate(grow, [('{"n":1}', ""), ('{"n":2}', "[1]"), ('{"n":3}', '"no list"')])
    assert values(list(found)) == {0: "[1]", 1: "[1,2]", 2: "[3]"}


def test_batch_that_asks_for_it_gets_the_list_of_last_values() -> None:
    @computation(batch=True)
    def grow(items: list[Item], previous: list[int | None]) -> list[int | Failure]:
        return [item.n + (before or 0) for item, before in zip(items, previous, strict=True)]

    assert values(list(evaluate(grow, [('{"n":1}', ""), ('{"n":2}', "40")]))) == {0: "1", 1: "42"}


@computation(fresh_for=None)
def model(kind: str = "best") -> list[int]:
    return [1, 2]


def test_computation_is_given_the_values_of_those_that_it_depends_on() -> None:
    @computation(depends_on=[model])
    def look(n: int, model: list[int] | None) -> list[int]:
        return [*(model or [0]), n]

    assert list(look.parameters_schema["properties"]) == ["n"]
    for told, expected in (("[7]", "[7,3]"), ("", "[0,3]"), ('"no list"', "[0,3]")):
        found = evaluate(look, [('{"n":3}', "")], upstream={"model": told})
        assert values(list(found)) == {0: expected}


def test_batch_is_given_one_value_of_those_that_it_depends_on() -> None:
    @computation(batch=True, depends_on=[model])
    def look(items: list[Item], model: list[int] | None, previous: list[Any]) -> list[int]:
        return [item.n + sum(model or []) for item in items]

    found = evaluate(look, items('{"n":1}', '{"n":2}'), upstream={"model": "[1,2]"})
    assert values(list(found)) == {0: "4", 1: "5"}


def test_single_form_may_return_a_failure() -> None:
    @computation()
    def careful(n: int) -> int | Failure:
        return Failure("no better than before", "Worse") if n == 0 else n

    assert careful.result_schema == {"type": "integer"}
    good, bad = outcomes(careful, 1, 0)
    assert (good.value, bad.error, bad.retry) == (
        "1",
        Failure("no better than before", "Worse"),
        False,
    )
