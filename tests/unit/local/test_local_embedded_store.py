import socket
from pathlib import Path
from urllib.parse import urlsplit

from batchwell.local.embedded_store import settle_store_url
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
