"""Values shown as their computation's author wants them to be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer

COMPUTATIONS = '''
from typing import Any
from batchwell import Plot, computation

@computation(shown_by=Plot(kind="heatmap", of="table", title="Guesses", x="read as"))
def matrix(value: Any) -> Any:
    """Return the value."""
    return value

@computation(shown_by=Plot(kind="bars", labels="names", of="sizes"))
def bars(value: Any) -> Any:
    """Return the value."""
    return value

@computation(shown_by=Plot(kind="line"))
def line(value: Any) -> Any:
    """Return the value."""
    return value

@computation(shown_by="weather.html")
def weather(city: str) -> str:
    """Return the city."""
    return city
'''


@pytest.fixture
def driver(make_app: AppMaker, server: StoreServer, dags_folder: Path) -> Driver:
    """An app with computations that say how their values are shown."""
    folder = dags_folder / "computations"
    (folder / "shown.py").write_text(COMPUTATIONS)
    (folder / "weather.html").write_text("<b>{{ params.city }}</b>: {{ value.upper() }}")
    return Driver(make_app(server))


def shown(driver: Driver, name: str, value: object) -> str:
    driver.compute(name, value=value)
    return driver.get(f"/computations/{name}").text


def test_heatmap_has_each_number_and_the_data_beside_it(driver: Driver) -> None:
    page = shown(driver, "matrix", {"table": [[9, 1], [0, 3]], "n": 13})
    assert 'aria-label="Guesses: the table below, as a picture"' in page
    assert page.count("<rect x=") == 4
    assert 'fill-opacity="0.333"' in page
    assert "read as</text>" in page
    assert "<summary>As data</summary>" in page
    assert "<td>9</td><td>1</td>" in page


def test_bars_have_their_labels(driver: Driver) -> None:
    page = shown(driver, "bars", {"names": ["<a>", "b"], "sizes": [-1, 4]})
    assert 'class="bars"' in page
    assert "2 numbers from -1 to 4" in page
    assert "&lt;a&gt;</text>" in page


def test_line_is_drawn_of_the_value_itself(driver: Driver) -> None:
    assert '<polyline points="160.0,200.0 480.0,0.0 "/>' in shown(driver, "line", [0, 2])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("matrix", {"table": [[1, 2], [3]]}),
        ("matrix", {"table": "x"}),
        ("matrix", {}),
        ("matrix", 7),
        ("bars", {"sizes": [1, "2"]}),
        ("line", []),
        ("line", [True]),
    ],
)
def test_value_that_does_not_fit_is_shown_as_data(driver: Driver, name: str, value: object) -> None:
    page = shown(driver, name, value)
    assert 'class="drawing"' not in page
    assert "As data" not in page
    assert "computed in" in page


def test_template_is_given_value_and_parameters_and_escapes_them(driver: Driver) -> None:
    driver.compute("weather", city="<i>Rome")
    assert "<b>&lt;i&gt;Rome</b>: &lt;I&gt;ROME" in driver.get("/computations/weather").text


def test_template_that_fails_leaves_the_value_in_sight(
    driver: Driver, dags_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    template = dags_folder / "computations" / "weather.html"
    driver.compute("weather", city="Rome")
    for text in ("{{ value.nothing.more }}", "{{ ''.__class__.mro() }}", "{% if %}"):
        template.write_text(text + " " * len(caplog.records))
        page = driver.get("/computations/weather")
        assert page.status_code == 200
        assert '<p class="scalar">Rome</p>' in page.text
        assert "cannot show a value of weather by its template" in caplog.text
        caplog.clear()
