"""What cannot work ends with one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator

from tests.compose.project import Project
from tests.compose.shell import Failed


def without_secrets(project: Project) -> None:
    """Compose itself refuses to start."""
    code, told = project.attempt("up", "--detach", "--no-build")
    if code == 0 or "scripts/secrets" not in told:
        raise Failed(f"started without secrets: {told}")


def when_started(project: Project) -> Iterator[str]:
    """Start single containers of a project that runs, with something wrong; yield what they say."""
    weak = ("-e", "STORE_WEB_PASSWORD=short")
    yield _refused(project, "STORE_WEB_PASSWORD is missing or too weak", *weak, "store")
    weak = ("-e", "AIRFLOW_PASSWORD=short")
    yield _refused(project, "AIRFLOW_PASSWORD is too weak", *weak, "airflow-init")
    wrong = ("-e", "BATCHWELL_REDIS_URL=redis://:nonsense@store:6379/0")
    yield _refused(project, "the store refuses", *wrong, "first-token")
    away = ("-e", "BATCHWELL_REDIS_URL=redis://nowhere:6379/0")
    yield _refused(project, "docker compose logs store", *away, "first-token")
    yield _refused(project, "belongs to another user", "--user", "12345", "worker")
    yield _refused(project, "belongs to another user", "--user", "12345", "store")
    url = "postgresql+psycopg2://airflow:nonsense@database/airflow"
    wrong = ("-e", f"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN={url}")
    yield _refused(project, "the database has another password", *wrong, "airflow-init")
    _in_database(project, "UPDATE alembic_version SET version_num = 'of-the-future'")
    yield _refused(project, "made by a newer version of Airflow", "airflow-init")


def _refused(project: Project, sentence: str, *words: str) -> str:
    code, told = project.attempt("run", "--rm", "--no-deps", "-T", *words)
    lines = [line for line in told.splitlines() if line.startswith("batchwell: ")]
    if code == 0 or len(lines) != 1 or sentence not in lines[0] or "Traceback" in told:
        raise Failed(
            f"{' '.join(words)} was to be refused ({sentence}), but {code}: {told[-3000:]}"
        )
    return lines[0].removeprefix("batchwell: ")


def _in_database(project: Project, statement: str) -> None:
    words = ["psql", "--host", "127.0.0.1", "--username", "airflow", "airflow", "-c", statement]
    password = f"PGPASSWORD={project.secret('DATABASE_PASSWORD')}"
    project.do("exec", "-T", "-e", password, "database", *words)
