"""A log of actions without limits that a benchmark would meet."""

from batchwell import ActionLog

ITEMS = [f"item-{number}" for number in range(600)]

actions = ActionLog(items=frozenset(ITEMS), user_limit=100_000_000, max_waiting=100_000_000)
