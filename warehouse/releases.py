"""Published DuckDB files, one per release, behind a pointer.

Belongs here: candidates and their end, publishing in a way no crash can spoil, opening releases for reading.
Does not belong here: filling the file (``assembly``), and whether it may be published (the gate).

    <release_id>.duckdb   the tables, read-only        <release_id>.json   its manifest
    current.json          {"release_id": the current one or null, "published": [every release id, oldest first]}
    candidate-*.duckdb    being made by a living process, which holds candidate-*.lock

Replacing ``current.json`` is the one step that publishes: before it, nothing that a reader sees has changed. Before
anything gets its final name, that name is noted in the candidate's lock file; a note left by a dead process, of a name
that is not in ``published``, tells the next build or publication what to clear away. A published file is never written
again, so readers keep what they opened.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse import duck, files
from warehouse.assembly import Comments, assemble

__all__ = ["Candidate", "Comments", "Release", "ReleaseError", "Releases"]

_RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_POINTER = "current.json"
_CANDIDATE = "candidate-"


class ReleaseError(Exception):
    """A release that cannot be built, published or opened; the message says which and what to do."""


@dataclass(frozen=True)
class Candidate:
    """A finished, unpublished file of this process; ``rows`` by table. It is swept when the process has ended."""

    path: Path
    rows: Mapping[str, int]
    lock: int = field(repr=False)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open it read-only."""
        return duck.connect(self.path, read_only=True)


@dataclass(frozen=True)
class Release:
    """A published file and its manifest."""

    release_id: str
    path: Path
    manifest: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """SHA-256 of the file as published."""
        return str(self.manifest["sha256"])

    @property
    def rows(self) -> Mapping[str, int]:
        """Number of rows by ``schema.table``."""
        rows: dict[str, int] = self.manifest["rows"]
        return rows

    def verify(self) -> None:
        """Raise ``ReleaseError`` if the file is not, byte for byte, what was published."""
        actual = _sha256(self.path)
        if actual != self.sha256:
            raise ReleaseError(f"{self.path}: damaged: SHA-256 is {actual}, published was {self.sha256}")


