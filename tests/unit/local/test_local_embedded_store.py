import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from batchwell.local.embedded_store import settle_store_url, store_service
from batchwell.settings import Settings


def test_store_url_stays_and_is_where_the_settings_look(tmp_path: Path) -> None:
    url = settle_store_url(tmp_path)
    assert settle_store_url(tmp_path) == url
    assert Settings.from_env({"BATCHWELL_HOME": str(tmp_path)}).redis_url == url


def test_store_moves_when_its_port_was_taken_and_keeps_its_password(tmp_path: Path) -> None:
    before = urlsplit(settle_store_url(tmp_path))
    with socket.create_server(("127.0.0.1", before.port or 0)):
        after = urlsplit(settle_store_url(tmp_path))
    assert after.port != before.port
    assert after.password == before.password


@pytest.mark.parametrize(("durable", "sync"), [(True, "always"), (False, "everysec")])
def test_durable_store_syncs_each_write(tmp_path: Path, durable: bool, sync: str) -> None:
    (tmp_path / "valkey").mkdir()
    store_service(tmp_path, settle_store_url(tmp_path), {}, durable=durable)
    assert f"appendfsync {sync}\n" in (tmp_path / "valkey" / "valkey.conf").read_text()


def test_settings_of_the_allocator_can_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    url = settle_store_url(tmp_path)
    own = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=7"}
    assert "tcache_count" in store_service(tmp_path, url, {}, durable=False).env["GLIBC_TUNABLES"]
    assert store_service(tmp_path, url, own, durable=False).env == own
