"""What docker-compose.yaml opens to whom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # Airflow brings it, without types

from batchwell.settings import Settings
from tests.unit.test_readme import Recording

CHECKOUT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_only_the_two_pages_are_published_and_on_loopback_unless_told_otherwise() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"webapp", "api-server"}
    for ports in published.values():
        assert all(port.startswith("${BATCHWELL_BIND:-127.0.0.1}:") for port in ports)


def test_only_the_two_pages_are_on_both_sides_and_the_back_leads_nowhere() -> None:
    front = {name for name, service in SERVICES.items() if "front" in service["networks"]}
    assert front == {"webapp", "api-server"}
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["store"]["networks"] == SERVICES["database"]["networks"] == ["back"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"database"}))
def test_container_has_no_rights_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_container_is_limited_and_says_when_it_starts_again(name: str) -> None:
    assert {"mem_limit", "restart", "init", "logging"} <= set(SERVICES[name])


def test_web_app_is_passed_every_setting_of_its_own_by_its_name() -> None:
    env = Recording()
    Settings.from_env(env)
    passed = set(SERVICES["webapp"]["environment"]) - {"WEB_CONCURRENCY"}
    fixed_by_the_image = set(re.findall(r"(BATCHWELL_\w+)=", (CHECKOUT / "Dockerfile").read_text()))
    elsewhere = {"AIRFLOW_PORT", "BATCHWELL_PORT", "BATCHWELL_TOKEN", "BATCHWELL_DAGS_FOLDER"}
    elsewhere |= {"BATCHWELL_ACTIONS_URL", "BATCHWELL_ARTIFACTS_URL"}  # of those who compute
    assert passed | fixed_by_the_image | elsewhere == env.asked


def test_a_task_may_run_for_as_long_with_either_broker() -> None:
    rabbitmq = yaml.safe_load((CHECKOUT / "docker-compose.rabbitmq.yaml").read_text())
    arguments = rabbitmq["services"]["broker"]["environment"]["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]
    options = SERVICES["worker"]["environment"]
    seconds = int(options["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"])
    assert seconds >= 7 * 86400
    assert arguments == f"-rabbit consumer_timeout {1000 * seconds}"
