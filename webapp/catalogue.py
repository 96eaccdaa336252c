"""What the catalogue tells of a computation."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import timedelta
from functools import lru_cache
from urllib.parse import quote

from batchwell.documents import spelled
from batchwell.policy import Policy
from batchwell.store import AnyComputation
from batchwell.work_records import Counts
from webapp.api import PREFIX


def computation_document(
    computation: AnyComputation, counts: Counts, airflow_url: str
) -> dict[str, object]:
    """Make the catalogue's entry: schemas, policy, live counts and links."""
    return {
        **_constant_part(computation),
        "counts": asdict(counts),
        "links": links(computation.name, airflow_url),
    }


@lru_cache(maxsize=1024)
def _constant_part(computation: AnyComputation) -> dict[str, object]:
    return {
        "name": computation.name,
        "title": computation.title,
        "description": computation.description,
        "parameters": spelled(computation.parameters_schema),
        "result": spelled(computation.result_schema),
        "policy": policy_document(computation.policy),
    }


def policy_document(policy: Policy) -> dict[str, object]:
    """Return the policy with its times in seconds, and saying so in their names."""
    values = {field.name: getattr(policy, field.name) for field in fields(policy)}
    values["depends_on"] = [one if isinstance(one, str) else one.name for one in policy.depends_on]
    return {
        f"{name}_seconds" if name in _TIMES else name: (
            value.total_seconds() if isinstance(value, timedelta) else value
        )
        for name, value in values.items()
    }


_TIMES = ("fresh_for", "keep_for", "hot_for", "timeout", "retry_backoff", "max_wait", "linger")


def links(name: str, airflow_url: str) -> dict[str, str]:
    """Return where a computation's calls, its page and its DAG are."""
    call = f"{PREFIX}/computations/{name}"
    return {
        "self": call,
        "requests": f"{call}/requests",
        "result": f"{call}/result",
        "latest": f"{call}/latest",
        "page": f"/computations/{name}",
        "dag": dag_url(name, airflow_url),
    }


def dag_url(name: str, airflow_url: str) -> str:
    """Return the page of the computation's DAG in Airflow."""
    return f"{airflow_url}/dags/recompute_{quote(name)}"
