"""The settings of every Batchwell process, read once from the environment."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from batchwell.errors import SettingsError
from batchwell.exposure import (
    read_cors_origins,
    read_host,
    read_proxies,
    read_rate_limit,
    read_secret_key,
)

CHECKOUT = Path(__file__).resolve().parents[2]


class LogStyle(StrEnum):
    """How log lines are written: for people, or as JSON."""

    TEXT = "text"
    JSON = "json"


class AccessLog(StrEnum):
    """Which HTTP requests get a log line: all but known values and probes, all, none."""

    MOST = "most"
    ALL = "all"
    NONE = "none"


C = TypeVar("C", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are; made by :meth:`from_env` and passed in, never read at import."""

    home: Path
    redis_url: str = field(repr=False)
    is_redis_url_told: bool
    namespace: str
    durable: bool
    host: str
    port: int
    url: str
    token: str = field(repr=False)
    secret_key: str = field(repr=False)
    proxies: int
    cors_origins: frozenset[str]
    rate_limit: str
    log: LogStyle
    access_log: AccessLog
    metrics_folder: Path | None
    waiters: int
    airflow_port: int
    airflow_url: str
    dags_folder: Path
    actions_url: str = field(repr=False)
    artifacts_url: str = field(repr=False)
    webhook_keys: tuple[bytes, ...] = field(repr=False)
    webhook_allow_private: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raise `SettingsError` naming the variable that cannot be used.

        Without ``BATCHWELL_REDIS_URL`` the store is the one that ``scripts/up`` runs, whose URL
        it leaves in the file ``redis.url`` of ``BATCHWELL_HOME``.
        """
        env = os.environ if env is None else env
        home = Path(env.get("BATCHWELL_HOME") or CHECKOUT / ".batchwell").expanduser().absolute()
        port = _port(env, "BATCHWELL_PORT", 8000)
        airflow_port = _port(env, "AIRFLOW_PORT", 8080)
        redis_url = env.get("BATCHWELL_REDIS_URL") or _redis_url_of(home)
        return cls(
            home=home,
            redis_url=redis_url or "redis://127.0.0.1:6379/0",
            is_redis_url_told=bool(redis_url),
            namespace=_namespace(env),
            durable=_switch(env, "BATCHWELL_DURABLE"),
            host=read_host(env),
            port=port,
            url=(env.get("BATCHWELL_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
            token=_token(env),
            secret_key=read_secret_key(env),
            proxies=read_proxies(env),
            cors_origins=read_cors_origins(env),
            rate_limit=read_rate_limit(env),
            log=_choice(env, "BATCHWELL_LOG", LogStyle),
            access_log=_choice(env, "BATCHWELL_ACCESS_LOG", AccessLog),
            metrics_folder=_folder(env, "BATCHWELL_METRICS_FOLDER"),
            waiters=_waiters(env),
            airflow_port=airflow_port,
            airflow_url=(
                env.get("BATCHWELL_AIRFLOW_URL") or f"http://127.0.0.1:{airflow_port}"
            ).rstrip("/"),
            dags_folder=Path(env.get("BATCHWELL_DAGS_FOLDER") or CHECKOUT / "dags").absolute(),
            actions_url=env.get("BATCHWELL_ACTIONS_URL") or f"sqlite:///{home / 'actions.db'}",
            artifacts_url=env.get("BATCHWELL_ARTIFACTS_URL") or str(home / "artifacts"),
            webhook_keys=_webhook_keys(env),
            webhook_allow_private=_switch(env, "BATCHWELL_WEBHOOK_ALLOW_PRIVATE"),
        )


def _redis_url_of(home: Path) -> str:
    try:
        return (home / "redis.url").read_text().strip()
    except OSError:
        return ""


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SettingsError(f"{name} must be a port number from 1 to 65535, not {text!r}")


def _token(env: Mapping[str, str]) -> str:
    text = env.get("BATCHWELL_TOKEN") or ""
    if re.fullmatch(r"[!-~]*", text):
        return text
    raise SettingsError("BATCHWELL_TOKEN must be ASCII characters without spaces")


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text in ("0", "1"):
        return text == "1"
    raise SettingsError(f"{name} must be 0 or 1, not {text!r}")


def _choice(env: Mapping[str, str], name: str, choices: type[C]) -> C:
    """Return the choice that is set, or the first."""
    text = env.get(name)
    try:
        return choices(text) if text else next(iter(choices))
    except ValueError:
        raise SettingsError(f"{name} must be {' or '.join(choices)}, not {text!r}") from None


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    text = env.get(name)
    return Path(text).expanduser().absolute() if text else None


def _waiters(env: Mapping[str, str]) -> int:
    text = env.get("BATCHWELL_WAITERS") or "500"
    if re.fullmatch("[0-9]{1,4}", text):
        return int(text)
    raise SettingsError(f"BATCHWELL_WAITERS must be a number from 0 to 9999, not {text!r}")


def _namespace(env: Mapping[str, str]) -> str:
    text = env.get("BATCHWELL_NAMESPACE") or "bw"
    if re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", text):
        return text
    raise SettingsError(
        f"BATCHWELL_NAMESPACE must be 1 to 32 letters, digits, '_', '.' or '-', not {text!r}"
    )


def _webhook_keys(env: Mapping[str, str]) -> tuple[bytes, ...]:
    """Decode the secrets; an error never shows one."""
    try:
        keys = tuple(map(_webhook_key, (env.get("BATCHWELL_WEBHOOK_SECRET") or "").split()))
    except (ValueError, binascii.Error):
        raise SettingsError(
            "BATCHWELL_WEBHOOK_SECRET must be whsec_ and the base64 of 24 to 64 random bytes; "
            "several secrets are separated by spaces"
        ) from None
    return keys


def _webhook_key(secret: str) -> bytes:
    prefix, text = secret[:6], secret[6:]
    key = base64.b64decode(text, validate=True)
    if prefix != "whsec_" or not 24 <= len(key) <= 64:
        raise ValueError
    return key
