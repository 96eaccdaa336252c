"""The images are made from the one lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]


def pins(file: str) -> dict[str, str]:
    """Return the versions that a file of requirements or constraints has, by normal name."""
    found = re.findall(r"^([\w.-]+)==(\S+)", (CHECKOUT / file).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name.lower()): version for name, version in found}


def test_image_of_airflow_differs_from_the_lock_only_where_the_dockerfile_says_so() -> None:
    lock, image = pins("constraints.txt"), pins("requirements-deploy.txt")
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    told = re.search(r"sed -E '/\^\((.+)\)==/Id' constraints", dockerfile)
    assert told is not None
    assert {name for name in image if image[name] != lock[name]} == set(told[1].split("|"))


def test_image_of_airflow_has_what_the_core_needs() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    needs = {re.split(r"[<>=]", each)[0].replace("_", "-") for each in project["dependencies"]}
    of_the_web_app = {"flask", "flask-limiter", "gunicorn", "prometheus-client"}
    assert needs - of_the_web_app <= set(pins("requirements-deploy.txt"))


@pytest.mark.parametrize("file", ["requirements.txt", "tests/acceptance/requirements-celery.txt"])
def test_requirements_of_the_checkout_are_in_the_lock(file: str) -> None:
    assert pins(file).items() <= pins("constraints.txt").items()
