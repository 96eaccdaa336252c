"""The files for Kubernetes fit its schemas, the compose file and the secrets to be made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # Airflow brings it, without types

from tests.packages import packages_of

CHECKOUT = Path(__file__).parents[3]
REQUIREMENTS = Path(__file__).with_name("requirements-kubernetes.txt")
KUBERNETES = "1.35"
TEXT = (CHECKOUT / "deploy" / "helm-values.yaml").read_text()
VALUES: dict[str, Any] = yaml.safe_load(TEXT)
COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yaml").read_text())
MANIFESTS = CHECKOUT / "deploy" / "webapp.yaml"
# What the chart says by itself, takes from a secret, or must have otherwise.
OF_THE_CHART = {
    "AIRFLOW__API__BASE_URL",
    "AIRFLOW__API__INSTANCE_NAME",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CELERY__BROKER_URL",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE",
    "AIRFLOW__CORE__LOAD_EXAMPLES",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG",
}
KEYS_OF_THE_CHART = {
    "fernetKeySecretName": "fernet-key",
    "jwtSecretName": "jwt-secret",
    "apiSecretKeySecretName": "api-secret-key",
}


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """Hold manifests against the schemas of Kubernetes, which know no other fields."""
    env = {**os.environ, "PYTHONPATH": str(packages_of(REQUIREMENTS))}
    words = ["-m", "kubernetes_validate", "--strict", "--kubernetes-version", KUBERNETES, str(path)]
    return subprocess.run(
        [sys.executable, *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_manifests_of_the_web_app_are_what_kubernetes_takes(tmp_path: Path) -> None:
    done = validate(MANIFESTS)
    assert (done.returncode, done.stdout.count(" passed ")) == (0, 3), done.stdout
    misspelt = tmp_path / "misspelt.yaml"
    misspelt.write_text(MANIFESTS.read_text().replace("readOnlyRootFilesystem", "readOnlyRoot"))
    assert validate(misspelt).returncode != 0


def test_chart_has_the_options_of_the_compose_file_and_of_the_image() -> None:
    told = COMPOSE["services"]["scheduler"]["environment"]
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    ours = dict(re.findall(r"(AIRFLOW__\w+)=(\S+)", dockerfile)) | {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(text))
        for name, text in told.items()
        if name.startswith("AIRFLOW__")
    }
    chart = {
        f"AIRFLOW__{section}__{name}".upper(): str(text)
        for section, options in VALUES["config"].items()
        for name, text in options.items()
    }
    assert chart.pop("AIRFLOW__API__BASE_URL") == "https://airflow.example.org"
    assert chart.items() <= ours.items()
    assert ours.keys() - chart.keys() == OF_THE_CHART


def test_secrets_that_are_used_are_those_that_are_to_be_made() -> None:
    # The commands stand in the head of the values, each over a line or more.
    commands = re.split(r"secret generic ", TEXT[: TEXT.index("images:")])[1:]
    made = {
        command.split()[0]: set(re.findall(r"--from-literal=([\w-]+)=", command))
        for command in commands
    }
    compose = (CHECKOUT / "docker-compose.yaml").read_text()
    assert not made["batchwell"], "it is made of all that scripts/secrets writes"
    made["batchwell"] = set(re.findall(r"\$\{(\w+):\?", compose))
    used = {(secret["secretName"], secret["secretKey"]) for secret in VALUES["secret"]}
    used |= {(VALUES[setting], key) for setting, key in KEYS_OF_THE_CHART.items()}
    used |= {(VALUES["data"]["metadataSecretName"], "connection")}
    references = re.findall(
        r"secretKeyRef: \{name: ([\w-]+), key: ([\w-]+)\}", MANIFESTS.read_text()
    )
    assert all(key in made[name] for name, key in used | set(references))
    assert {name for name, _ in used | set(references)} == set(made)
