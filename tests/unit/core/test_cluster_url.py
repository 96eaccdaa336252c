"""How a URL says that the store is a cluster, and what is refused."""

from __future__ import annotations

import pytest

from batchwell.cluster_url import cluster_url, read_cluster_url
from batchwell.connection import connect
from batchwell.errors import SettingsError


@pytest.mark.parametrize(
    "url", ["redis://h", "rediss://u:p@[::1]:6380/2?ssl_cert_reqs=none", "unix:///socket"]
)
def test_url_of_one_server_is_none_of_a_cluster(url: str) -> None:
    assert read_cluster_url(url) is None


def test_each_node_is_come_into_alike() -> None:
    url = read_cluster_url("rediss://us%40er:p%2Fw@a:7000,[::1],c?ssl_ca_certs=%2Fca&cluster=true")
    assert url is not None
    assert url.seeds == (("a", 7000), ("::1", 6379), ("c", 6379))
    assert url.node(("::2", 7001)) == "rediss://us%40er:p%2Fw@[::2]:7001/0?ssl_ca_certs=%2Fca"


def test_url_is_written_as_it_is_read() -> None:
    tls = {"ssl_ca_certs": "/c a", "ssl_check_hostname": False}
    written = cluster_url([("::1", 1), ("b", 2)], username="a@b", password="p/:w", tls=tls)
    url = read_cluster_url(written)
    assert url is not None
    assert url.seeds == (("::1", 1), ("b", 2))
    assert url.node(("b", 2)) == (
        "rediss://a%40b:p%2F%3Aw@b:2/0?ssl_ca_certs=%2Fc+a&ssl_check_hostname=False"
    )
    plain = cluster_url([("b", 2)], username=None, password=None, tls=None)
    assert plain == "redis://b:2/0?cluster=true"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://a,b", "cluster=true"),
        ("redis://:hush@a?cluster=false", "cluster=true"),
        ("redis://:hush@a/2?cluster=true", "none but 0"),
        ("redis://:hush@a?db=2&cluster=true", "none but 0"),
        ("redis://:hush@a:port?cluster=true", "must look like"),
        ("redis://:hush@a,?cluster=true", "must look like"),
        ("unix://hush/a?cluster=true", "must look like"),
        ("redis://:hush@a?cluster=true&socket_timeout=hush", "must look like"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_the_password(url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        connect(url)
    assert "hush" not in str(caught.value)
