import json
from dataclasses import replace

import pytest

from batchwell.local.airflow_environment import airflow_environment, connection_json
from batchwell.local.home import CannotStart
from batchwell.settings import Settings

KEYS = {"fernet_key": "f", "jwt_secret": "j", "api_secret": "a"}


def test_plain_url_becomes_a_connection_without_login() -> None:
    assert json.loads(connection_json("redis://127.0.0.1:6400/2")) == {
        "conn_type": "redis",
        "host": "127.0.0.1",
        "port": 6400,
        "login": None,
        "password": None,
        "extra": {"db": 2},
    }


def test_user_and_password_are_decoded() -> None:
    connection = json.loads(connection_json("redis://b%40t:p%2Fw%25@h"))
    assert (connection["login"], connection["password"]) == ("b@t", "p/w%")
    assert (connection["host"], connection["port"], connection["extra"]) == ("h", 6379, {"db": 0})


def test_tls_url_carries_its_options() -> None:
    url = "rediss://:s@[::1]:6380/0?ssl_cert_reqs=none&ssl_ca_certs=%2Fca.pem&db=3"
    connection = json.loads(connection_json(url))
    assert connection["host"] == "::1"
    assert connection["extra"] == {
        "db": 3,
        "ssl": True,
        "ssl_cert_reqs": "none",
        "ssl_ca_certs": "/ca.pem",
    }


def test_cluster_is_told_as_the_provider_wants_it() -> None:
    url = "rediss://u:p@a:7000,b:7001,c/0?cluster=true&ssl_ca_certs=%2Fca.pem"
    connection = json.loads(connection_json(url))
    assert (connection["host"], connection["port"]) == ("a", 7000)
    assert (connection["login"], connection["password"]) == ("u", "p")
    assert connection["extra"] == {
        "db": 0,
        "ssl": True,
        "ssl_ca_certs": "/ca.pem",
        "cluster": True,
        "startup_nodes": "b:7001,c:6379",
    }
    assert json.loads(connection_json("redis://a?cluster=true"))["extra"] == {
        "db": 0,
        "cluster": True,
    }


@pytest.mark.parametrize(
    "url",
    [
        "memcached://h",
        "redis://a,b",
        "redis://a/2?cluster=true",
        "redis://h:port",
        "redis://h/base",
        "h:6379",
    ],
)
def test_url_that_cannot_be_translated_is_refused_by_name(url: str) -> None:
    with pytest.raises(CannotStart, match="BATCHWELL_REDIS_URL"):
        connection_json(url)


def test_every_address_of_airflow_is_loopback_and_follows_the_port() -> None:
    settings = replace(Settings.from_env({"AIRFLOW_PORT": "9123"}), redis_url="redis://h")
    env = airflow_environment(settings, KEYS)
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__API__PORT"] == "9123"
    assert env["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:9123"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:9123/execution/"
