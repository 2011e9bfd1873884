"""Secret keys in files: made once, readable by their owner only, never copied into anything.

Belongs here: finding, making and checking a key file. Does not belong here: what a key is used for.

A key file holds 32 random bytes as 64 hexadecimal digits. Whoever has it can find out of whom a keyed hash was made,
so it is kept apart from the data it protects, backed up apart from them, and given to nobody who receives them. Where
it is lost or replaced, a new key is made and everything hashed with the old one is hashed again from received bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from warehouse.files import make_folder, sync_folder

_BYTES = 32
_CONTENT = re.compile(rb"[0-9a-f]{64}\n?")


class SecretError(Exception):
    """A key file that cannot be used; the message says why and what to do, never what is in it."""


def read_or_create(path: Path) -> bytes:
    """Return the key in ``path``; make the file (mode 0600) where there is none. Two processes at once get one key.

    Raises:
        SecretError: the file is no key, or everybody may read it.
    """
    found = read(path)
    if found is None:
        _create(path)
        found = read(path)
        assert found is not None
    return found


def read(path: Path) -> bytes | None:
    """Return the key in ``path``, or ``None`` where there is no such file; ``SecretError`` as ``read_or_create``."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(f"{path}: the key cannot be read ({error.strerror})") from error
    with os.fdopen(handle, "rb") as stream:
        if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o007:
            raise SecretError(f"{path}: everybody may read this key; run: chmod 600 '{path}'")
        content = stream.read(4 * _BYTES)
    if not _CONTENT.fullmatch(content):
        raise SecretError(f"{path}: not a key (64 hexadecimal digits); restore it from its backup or remove it")
    return bytes.fromhex(content.decode())


def fingerprint(key: bytes) -> str:
    """Return what tells one key from another and nothing else about it (16 hexadecimal digits)."""
    return hashlib.sha256(b"fingerprint of a key\0" + key).hexdigest()[:16]


def _create(path: Path) -> None:
    """Write a new key beside ``path`` and link it there; where another process was faster, its key stays."""
    make_folder(path.parent)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_hex(_BYTES).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    sync_folder(path.parent)