@dataclass(frozen=True)
class Releases:
    """All releases in one folder. Any number of readers; writers wait for each other."""

    root: Path

    def current(self) -> Release | None:
        """Return the current release, or None where nothing has been published."""
        release_id, _ = self._pointer()
        return None if release_id is None else self.get(release_id)

    def list(self) -> builtins.list[Release]:
        """Return every published release whose files are there, oldest first."""
        _, published = self._pointer()
        files_of = {each: (self._file(each), self._manifest(each)) for each in published}
        return [self.get(each) for each, parts in files_of.items() if all(part.exists() for part in parts)]

    def get(self, release_id: str) -> Release:
        """Return a published release; ``ReleaseError`` if there is none of this id or its files are gone."""
        _, published = self._pointer()
        if release_id not in published:
            raise ReleaseError(f"no release {release_id!r} in {self.root}; there are: {', '.join(published) or 'none'}")
        path = self._file(release_id)
        manifest = self._manifest(release_id)
        for part in (path, manifest):
            if not part.exists():
                raise ReleaseError(f"release {release_id}: {part} is gone; restore it from a backup")
        return Release(release_id, path, json.loads(manifest.read_text(encoding="utf-8")))

    def connect(self, release_id: str | None = None) -> duckdb.DuckDBPyConnection:
        """Open a release (default: the current one) read-only; it stays what it is while others are published."""
        release = self.current() if release_id is None else self.get(release_id)
        if release is None:
            raise ReleaseError(f"nothing has been published in {self.root} yet")
        return duck.connect(release.path, read_only=True)

    def build_candidate(
        self, tables: Mapping[str, Sequence[Path]], comments: Comments | None = None, *, memory_limit: str | None = None
    ) -> Candidate:
        """Assemble a DuckDB file with a table ``schema.table`` from each list of Parquet files, commented.

        Rows keep the order of the files. Comments on tables that are not built are ignored; a comment on a column that
        a built table does not have is an error (``ReleaseError``), as is a table without files. The caller publishes or
        discards the result.
        """
        files.make_folder(self.root)
        stem = f"{_CANDIDATE}{os.getpid()}-{secrets.token_hex(6)}"
        with files.locked(self.root / ".lock"):
            if not (self.root / _POINTER).exists():
                self._refuse_lost_pointer()
                self._point(None, ())
            self._pointer()  # a damaged pointer is told before work is done in vain
            self._sweep()
            lock = files.hold(self.root / f"{stem}.lock")
        path = self.root / f"{stem}.duckdb"
        candidate = Candidate(path, {}, lock)
        try:
            rows = assemble(path, tables, comments or Comments(), memory_limit)
            files.sync_file(path)
        except (duckdb.Error, duck.ScanError, ValueError) as error:
            self.discard(candidate)
            raise ReleaseError(f"the candidate cannot be built: {error}") from error
        except BaseException:
            self.discard(candidate)
            raise
        return Candidate(path, rows, lock)

    def publish(self, candidate: Candidate, release_id: str, manifest: Mapping[str, Any]) -> Release:
        """Make the candidate the current release and return it; the candidate is used up.

        ``manifest`` (JSON-ready) is kept beside the file, completed by release_id, previous (the release that was
        current), file, size, sha256 and rows. ``ReleaseError``, with nothing changed, if the id was ever published, is
        no plain file name, or the manifest uses one of these keys itself.
        """
        if not _RELEASE_ID.fullmatch(release_id) or release_id.startswith(_CANDIDATE) or release_id == "current":
            raise ReleaseError(f"not a release id: {release_id!r}; use letters, digits, '.', '_' and '-'")
        with files.locked(self.root / ".lock"):
            current, published = self._pointer()
            if release_id in published:
                raise ReleaseError(f"release {release_id} exists already and is never overwritten; choose another id")
            if not candidate.path.exists():
                raise ReleaseError(f"{candidate.path}: the candidate is gone (published or discarded before)")
            self._sweep()
            file = self._file(release_id)
            for part in (file, self._manifest(release_id)):
                if part.exists():
                    raise ReleaseError(f"{part} exists although it was not published here; move it away")
            known = {
                "release_id": release_id,
                "previous": current,
                "file": file.name,
                "size": candidate.path.stat().st_size,
                "sha256": _sha256(candidate.path),
                "rows": dict(candidate.rows),
            }
            if known.keys() & manifest.keys():
                raise ReleaseError(f"manifest must not hold {', '.join(sorted(known.keys() & manifest.keys()))}")
            text = json.dumps({**known, **manifest}, ensure_ascii=False, indent=2, allow_nan=False)
            try:
                _note(candidate.lock, release_id)
                candidate.path.chmod(candidate.path.stat().st_mode & 0o444)
                files.sync_file(candidate.path)
                files.write_bytes(self._manifest(release_id), text.encode(), read_only=True)
                candidate.path.rename(file)
                files.sync_folder(self.root)
                self._point(release_id, (*published, release_id))
            except BaseException:
                self._withdraw(release_id)
                raise
            self._release_lock(candidate)
        return self.get(release_id)

    def discard(self, candidate: Candidate) -> None:
        """Remove a candidate; one that is gone already is left alone, and a published file is never touched."""
        for part in (candidate.path, candidate.path.with_suffix(".duckdb.wal")):
            part.unlink(missing_ok=True)
        self._release_lock(candidate)

    def _release_lock(self, candidate: Candidate) -> None:
        with suppress(FileNotFoundError):
            candidate.path.with_suffix(".lock").unlink()
            os.close(candidate.lock)

    def _file(self, release_id: str) -> Path:
        return self.root / f"{release_id}.duckdb"

    def _manifest(self, release_id: str) -> Path:
        return self.root / f"{release_id}.json"

    def _pointer(self) -> tuple[str | None, tuple[str, ...]]:
        path = self.root / _POINTER
        try:
            pointer = json.loads(path.read_bytes())
            return pointer["release_id"], tuple(pointer["published"])
        except FileNotFoundError:
            self._refuse_lost_pointer()
            return None, ()
        except (ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"{path}: damaged ({error}); {_REPAIR}") from error

    def _refuse_lost_pointer(self) -> None:
        if self.root.is_dir() and any(
            path.suffix == ".duckdb" and not path.name.startswith(_CANDIDATE) for path in self.root.iterdir()
        ):
            raise ReleaseError(f"{self.root / _POINTER}: missing although there are releases; {_REPAIR}")

    def _point(self, release_id: str | None, published: Sequence[str]) -> None:
        pointer = {"release_id": release_id, "published": published}
        files.write_bytes(self.root / _POINTER, json.dumps(pointer, indent=2).encode())

    def _sweep(self) -> None:
        """Remove candidates of dead processes and what their interrupted publications left. Under the lock only."""
        for lock in self.root.glob(f"{_CANDIDATE}*.lock"):
            if files.is_held(lock):
                continue
            leftovers = [lock.with_suffix(".duckdb"), lock.with_suffix(".duckdb.wal")]
            with suppress(ValueError, KeyError):
                self._withdraw(str(json.loads(lock.read_bytes())["publishing"]))
            for leftover in (*leftovers, lock):
                leftover.unlink(missing_ok=True)
        for orphan in self.root.glob(f"{_CANDIDATE}*.duckdb*"):
            if not orphan.with_name(orphan.name.split(".")[0] + ".lock").exists():
                orphan.unlink(missing_ok=True)

    def _withdraw(self, release_id: str) -> None:
        """Remove the files of a publication that did not come to its end; a published one is left alone."""
        _, published = self._pointer()
        if release_id not in published:
            files.sweep(self._manifest(release_id))
            self._file(release_id).unlink(missing_ok=True)
            self._manifest(release_id).unlink(missing_ok=True)


_REPAIR = 'restore it, or write {"release_id": <the current id>, "published": [<all ids, oldest first>]}'


def _note(lock: int, release_id: str) -> None:
    """Write into a held lock file which release its candidate is about to become."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"publishing": release_id}).encode(), 0)
    os.fsync(lock)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
