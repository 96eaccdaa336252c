"""Fixtures for all tests: a clean environment, real store servers, a namespace for each test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters import StoreCluster
from tests.servers import CHECKOUT, GuardedServer, StoreServer, installed_servers

if TYPE_CHECKING:
    from tests.acceptance.running_system import RunningSystem

MORE_DAGS = CHECKOUT / "tests" / "acceptance" / "dags"

_home = tempfile.mkdtemp(prefix="batchwell-tests-")

# Hide the caller's Airflow and Batchwell before any test module imports them. Here and not in a
# hook: a conftest further down is imported before the first hook runs.
# BATCHWELL_TEST_… is for the tests.
for _name in [name for name in os.environ if name.startswith(("AIRFLOW_", "BATCHWELL_"))]:
    if not _name.startswith("BATCHWELL_TEST_"):
        del os.environ[_name]
os.environ["AIRFLOW_HOME"] = f"{_home}/airflow"
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["BATCHWELL_HOME"] = f"{_home}/batchwell"


def pytest_unconfigure() -> None:
    """Remove what Airflow wrote."""
    shutil.rmtree(_home, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the store itself on each installed server, all others on Valkey.

    Those that share one, and are quick, run on a cluster too.
    """
    if "store_kind" in metafunc.fixturenames:
        is_contract = metafunc.module.__name__.startswith("tests.integration.core.test_store_")
        kinds = list(installed_servers()) if is_contract else ["valkey"]
        is_long = metafunc.module.__name__.endswith("test_store_model")
        if is_contract and "server" in metafunc.fixturenames and not is_long:
            kinds.append("cluster")
        metafunc.parametrize("store_kind", kinds, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Part the tests among the processes that run them: what shares dear set-up stays together.

    Those that start Airflow come first: one process has them all, one after the other.
    """
    for item in items:
        callspec = getattr(item, "callspec", None)
        kind = callspec.params.get("store_kind", "") if callspec else ""
        group = "system" if _starts_airflow(item) else f"{item.path.name} {kind}"
        item.add_marker(pytest.mark.xdist_group(group))
    yield
    items.sort(key=lambda item: not _starts_airflow(item))


def _starts_airflow(item: pytest.Item) -> bool:
    is_acceptance = item.get_closest_marker("acceptance") is not None
    return is_acceptance or "system" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[
    None, dict[str, Any] | None, dict[str, Any] | None
]:
    """Let a report go from one process to another that quotes what no UTF-8 can express."""
    data = yield
    if data and data.get("sections"):
        data["sections"] = [
            (name, text.encode(errors="replace").decode()) for name, text in data["sections"]
        ]
    return data


@pytest.fixture(scope="session")
def store_kind(request: pytest.FixtureRequest) -> str:
    """What kind of server is under test: valkey, redis, or a cluster of three."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def store_program(store_kind: str) -> str:
    """The server program under test."""
    return installed_servers()["valkey" if store_kind == "cluster" else store_kind]


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest,
    store_kind: str,
    store_program: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StoreServer | StoreCluster]:
    """A store server that all tests share: leave it running, keep to your `namespace`."""
    if store_kind == "cluster":
        yield request.getfixturevalue("store_cluster")
    else:
        yield from _serve(store_program, tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def store_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreCluster]:
    """A cluster that all tests share, its first node with a replica; put back what you move."""
    cluster = StoreCluster(
        installed_servers()["valkey"], tmp_path_factory.mktemp("cluster"), has_replica=True
    )
    cluster.start()
    yield cluster
    cluster.kill()


@pytest.fixture
def own_server(store_program: str, tmp_path: Path) -> Iterator[StoreServer]:
    """A store server for one test alone, which may stop, kill, freeze and restart it."""
    yield from _serve(store_program, tmp_path)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The whole system, freshly started on an empty home, with the project's DAGs and some more.

    For the tests of several folders: it takes half a minute to start.
    """
    from benchmarks.airflow_side import install
    from tests.acceptance.running_system import RunningSystem

    dags = tmp_path_factory.mktemp("checkout") / "dags"
    shutil.copytree(CHECKOUT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(MORE_DAGS, dags, dirs_exist_ok=True)
    home = tmp_path_factory.mktemp("home")
    install(dags, home)
    running = RunningSystem(home, dags)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def guarded_server(
    store_program: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GuardedServer]:
    """A store server under the project's ACL, in the namespace `bw`, which all tests share."""
    server = GuardedServer(store_program, tmp_path_factory.mktemp("guarded"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def namespace() -> str:
    """A key namespace that no other test uses."""
    return f"test-{secrets.token_hex(6)}"


def _serve(program: str, folder: Path) -> Iterator[StoreServer]:
    server = StoreServer(program, folder)
    server.start()
    yield server
    server.kill()
