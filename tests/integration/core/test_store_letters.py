"""Dead letters come a page at a time; none is missed or repeated while letters come and go."""

from __future__ import annotations

from collections.abc import Iterator

from batchwell import keys
from batchwell.records import DeadLetters
from batchwell.store import Store
from tests.integration.core.samples import claim, echo, fail, submit


def fail_together(store: Store, *numbers: int) -> list[str]:
    """Have these fail in the same millisecond."""
    ids = submit(store, *numbers)
    fail(store, claim(store), retry=False)
    return ids


def pages(store: Store, count: int) -> Iterator[DeadLetters]:
    page = store.failures(echo, count=count)
    yield page
    while page.next:
        page = store.failures(echo, after=page.next, count=count)
        yield page


def listed(store: Store, count: int) -> list[str]:
    return [letter.id for page in pages(store, count) for letter in page.requests]


def test_pages_hold_all_letters_the_latest_first(store: Store) -> None:
    first, second = fail_together(store, *range(5)), fail_together(store, *range(5, 12))
    found = listed(store, 3)
    assert (set(found[:7]), set(found[7:])) == (set(second), set(first))
    assert listed(store, 12) == listed(store, 1) == found
    assert [len(page.requests) for page in pages(store, 4)] == [4, 4, 4], "no empty page follows"


def test_letter_that_comes_meanwhile_moves_nothing(store: Store) -> None:
    old = set(fail_together(store, *range(6)))
    found = pages(store, 2)
    seen = [letter.id for letter in next(found).requests]
    fail_together(store, 7, 8, 9)
    seen += [letter.id for page in found for letter in page.requests]
    assert (set(seen), len(seen)) == (old, 6)


def test_letters_that_go_meanwhile_hide_no_other(store: Store) -> None:
    old = set(fail_together(store, *range(9)))
    found = pages(store, 3)
    seen = [letter.id for letter in next(found).requests]
    for request_id in seen:
        store.retry(echo, request_id)
    seen += [letter.id for page in found for letter in page.requests]
    assert (set(seen), len(seen)) == (old, 9)
    assert store.failures(echo).total == 6, "no letter has come back"


def test_place_in_an_empty_list_leaves_nothing_behind(store: Store) -> None:
    page = store.failures(echo, after=f"1:{'a' * 16}")
    assert (page.total, page.requests, page.next) == (0, [], "")
    assert not store.client.exists(f"{keys.root(store.namespace, 'echo')}:failures")
