"""The pictures of the feed: always the same, each unlike the next, well formed, harmless."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.servers import CHECKOUT
from webapp.feed.pictures import DRAWINGS, category_of, draw

SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {
    f"{SVG}{tag}" for tag in (
        "svg", "defs", "g", "path", "circle", "ellipse", "rect", "text", "stop",
        "linearGradient", "radialGradient",
    )
}  # fmt: skip


@pytest.mark.parametrize("category", [*DRAWINGS, "teapot"])
def test_each_item_has_a_picture_of_its_own(category: str) -> None:
    pictures = [draw(f"{category}-{number}") for number in range(1, 51)]
    assert len(set(pictures)) == 50
    for picture in pictures:
        assert {element.tag for element in ElementTree.fromstring(picture).iter()} <= HARMLESS
        assert b"nan" not in picture
        assert len(picture) < 40_000


def test_another_process_draws_the_same_picture() -> None:
    code = "import sys; from webapp.feed.pictures import draw; "
    code += "sys.stdout.buffer.write(draw('whale-17'))"
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, check=True
    )
    assert there.stdout == draw("whale-17")


@pytest.mark.parametrize(
    ("item", "category"),
    [
        ("whale-17", "whale"),
        ("blue-whale-3", "blue-whale"),
        ("whale", "whale"),
        ("sku-1a", "sku-1a"),
    ],
)
def test_category_is_what_stands_before_the_number(item: str, category: str) -> None:
    assert category_of(item) == category


def test_text_of_an_item_stays_out_of_its_picture() -> None:
    assert b"script" not in draw("<script>alert(1)</script>")
