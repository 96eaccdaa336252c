"""The page and its charts follow from what was measured, and docs/performance.md from its run."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from benchmarks import report, svg
from benchmarks.records import Figure, Measure, at_least, growth, ratio
from benchmarks.telling import number, table

MACHINE = {
    "cores": 2,
    "cpu": "Some CPU",
    "memory_gb": 8,
    "kernel": "6.1",
    "python": "3.11.7",
    "store": "valkey 9.1",
    "ours": {"flask": "3.1"},
    "peers": {"celery": "5.7"},
    "taken_at": "2026-11-24 18:00 UTC",
    "load_average_before": 0.1,
}


def figure(*rates: float) -> Figure:
    ours = Measure(subject="Batchwell", unit="a second", values=rates)
    peer = Measure(subject="a <peer>", unit="a second", values=[1000.0] * len(rates))
    return Figure(
        name="drains",
        title="Draining",
        rows=[ratio("drain", ours, peer, at_least(30)), ratio("again", ours, peer)],
        checked="each value",
        not_covered=["what takes time"],
        circumstances=MACHINE,
    )


def test_the_page_tells_what_was_met_and_what_was_missed() -> None:
    met, _ = report.render([figure(40_000, 50_000, 45_000)])
    told = "Batchwell: 45,000 a second | a <peer>: 1,000 a second"
    assert f"| drain | {told} | 45 x (40 to 50) | ≥ 30 x | met |" in met
    missed, _ = report.render([figure(20_000)])
    assert "| 20 x (20 to 20) | ≥ 30 x | **missed** |" in missed


def test_the_page_tells_the_machine_and_what_is_not_covered() -> None:
    page, _ = report.render([figure(40_000)])
    assert "2 cores of Some CPU, 8 GB; Linux 6.1; Python 3.11.7; valkey 9.1." in page
    assert "flask 3.1; the peers on celery 5.7." in page
    assert "Not covered: what takes time." in page


def test_rows_without_a_goal_have_a_table_of_their_own() -> None:
    assert [line.split(" | ")[0] for line in table([figure(1)]).splitlines()[2:]] == ["| drain"]
    others = table([figure(1)], goals=False).splitlines()[2:]
    assert [line.split(" | ")[0] for line in others] == ["| again"]


def test_each_chart_that_the_page_names_is_drawn_and_is_xml() -> None:
    page, charts = report.render([figure(40_000)])
    assert set(re.findall(r"\]\(performance/(.*?)\)", page)) == set(charts)
    for drawing in charts.values():
        ElementTree.fromstring(drawing)


def test_a_chart_of_growth_is_xml_for_flat_and_for_proportional_quantities() -> None:
    found = {10: [350.0], 1000: [351.0], 100_000: [349.0]}
    ElementTree.fromstring(svg.lines(growth("b", "Bytes", "n", "B", found, "less")))
    times = {10: [0.001], 1000: [0.1], 100_000: [90.0]}
    chart = growth("t", "Seconds", "n", "s", times, "less", linear="proportional")
    ElementTree.fromstring(svg.lines(chart))
    nothing = growth("z", "Nothing", "n", "%", {1: [0.0], 10: [0.1]}, "less", linear="proportional")
    ElementTree.fromstring(svg.lines(nothing))
    page, _ = report.render([])
    assert "## Growth" not in page


def test_numbers_are_short() -> None:
    told = [number(value) for value in (1_234_567.8, 999.6, 12.345, 0.97, 2, 0)]
    assert told == ["1,234,568", "1000", "12.3", "0.97", "2", "0"]


def test_the_committed_page_and_charts_are_those_of_the_committed_run() -> None:
    figures = report.read(report.PUBLISHED)
    if not figures:
        assert not report.PAGE.exists()
        return
    page, charts = report.render(figures)
    assert page == report.PAGE.read_text()
    assert charts == {path.name: path.read_text() for path in report.CHARTS.iterdir()}
