"""Load the Lua scripts, and turn what the driver raises into our errors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources

from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterCrossSlotError,
    ClusterError,
    ConnectionError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from batchwell import keys
from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.measures import lua_bounds

# How a server says that it cannot serve now, where the driver has no class for it.
_UNAVAILABLE = ("MISCONF", "BUSY", "NOREPLICAS")
# How a script's command is refused: in the words of Valkey, in those of Redis 7.0.
_REFUSED = ("ACL failure in script", "The user executing the script can't")

ON_A_CLUSTER = (
    "the store is one node of a Redis Cluster: append ?cluster=true to BATCHWELL_REDIS_URL, and "
    'put {"cluster": true} into the extra of Airflow\'s connection'
)
_NO_CLUSTER = (
    "the store is no Redis Cluster: take cluster=true out of BATCHWELL_REDIS_URL, and cluster out "
    "of the extra of Airflow's connection"
)


@dataclass(frozen=True)
class Script:
    """A verb of the store: its source and the digest by which the server knows it."""

    source: str
    sha: str


@cache
def load_script(verb: str) -> Script:
    """Return the script of ``lua/<verb>.lua``."""
    source = assemble((resources.files("batchwell") / "lua" / f"{verb}.lua").read_text())
    return Script(source, hashlib.sha1(source.encode()).hexdigest())


def assemble(verb_code: str) -> str:
    """Put before a script's code the keys and the shared functions that it uses.

    No others: a server runs all these lines at each call.
    """
    folder = resources.files("batchwell") / "lua" / "shared"
    shared = {name: (folder / f"{name}.lua").read_text() for name in _used(verb_code)}
    bounds = [lua_bounds()] if "durations" in shared else []
    code = "\n".join([*bounds, *shared.values(), verb_code])
    return f"{keys.lua_lines(code)}\n{code}"


def _used(code: str) -> list[str]:
    """Return the parts of ``lua/shared`` that code uses, each behind those that it uses itself."""
    names: list[str] = []
    for name in re.findall(r"[a-z]+", "".join(re.findall(r"^-- Uses (.*)$", code, re.MULTILINE))):
        part = (resources.files("batchwell") / "lua" / "shared" / f"{name}.lua").read_text()
        names += [one for one in (*_used(part), name) if one not in names]
    return names


@contextmanager
def store_errors() -> Iterator[None]:
    """Raise `StoreUnavailable` for whatever means that the server cannot serve now.

    Raises `StoreRefuses` for what it will not do for our user, now or later.
    """
    try:
        yield
    except (AuthenticationError, NoPermissionError) as error:
        raise _refusal(error) from error
    except (
        ConnectionError,
        TimeoutError,
        ReadOnlyError,
        OutOfMemoryError,
        ClusterError,
        TryAgainError,
    ) as error:
        raise StoreUnavailable(f"the store does not answer: {error}") from error
    except (AskError, ClusterCrossSlotError) as error:  # MOVED, from a node asked as if alone
        raise StoreRefuses(ON_A_CLUSTER) from error
    except ResponseError as error:
        # A pipeline puts words of its own before those of the server.
        told = str(error).rpartition("caused error: ")[2]
        if told.startswith(_UNAVAILABLE):
            raise StoreUnavailable(f"the store cannot serve now: {error}") from error
        if told.startswith(_REFUSED):
            raise _refusal(error) from error
        if "cluster support disabled" in told:
            raise StoreRefuses(_NO_CLUSTER) from error
        raise


def _refusal(error: Exception) -> StoreRefuses:
    return StoreRefuses(
        f"the store refuses ({error}): see that BATCHWELL_REDIS_URL names the right user and "
        "password, and that deploy/store.acl is in force"
    )
