"""Artifacts: values too large for JSON, kept as files; a result holds where, and a checksum.

A file gets a name that no other has and is whole before any result names it, so that nobody sees
half of one. The versions of one value lie in one folder, numbered; who has read a version that is
a value by then removes those before it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, BinaryIO, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from batchwell.errors import ArtifactUnavailable

if TYPE_CHECKING:
    from fsspec.spec import AbstractFileSystem

_PIECE_BYTES = 1024 * 1024
_MOST_IN_MEMORY = 64 * 1024 * 1024
_SUFFIX = r"(\.[A-Za-z0-9_-]+)*"
_PATH = rf"^[a-z][a-z0-9_]*/[0-9a-f]{{20}}/[0-9]{{8,}}-[0-9a-f]{{8}}{_SUFFIX}$"

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Maker:
    """Who saves: a computation, and the parameters (canonical JSON) whose value it computes.

    None as ``params``: several values at once, in batch form. ``saved``: the paths of what may not
    become a value yet.
    """

    computation: str
    params: str | None = None
    saved: set[str] = field(default_factory=set)


_maker: ContextVar[Maker] = ContextVar("batchwell_maker")
_NOBODY = Maker("unnamed", "{}")  # as in a test that calls the function


class Artifact(BaseModel):
    """A file that a computation made, under BATCHWELL_ARTIFACTS_URL.

    It is a value like any other: return it, alone or as a field of a model.
    """

    model_config = ConfigDict(frozen=True)

    path: str = Field(pattern=_PATH, description="Where it is, below BATCHWELL_ARTIFACTS_URL.")
    size_bytes: int
    sha256: str = Field(description="Checksum, in hexadecimal.")

    @classmethod
    def save(
        cls, write: Callable[[BinaryIO], object], *, suffix: str = "", key: str | None = None
    ) -> Artifact:
        """Keep what ``write`` writes to the file that it is given, as the newest version.

        All or nothing: what fails leaves no file. ``suffix``, such as ``.npz``, ends its name. The
        versions of one value are those of one computation and its parameters, or else of one
        ``key``; a batch form, which makes many values, must give one. Raises `ValueError` where it
        does not, and for a suffix of other characters than letters, digits, ``.``, ``_``, ``-``.
        """
        if not re.fullmatch(_SUFFIX, suffix, re.ASCII):
            raise ValueError(f"a suffix is like '.npz', not {suffix!r}")
        maker = _maker.get(_NOBODY)
        files, base = _files()
        folder = _folder(maker, key)
        files.makedirs(f"{base}/{folder}", exist_ok=True)
        number = 1 + max(map(_number, _names(files, f"{base}/{folder}")), default=0)
        path = f"{folder}/{number:08}-{secrets.token_hex(4)}{suffix}"
        with _spool() as spool:
            write(spool)
            size = spool.seek(0, os.SEEK_END)
            spool.seek(0)
            unfinished = f"{base}/{path}.part"
            try:
                with files.open(unfinished, "wb") as file:
                    sha256 = _copy(spool, file)
                files.mv(unfinished, f"{base}/{path}")
            except BaseException:
                with suppress(OSError):
                    files.rm_file(unfinished)
                raise
        if maker is not _NOBODY:
            maker.saved.add(path)
        return cls(path=path, size_bytes=size, sha256=sha256)

    def is_whole(self) -> bool:
        """Tell whether the file is there, and is what was saved."""
        files, base = _files()
        try:
            with files.open(f"{base}/{self.path}", "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False

    def load(self, read: Callable[[BinaryIO], T]) -> T:
        """Return what ``read`` makes of the file, then remove the versions before it.

        Who loads what he has just saved himself removes none, as it is no value yet. Raises
        `ArtifactUnavailable` where the file is no more, as a newer version has been read, and where
        it is not what was saved.
        """
        files, base = _files()
        with _spool() as spool:
            try:
                with files.open(f"{base}/{self.path}", "rb") as file:
                    sha256 = _copy(file, spool)
            except FileNotFoundError:
                raise ArtifactUnavailable(self.path, "is no more") from None
            if sha256 != self.sha256:
                raise ArtifactUnavailable(self.path, "is damaged: its checksum is another")
            spool.seek(0)
            found = read(spool)
        if self.path in _maker.get(_NOBODY).saved:
            return found
        folder, _, name = self.path.rpartition("/")
        for older in _names(files, f"{base}/{folder}"):
            if older < name:
                with suppress(FileNotFoundError):  # another reader was quicker
                    files.rm_file(f"{base}/{folder}/{older}")
        return found


@contextmanager
def saving_for(maker: Maker) -> Iterator[None]:
    """Have every `Artifact.save` within the block keep a version of this one's value."""
    token = _maker.set(maker)
    try:
        yield
    finally:
        _maker.reset(token)


def _folder(maker: Maker, key: str | None) -> str:
    """Return where the versions of one value lie: apart from those of other namespaces."""
    from batchwell.settings import Settings

    told = maker.params if key is None else f"key {key}"
    if told is None:
        raise ValueError(f"{maker.computation} makes many values: Artifact.save needs a key")
    whose = f"{Settings.from_env().namespace} {told}".encode(errors="surrogatepass")
    return f"{maker.computation}/{hashlib.blake2b(whose, digest_size=10).hexdigest()}"


def _files() -> tuple[AbstractFileSystem, str]:
    """Return the file system of BATCHWELL_ARTIFACTS_URL, and the folder in it."""
    from fsspec.core import url_to_fs

    from batchwell.settings import Settings

    files, base = url_to_fs(Settings.from_env().artifacts_url)
    return files, base.rstrip("/")


def _names(files: AbstractFileSystem, folder: str) -> list[str]:
    files.invalidate_cache(folder)
    try:
        found = files.ls(folder, detail=False)
    except FileNotFoundError:  # where a folder is but how names begin, an empty one is none
        return []
    return [path.rstrip("/").rpartition("/")[2] for path in found]


def _number(name: str) -> int:
    text = name.partition("-")[0]
    return int(text) if text.isdigit() else 0


@contextmanager
def _spool() -> Iterator[BinaryIO]:
    """Give a file to copy to, in memory while it is small; it can be sought in."""
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY) as spool:
        yield cast(BinaryIO, spool)


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy all, and return its checksum."""
    digest = hashlib.sha256()
    while piece := source.read(_PIECE_BYTES):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()
