"""Artifacts: whole or not there, checked when read, older versions gone after that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from pydantic import ValidationError

from batchwell import Artifact
from batchwell.artifact import Maker, saving_for
from batchwell.errors import ArtifactUnavailable


@pytest.fixture(autouse=True)
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "artifacts"
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", str(folder))
    return folder


def writing(text: bytes) -> Callable[[BinaryIO], object]:
    return lambda file: file.write(text)


def load(artifact: Artifact) -> bytes:
    return artifact.load(lambda file: file.read())


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_saved_file_is_loaded_as_it_was(artifacts: Path) -> None:
    artifact = Artifact.save(writing(b"weights"), suffix=".bin")
    assert (artifact.size_bytes, load(artifact)) == (7, b"weights")
    assert files_in(artifacts) == [artifact.path]
    assert artifact.path.endswith(".bin")


def test_an_artifact_is_a_value_of_json() -> None:
    artifact = Artifact.save(writing(b"weights"))
    assert Artifact.model_validate_json(artifact.model_dump_json()) == artifact


def test_a_writer_may_seek_in_its_file() -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"?eights")
        file.seek(0)
        file.write(b"w")

    artifact = Artifact.save(write)
    assert (artifact.size_bytes, load(artifact)) == (7, b"weights")


def test_what_fails_leaves_no_file(artifacts: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"half of it")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        Artifact.save(write)
    assert files_in(artifacts) == []


class FullDisk(LocalFileSystem):  # type: ignore[misc]  # has no types
    """A file system with no room left when a file is to get its final name."""

    protocol = "full"

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        raise OSError("no space left")


def test_what_fails_at_its_very_end_leaves_no_file(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.register_implementation("full", FullDisk, clobber=True)
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", f"full://{artifacts}")
    with pytest.raises(OSError, match="no space left"):
        Artifact.save(writing(b"weights"))
    assert files_in(artifacts) == []


def test_a_file_has_its_name_only_when_it_is_whole(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    class Watched(LocalFileSystem):  # type: ignore[misc]  # has no types
        protocol = "watched"

        def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
            seen.append([Path(name).suffix for name in files_in(artifacts)])
            super().mv(path1, path2, **kwargs)

    fsspec.register_implementation("watched", Watched, clobber=True)
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", f"watched://{artifacts}")
    Artifact.save(writing(b"weights"), suffix=".bin")
    assert seen == [[".part"]]


def test_older_versions_go_once_a_newer_one_was_read_and_not_before(artifacts: Path) -> None:
    first, second, third = (Artifact.save(writing(text)) for text in (b"1", b"2", b"3"))
    assert load(first) == b"1"
    assert len(files_in(artifacts)) == 3
    assert load(second) == b"2"
    assert files_in(artifacts) == [second.path, third.path]
    with pytest.raises(ArtifactUnavailable, match="no more"):
        load(first)


def test_whether_it_is_whole_can_be_asked(artifacts: Path) -> None:
    artifact = Artifact.save(writing(b"good"))
    assert artifact.is_whole()
    (artifacts / artifact.path).write_bytes(b"bad!")
    assert not artifact.is_whole()
    (artifacts / artifact.path).unlink()
    assert not artifact.is_whole()


def test_a_damaged_file_is_refused_and_removes_nothing(artifacts: Path) -> None:
    first, second = Artifact.save(writing(b"good")), Artifact.save(writing(b"bad?"))
    (artifacts / second.path).write_bytes(b"bad!")
    with pytest.raises(ArtifactUnavailable, match="damaged"):
        load(second)
    assert load(first) == b"good"


def test_versions_of_other_values_are_left_alone(artifacts: Path) -> None:
    with saving_for(Maker("model", '{"n":1}')):
        one = Artifact.save(writing(b"one"))
    with saving_for(Maker("model", '{"n":2}')):
        two = [Artifact.save(writing(b"two")) for _ in range(2)]
    assert load(two[1]) == b"two"
    assert files_in(artifacts) == sorted([one.path, two[1].path])
    assert {path.partition("/")[0] for path in files_in(artifacts)} == {"model"}


def test_in_batch_form_a_key_tells_values_apart(artifacts: Path) -> None:
    with saving_for(Maker("model")):
        with pytest.raises(ValueError, match="model makes many values"):
            Artifact.save(writing(b"whose?"))
        mine, yours = (Artifact.save(writing(b""), key=key) for key in ("mine", "../yours"))
    assert load(yours) == load(mine) == b""
    assert files_in(artifacts) == sorted([mine.path, yours.path])


def test_a_file_that_its_writer_died_over_is_no_version_and_goes_with_the_old(
    artifacts: Path,
) -> None:
    first = Artifact.save(writing(b"1"))
    (artifacts / Path(first.path).parent / "00000002-dead.part").write_bytes(b"half")
    third = Artifact.save(writing(b"3"))
    assert load(third) == b"3"
    assert files_in(artifacts) == [third.path]


class Objects(MemoryFileSystem):  # type: ignore[misc]  # has no types
    """An object store: a folder is but how names begin, and is not there before its first file."""

    protocol = "objects"
    store: dict[str, Any] = {}  # noqa: RUF012  # as in the class that it is of

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        pass


def test_an_object_store_that_has_no_folders_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec.register_implementation("objects", Objects, clobber=True)
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", "objects://bucket/models")
    first, second = Artifact.save(writing(b"1")), Artifact.save(writing(b"2"))
    assert load(second) == b"2"
    with pytest.raises(ArtifactUnavailable):
        load(first)


def test_who_loads_what_he_has_just_saved_removes_nothing() -> None:
    served = Artifact.save(writing(b"served"), key="model")
    with saving_for(Maker("unnamed", "{}")):
        tried = Artifact.save(writing(b"tried"), key="model")
        assert load(tried) == b"tried"
    assert served.is_whole(), "what was tried may never become a value"
    load(tried)
    assert not served.is_whole()


def test_versions_of_another_namespace_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Artifact.save(writing(b"ours"))
    monkeypatch.setenv("BATCHWELL_NAMESPACE", "staging")
    load(Artifact.save(writing(b"theirs")))
    assert ours.is_whole()


@pytest.mark.parametrize("suffix", ["npz", "./../x", ".a b", "/x", "."])
def test_a_suffix_that_is_none_is_refused_before_anything_is_written(
    artifacts: Path, suffix: str
) -> None:
    with pytest.raises(ValueError, match="a suffix is like"):
        Artifact.save(writing(b""), suffix=suffix)
    assert not artifacts.exists()


@pytest.mark.parametrize(
    "path", ["../secret/file", "/etc/passwd", "model/../../x", "model/0/00000001-00000000"]
)
def test_a_path_that_no_artifact_has_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="path"):
        Artifact(path=path, size_bytes=1, sha256="0")
