"""Settings: each variable, its default, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchwell.errors import SettingsError
from batchwell.settings import CHECKOUT, Settings


def test_defaults_need_no_environment() -> None:
    settings = Settings.from_env({})
    assert settings.home == CHECKOUT / ".batchwell"
    assert settings.namespace == "bw"
    assert settings.actions_url == f"sqlite:///{CHECKOUT}/.batchwell/actions.db"
    assert settings.artifacts_url == f"{CHECKOUT}/.batchwell/artifacts"
    assert (settings.port, settings.airflow_port) == (8000, 8080)
    assert settings.airflow_url == "http://127.0.0.1:8080"
    assert settings.dags_folder == CHECKOUT / "dags"
    assert (CHECKOUT / "pyproject.toml").is_file()


def test_each_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "BATCHWELL_HOME": str(tmp_path),
            "BATCHWELL_REDIS_URL": "redis://store:1234/5",
            "BATCHWELL_NAMESPACE": "team-a",
            "BATCHWELL_HOST": "::1",
            "BATCHWELL_PORT": "9000",
            "BATCHWELL_SECRET_KEY": "k" * 32,
            "BATCHWELL_PROXIES": "2",
            "BATCHWELL_CORS_ORIGINS": "https://a.example, http://localhost:3000",
            "BATCHWELL_RATE_LIMIT": "600/minute",
            "BATCHWELL_WAITERS": "50",
            "AIRFLOW_PORT": "9001",
            "BATCHWELL_AIRFLOW_URL": "https://airflow.example/base/",
            "BATCHWELL_DAGS_FOLDER": str(tmp_path / "dags"),
            "BATCHWELL_ACTIONS_URL": "postgresql+psycopg2://me:secret@there/db",
            "BATCHWELL_ARTIFACTS_URL": "s3://bucket/models",
        }
    )
    assert settings.home == tmp_path
    assert settings.redis_url == "redis://store:1234/5"
    assert settings.namespace == "team-a"
    assert (settings.port, settings.airflow_port) == (9000, 9001)
    assert (settings.host, settings.proxies) == ("::1", 2)
    assert settings.secret_key == "k" * 32
    assert settings.cors_origins == {"https://a.example", "http://localhost:3000"}
    assert settings.rate_limit == "600/minute"
    assert settings.waiters == 50
    assert settings.actions_url == "postgresql+psycopg2://me:secret@there/db"
    assert settings.artifacts_url == "s3://bucket/models"
    assert "secret" not in repr(settings)
    assert settings.airflow_url == "https://airflow.example/base"
    assert settings.dags_folder == tmp_path / "dags"


def test_empty_variable_means_the_default() -> None:
    names = ["BATCHWELL_HOME", "BATCHWELL_REDIS_URL", "BATCHWELL_NAMESPACE", "BATCHWELL_PORT",
             "AIRFLOW_PORT", "BATCHWELL_AIRFLOW_URL", "BATCHWELL_DAGS_FOLDER"]  # fmt: skip
    assert Settings.from_env(dict.fromkeys(names, "")) == Settings.from_env({})


def test_airflow_url_follows_its_port() -> None:
    assert Settings.from_env({"AIRFLOW_PORT": "9001"}).airflow_url == "http://127.0.0.1:9001"


def test_home_may_be_relative_or_of_the_user() -> None:
    assert Settings.from_env({"BATCHWELL_HOME": "~/state"}).home == Path.home() / "state"
    assert Settings.from_env({"BATCHWELL_HOME": "state"}).home == Path.cwd() / "state"


def test_store_of_the_local_server_is_found_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "redis.url").write_text("redis://127.0.0.1:7777/0\n")
    settings = Settings.from_env({"BATCHWELL_HOME": str(tmp_path)})
    assert settings.redis_url == "redis://127.0.0.1:7777/0"
    assert settings.is_redis_url_told


def test_without_a_local_server_the_store_is_redis_own_default(tmp_path: Path) -> None:
    settings = Settings.from_env({"BATCHWELL_HOME": str(tmp_path)})
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert not settings.is_redis_url_told


@pytest.mark.parametrize("variable", ["BATCHWELL_PORT", "AIRFLOW_PORT"])
@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "80.5", " 80", "٨", "1e3"])
def test_bad_port_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} must be a port number .*{value}"):
        Settings.from_env({variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BATCHWELL_HOST", "http://0.0.0.0"),
        ("BATCHWELL_HOST", "0.0.0.0:8000"),
        ("BATCHWELL_PROXIES", "yes"),
        ("BATCHWELL_PROXIES", "-1"),
        ("BATCHWELL_CORS_ORIGINS", "*"),
        ("BATCHWELL_CORS_ORIGINS", "https://a.example/path"),
        ("BATCHWELL_CORS_ORIGINS", "null"),
        ("BATCHWELL_WAITERS", "many"),
        ("BATCHWELL_WAITERS", "-1"),
        ("BATCHWELL_RATE_LIMIT", "600"),
        ("BATCHWELL_RATE_LIMIT", "0/minute"),
        ("BATCHWELL_RATE_LIMIT", "6 per week"),
    ],
)
def test_bad_setting_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} must be .*not '"):
        Settings.from_env({variable: value})


def test_secrets_are_told_neither_by_an_error_nor_by_the_settings_themselves() -> None:
    with pytest.raises(SettingsError, match=r"^BATCHWELL_SECRET_KEY must have 32") as told:
        Settings.from_env({"BATCHWELL_SECRET_KEY": "hush"})
    assert "hush" not in str(told.value)
    env = {
        "BATCHWELL_SECRET_KEY": "hush" * 8,
        "BATCHWELL_TOKEN": "hush",
        "BATCHWELL_REDIS_URL": "redis://:hush@localhost/0",
    }
    assert "hush" not in repr(Settings.from_env(env))


@pytest.mark.parametrize("value", ["a b", "{x}", "a:b", "n" * 33, "größe", "a\n"])
def test_bad_namespace_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^BATCHWELL_NAMESPACE must be"):
        Settings.from_env({"BATCHWELL_NAMESPACE": value})


def test_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHWELL_PORT", "9009")
    assert Settings.from_env().port == 9009


def test_token_is_never_shown() -> None:
    settings = Settings.from_env({"BATCHWELL_TOKEN": "s3cret"})
    assert settings.token == "s3cret"
    assert "s3cret" not in repr(settings)
    with pytest.raises(SettingsError, match=r"^BATCHWELL_TOKEN must be ASCII") as refusal:
        Settings.from_env({"BATCHWELL_TOKEN": "s3cret\nX-Evil: 1"})
    assert "s3cret" not in str(refusal.value)


def test_log_is_text_and_of_most_requests_unless_said_otherwise() -> None:
    settings = Settings.from_env({})
    assert (settings.log, settings.access_log) == ("text", "most")
    assert settings.metrics_folder is None
    settings = Settings.from_env(
        {
            "BATCHWELL_LOG": "json",
            "BATCHWELL_ACCESS_LOG": "none",
            "BATCHWELL_METRICS_FOLDER": "/srv/figures",
        }
    )
    assert (settings.log, settings.access_log) == ("json", "none")
    assert settings.metrics_folder == Path("/srv/figures")


@pytest.mark.parametrize(
    ("name", "choices"),
    [("BATCHWELL_LOG", "text or json"), ("BATCHWELL_ACCESS_LOG", "most or all or none")],
)
def test_what_is_no_choice_is_named_with_the_choices(name: str, choices: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be {choices}, not 'loud'"):
        Settings.from_env({name: "loud"})
