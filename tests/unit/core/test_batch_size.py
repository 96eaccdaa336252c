"""How many requests a worker claims at once."""

from __future__ import annotations

from pydantic import BaseModel

from batchwell import computation
from batchwell.drain import BatchSize


class Item(BaseModel):
    n: int


@computation()
def double(n: int) -> int:
    return 2 * n


@computation(batch=True, max_batch=1000)
def double_all(items: list[Item]) -> list[int]:
    return [2 * item.n for item in items]


def test_batch_size_of_single_form_aims_at_a_second() -> None:
    size = BatchSize(double)
    assert size.size == 1
    for _ in range(10):
        size.learn(size.size, size.size * 0.001)
    assert size.size == double.policy.max_batch
    size.learn(500, 50.0)
    assert size.size == 10
    size.learn(10, 100.0)
    assert size.size == 1


def test_batch_size_of_batch_form_is_what_its_policy_says() -> None:
    size = BatchSize(double_all)
    assert size.size == 1000
    size.learn(1000, 100.0)
    assert size.size == 1000
