"""The page on monitoring is held against the code."""

from __future__ import annotations

import re
from pathlib import Path

from batchwell.log_lines import JsonLines
from webapp.monitoring.metrics import STORE_METRICS, WEB_METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
METRICS = {**STORE_METRICS, **WEB_METRICS}


def test_the_tables_list_exactly_the_metrics_that_are_told() -> None:
    rows = re.findall(
        r"^\| `(batchwell_\w+)` \| (\w+) \| ([^|]*)\| ([^|]+) \|$", PAGE, re.MULTILINE
    )
    told = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), text)
        for name, kind, labels, text in rows
    }
    assert told == {name: (each.kind, each.labels, each.help) for name, each in METRICS.items()}


def test_examples_ask_for_metrics_that_exist() -> None:
    code = "".join(re.findall(r"```(?:promql|yaml)\n(.*?)```", PAGE, re.DOTALL))
    asked = set(re.findall(r"batchwell_\w+", code))
    series = {
        name + suffix
        for name, metric in METRICS.items()
        for suffix in (("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",))
    }
    assert len(asked) > 8
    assert asked <= series


def test_fields_of_every_line_are_told() -> None:
    assert JsonLines.__doc__ is not None
    for field in ("time", "level", "logger", "message"):
        assert f"`{field}`" in PAGE
        assert field in JsonLines.__doc__
