"""Airflow on one machine: its whole configuration, as environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from batchwell.cluster_url import read_cluster_url
from batchwell.errors import SettingsError
from batchwell.exposure import netloc
from batchwell.local.home import CannotStart
from batchwell.settings import CHECKOUT, LogStyle, Settings

# Names that mean the same in a redis-py URL and in the extra of RedisHook's connection.
TLS_OPTIONS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_keyfile", "ssl_certfile", "ssl_check_hostname")


def airflow_environment(settings: Settings, keys: Mapping[str, str]) -> dict[str, str]:
    """Return what Airflow's processes need beside the environment of all."""
    home = settings.home / "airflow"
    options: dict[str, dict[str, object]] = {
        "core": {
            "executor": "LocalExecutor",
            "parallelism": 8,
            "dags_folder": settings.dags_folder,
            "plugins_folder": CHECKOUT / "plugins",
            "load_examples": False,
            "dags_are_paused_at_creation": False,
            # A wiring file need not spell "airflow" and "dag" to be one.
            "dag_discovery_safe_mode": False,
            "simple_auth_manager_all_admins": True,
            "execution_api_server_url": f"http://127.0.0.1:{settings.airflow_port}/execution/",
            # The default asks DNS, which is slow or wrong on a laptop.
            "hostname_callable": "socket.gethostname",
            "fernet_key": keys["fernet_key"],
        },
        # Four processes write the one file: wait for the lock rather than fail.
        "database": {"sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}?timeout=30"},
        "api": {
            "host": "127.0.0.1",
            "port": settings.airflow_port,
            "base_url": settings.airflow_url,
            "secret_key": keys["api_secret"],
            "instance_name": "Batchwell",
        },
        "api_auth": {"jwt_secret": keys["jwt_secret"]},
        "scheduler": {
            # Half of it is the mean wait from an asset event to its run.
            "scheduler_idle_sleep_time": 0.5,
            # After a crash, running tasks are found dead within a minute, not five; those of a
            # scheduler that was killed sooner, by the next one.
            "task_instance_heartbeat_timeout": 60,
            "scheduler_health_check_threshold": 20,
            "orphaned_tasks_check_interval": 20,
        },
        # A triggerer started again takes over the triggers of the one that was killed only once
        # that has been silent for so long: until then nobody watches.
        "triggerer": {"triggerer_health_check_threshold": 15},
        "dag_processor": {
            # A changed wiring file is parsed at once; this is for a changed computation.
            "min_file_process_interval": 60,
            "refresh_interval": 15,
            "print_stats_interval": 0,
        },
        "logging": {
            # Each heartbeat of each task would be a line otherwise.
            "namespace_levels": "http.access=WARNING",
            "colored_console_log": False,
            "json_logs": settings.log is LogStyle.JSON,
        },
    }
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONN_BATCHWELL_REDIS": connection_json(settings.redis_url),
        # For dags/maintain_airflow.py: Airflow hides its own setting from tasks.
        "BATCHWELL_AIRFLOW_DATABASE": str(options["database"]["sql_alchemy_conn"]),
        **{
            f"AIRFLOW__{section}__{name}".upper(): str(value)
            for section, values in options.items()
            for name, value in values.items()
        },
    }


def connection_json(url: str) -> str:
    """Translate a redis URL into the JSON form of an Airflow connection for `RedisHook`."""
    nodes, further = _nodes(url)
    parts = urlsplit(nodes)
    if parts.scheme not in ("redis", "rediss"):
        raise CannotStart("BATCHWELL_REDIS_URL must begin with redis:// or rediss://")
    options = dict(parse_qsl(parts.query))
    try:
        port = parts.port or 6379
        extra: dict[str, object] = {"db": int(options.get("db") or parts.path.strip("/") or 0)}
    except ValueError:
        raise CannotStart("BATCHWELL_REDIS_URL has a port or database that is no number") from None
    if parts.scheme == "rediss":
        extra["ssl"] = True
        extra |= {name: options[name] for name in TLS_OPTIONS if name in options}
    extra |= further
    connection = {
        "conn_type": "redis",
        "host": parts.hostname or "localhost",
        "port": port,
        "login": unquote(options.get("username") or parts.username or "") or None,
        "password": unquote(options.get("password") or parts.password or "") or None,
        "extra": extra,
    }
    return json.dumps(connection)


def _nodes(url: str) -> tuple[str, dict[str, object]]:
    """Return the URL of the first server, and what the extra says of a cluster, if it is one."""
    try:
        cluster = read_cluster_url(url)
    except (ValueError, SettingsError) as error:
        raise CannotStart(f"BATCHWELL_REDIS_URL cannot be used: {error}") from None
    if cluster is None:
        return url, {}
    first, *others = cluster.seeds
    further = {"startup_nodes": ",".join(netloc(*one) for one in others)} if others else {}
    return cluster.node(first), {"cluster": True, **further}
