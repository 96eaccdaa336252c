"""Whether the web app and Airflow really answer."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from batchwell.exposure import netloc
from batchwell.settings import Settings

COMPONENTS = ("scheduler", "triggerer", "dag_processor")
PARSE_SECONDS = 30.0  # a file without a DAG never shows up: stop waiting for it


def web_answers(settings: Settings) -> bool:
    """Tell whether the web app is alive."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host = everywhere.get(settings.host, settings.host)
    return _get_json(f"http://{netloc(host, settings.port)}/healthz") is not None


class AirflowReadiness:
    """What is known of an Airflow that is starting."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"http://127.0.0.1:{settings.airflow_port}"
        self._files = {file.name for file in settings.dags_folder.glob("*.py")}
        self._started = time.time()
        self._healthy_since: float | None = None
        self.dags = 0
        self.broken_files: list[str] = []

    def answers(self) -> bool:
        """Tell whether every component works and every file of the DAGs folder was parsed."""
        health = _get_json(f"{self._base}/api/v2/monitor/health")
        if health is None or not all(self._is_healthy(health, name) for name in COMPONENTS):
            return False
        self._healthy_since = self._healthy_since or time.time()
        return self._all_parsed() or time.time() - self._healthy_since > PARSE_SECONDS

    def _is_healthy(self, health: dict[str, Any], component: str) -> bool:
        state = health.get(component, {})
        beat = state.get(f"latest_{component}_heartbeat")
        # An older heartbeat is that of a process which was killed a moment ago.
        fresh = beat is not None and datetime.fromisoformat(beat).timestamp() >= self._started
        return state.get("status") == "healthy" and fresh

    def _all_parsed(self) -> bool:
        token = _get_json(f"{self._base}/auth/token") or {}
        header = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        dags = _get_json(f"{self._base}/api/v2/dags?limit=100", header)
        errors = _get_json(f"{self._base}/api/v2/importErrors?limit=100", header)
        if dags is None or errors is None:
            return False
        self.dags = dags["total_entries"]
        self.broken_files = sorted(error["filename"] for error in errors["import_errors"])
        seen = {dag["relative_fileloc"] for dag in dags["dags"]} | set(self.broken_files)
        return seen >= self._files


def _get_json(url: str, headers: dict[str, str] | None = None) -> dict[str, Any] | None:
    request = urllib.request.Request(url, headers=headers or {})
    try:
        # Straight to loopback, whatever proxy the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5.0) as response:
            answer: dict[str, Any] = json.load(response)
    except (OSError, ValueError):
        return None
    return answer
