"""Writing files so that no crash leaves half of one behind.

Belongs here: the replacement of a file by a finished one, folders and locks that other processes respect.
Does not belong here: what the files mean.

Every temporary file is locked (``flock``) by its writer for as long as it is written. The kernel drops the lock when
the process dies, however it dies, so leftovers of dead writers can be told from files being written without trusting
process numbers, which are reused and differ between containers. POSIX only, local file systems only.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TEMPORARY = ".tmp"


def make_folder(folder: Path) -> Path:
    """Create ``folder`` and its parents so that they survive a power cut; return it. Existing ones are left alone."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for part in reversed(missing):
        sync_folder(part.parent)
    return folder


def sync_folder(folder: Path) -> None:
    """Flush the names in ``folder`` (creations, renames, removals) to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Flush the content of ``path`` to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(target: Path, *, read_only: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; when the block ends well, it becomes ``target`` in one step.

    Readers see the old file or the whole new one, also after a crash or a power cut. On an exception the temporary file
    is removed and ``target`` stays as it was. Leftovers of writers of the same target that died are removed first.
    With ``read_only`` the finished file loses its write permissions. The block must write into the yielded path itself
    (an empty file that exists already), not put another file in its place.
    """
    make_folder(target.parent)
    sweep(target)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(6)}{_TEMPORARY}"
    handle = _claim(temporary)
    try:
        yield temporary
        if not os.path.samestat(os.fstat(handle), temporary.stat()):
            raise RuntimeError(f"{temporary}: another file was put in its place; write into the file that is there")
        if read_only:
            os.fchmod(handle, stat.S_IMODE(os.fstat(handle).st_mode) & 0o444)
        os.fsync(handle)
        temporary.replace(target)
        sync_folder(target.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    finally:
        os.close(handle)


def write_bytes(target: Path, content: bytes, *, read_only: bool = False) -> None:
    """Replace ``target`` by ``content`` in one step (see ``replacing``)."""
    with replacing(target, read_only=read_only) as temporary, temporary.open("r+b") as stream:
        stream.write(content)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` alone among all processes and threads; wait for it as long as it takes."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def hold(path: Path) -> int:
    """Create the lock file ``path`` and hold it until the returned descriptor is closed or the process ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock file ``path``; a missing file is held by nobody."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _claim(temporary: Path) -> int:
    """Create ``temporary`` and lock it; tried again where a sweeper took the new file before it was locked."""
    while True:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), temporary.stat()):
                return handle
        os.close(handle)


def sweep(target: Path) -> None:
    """Remove the temporary files that dead writers of ``target`` left beside it."""
    prefix = f".{target.name}."
    for leftover in target.parent.iterdir():
        if not (leftover.name.startswith(prefix) and leftover.name.endswith(_TEMPORARY)):
            continue
        try:
            handle = os.open(leftover, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            leftover.unlink()
        except (BlockingIOError, FileNotFoundError):
            pass
        finally:
            os.close(handle)
