"""The page of guarantees is held against the tests that it names."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "guarantees.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def functions_in(path: str) -> set[str]:
    """Return the names of the test functions of a file, without importing it."""
    nodes = ast.walk(ast.parse((CHECKOUT / path).read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 40
    missing = [f"{path}::{name}" for path, name in named if name not in functions_in(path)]
    assert not missing


def test_every_promise_names_a_test() -> None:
    rows = [row for row in PAGE.splitlines() if re.match(r"\| [^|]*\|", row)]
    promises = [row for row in rows if not row.startswith("| promise |")]
    assert len(promises) > 25
    assert [row for row in promises if not NAMED.search(row)] == []
    numbered = re.findall(r"^\| (\d)\. ", PAGE, re.MULTILINE)
    assert numbered == list("1234567")
