"""Airflow's own loaders, in its own processes, over our folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


def run_python(code: str) -> str:
    """Run code in a fresh process with Airflow's folders set to ours."""
    env = os.environ | {
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE": "True",
        "PYTHONPATH": str(CHECKOUT / "plugins"),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_plugin_loader_takes_only_the_plugin_file() -> None:
    told = json.loads(
        run_python(
            "import json, sys\n"
            "before = set(sys.modules)\n"
            "from airflow import plugins_manager\n"
            "plugins = plugins_manager._get_plugins()\n"
            "print(json.dumps({\n"
            "    'errors': plugins[1],\n"
            "    'files': [str(plugin.source) for plugin in plugins[0]\n"
            "              if 'PLUGINS_FOLDER' in str(plugin.source)],\n"
            "    'bare': [name for name in set(sys.modules) - before\n"
            "             if name in ('store', 'keys', 'drain', 'hook', 'dag', 'records')],\n"
            "}))\n"
        )
    )
    assert told == {
        "errors": {},
        "files": ["$PLUGINS_FOLDER/batchwell_plugin.py"],
        "bare": [],
    }


def test_every_computation_has_a_dag_that_airflow_finds() -> None:
    told = json.loads(
        run_python(
            "import json\n"
            "from airflow.dag_processing.dagbag import BundleDagBag\n"
            f"folder = {str(CHECKOUT / 'dags')!r}\n"
            "bag = BundleDagBag(folder, bundle_path=folder, bundle_name='dags-folder')\n"
            "print(json.dumps([sorted(bag.dags), bag.import_errors]))\n"
        )
    )
    names = {path.stem for path in (CHECKOUT / "dags" / "computations").glob("*.py")}
    dags = {f"recompute_{name}" for name in names - {"__init__", "monte_carlo", "pictures"}}
    expected = sorted(dags | {"collect_actions", "maintain_airflow"})
    assert told == [expected, {}]


def loaded_at_start_of(component: str) -> list[str]:
    """Start a component of Airflow's; return which modules of those that drain it loads."""
    code = (
        "import json, sys\n"
        "from airflow.jobs.job import Job\n"
        "from airflow.listeners.listener import get_listener_manager\n"
        "from airflow.sdk.execution_time.task_runner import TaskRunnerMarker\n"
        f"get_listener_manager().hook.on_starting(component={component})\n"
        "names = ('airflow.providers.redis.hooks.redis', 'batchwell.drain', 'batchwell.store')\n"
        "print(json.dumps([name for name in names if name in sys.modules]))\n"
    )
    loaded: list[str] = json.loads(run_python(code))
    return loaded


def test_airflows_processes_load_what_the_tasks_forked_from_them_need_and_other_tasks_do_not() -> (
    None
):
    needed = ["airflow.providers.redis.hooks.redis", "batchwell.drain", "batchwell.store"]
    assert loaded_at_start_of("Job.__new__(Job)") == needed
    assert loaded_at_start_of("TaskRunnerMarker()") == []
