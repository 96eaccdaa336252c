"""Fixtures of the web app's integration tests: small computations, the app on a real store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.settings import Settings
from batchwell.store import Store
from tests.clusters import StoreCluster
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer
from webapp import create_app
from webapp.context import Context

AppMaker = Callable[..., Flask]

COMPUTATIONS = {
    "echo": '''
from typing import Annotated, Any
from pydantic import Field
from batchwell import computation

@computation()
def echo(n: Annotated[int, Field(ge=0, le=100, examples=[7])], text: str = "x") -> str:
    """Repeat a text.

    As often as `n` <says>.
    """
    return text * n

@computation()
def same(value: Any) -> Any:
    return value
''',
    "fibonacci": """
from typing import Annotated
from pydantic import Field
from batchwell import computation

@computation()
def fibonacci(n: Annotated[int, Field(ge=0, le=42)]) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
""",
    "narrow": """
from batchwell import computation

@computation(max_pending=2, max_attempts=1)
def narrow(n: int) -> int:
    return 1 // n
""",
    "lasting": """
from batchwell import computation

@computation(fresh_for=None)
def lasting(n: int) -> int:
    return n
""",
    "pictures": """
from datetime import timedelta
from batchwell import ActionLog

actions = ActionLog(
    items=[f"{kind}-{n}" for kind in ("whale", "cat") for n in range(3)],
    user_limit=5,
    max_waiting=12,
    oldest=timedelta(days=2),
)
""",
    "broken": "import no_such_library",
}


@pytest.fixture
def dags_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with `COMPUTATIONS`, which Python finds instead of the project's own."""
    folder = tmp_path / "dags"
    (folder / "computations").mkdir(parents=True)
    (folder / "computations" / "__init__.py").write_text("")
    for module, text in COMPUTATIONS.items():
        (folder / "computations" / f"{module}.py").write_text(text)
    for name in _loaded_computations():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield folder
    for name in _loaded_computations():
        del sys.modules[name]


def _loaded_computations() -> list[str]:
    return [name for name in sys.modules if name.split(".", maxsplit=1)[0] == "computations"]


@pytest.fixture
def make_app(dags_folder: Path, namespace: str, tmp_path: Path) -> Iterator[AppMaker]:
    """Makes the app on a server, with more settings; its connections are closed at the end."""
    with ExitStack() as closing:

        def make(server: StoreServer | StoreCluster, **env: str) -> Flask:
            app = create_app(
                Settings.from_env(
                    {
                        "BATCHWELL_REDIS_URL": server.url,
                        "BATCHWELL_NAMESPACE": namespace,
                        "BATCHWELL_DAGS_FOLDER": str(dags_folder),
                        "BATCHWELL_AIRFLOW_URL": "http://airflow.test:8080",
                        "BATCHWELL_HOME": str(tmp_path / "home"),
                        **env,
                    }
                )
            )
            context: Context = app.extensions["batchwell"]
            closing.callback(context.store.client.close)
            closing.callback(context.follower.close)
            closing.callback(context.memory.close)
            return app

        yield make


@pytest.fixture
def app(make_app: AppMaker, server: StoreServer) -> Flask:
    """The app on the shared server, in this test's own namespace."""
    return make_app(server)


@pytest.fixture
def store(server: StoreServer, namespace: str) -> Iterator[Store]:
    """The store of this test's namespace, as an operator's shell opens it."""
    with connect(server.url) as client:
        yield Store(client, namespace=namespace)


@pytest.fixture
def grant(store: Store) -> Callable[..., str]:
    """Creates a token and returns its secret."""

    def grant(name: str, scope: Scope = Scope.READ, lifetime: timedelta | None = None) -> str:
        secret = new_secret()
        store.grant(name, digest_of(secret), [scope], lifetime=lifetime)
        return secret

    return grant


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the app."""
    return app.test_client()


@pytest.fixture
def driver(app: Flask) -> Driver:
    """Asks the app for things, and does what Airflow and time would do."""
    return Driver(app)


@pytest.fixture
def own_driver(make_app: AppMaker, own_server: StoreServer) -> Driver:
    """The same, on a server that the test may kill."""
    return Driver(make_app(own_server))
