"""Received bytes, kept under the name of their own SHA-256 and never changed.

Belongs here: storing and giving back bytes, and noticing when the disk gives back something else.
Does not belong here: who sent them, what they mean, whether they are acceptable (ledger, intake).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from warehouse.files import write_bytes

_SHA256 = re.compile(r"[0-9a-f]{64}")


class LandingError(Exception):
    """Bytes that cannot be given back as they were received; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Landing:
    """A folder of immutable files: ``ab/abcdef…`` holds the bytes whose SHA-256 is ``abcdef…``."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Return where the bytes of this hash lie or would lie; ``LandingError`` if it is no SHA-256 in lower hex."""
        if not _SHA256.fullmatch(sha256):
            raise LandingError(f"not a SHA-256 (64 lower-case hexadecimal digits): {sha256!r}")
        return self.root / sha256[:2] / sha256

    def store(self, content: bytes) -> str:
        """Store ``content`` durably and return its SHA-256; storing the same bytes again changes nothing.

        A file that is there under this hash but damaged is replaced by the good bytes.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not self._holds(target, sha256, len(content)):
            write_bytes(target, content, read_only=True)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes of this hash, checked; ``LandingError`` if they are missing, unreadable or not the same."""
        target = self.path(sha256)
        try:
            content = target.read_bytes()
        except FileNotFoundError as error:
            raise LandingError(f"{target}: no such bytes in the landing; receive the file again") from error
        except OSError as error:
            raise LandingError(f"{target}: cannot be read: {error.strerror}") from error
        actual = hashlib.sha256(content).hexdigest()
        if actual != sha256:
            raise LandingError(
                f"{target}: damaged: its {len(content)} bytes have the SHA-256 {actual}; "
                "receive the original file again (that repairs it) or restore it from a backup"
            )
        return content

    @staticmethod
    def _holds(target: Path, sha256: str, size: int) -> bool:
        try:
            if target.stat().st_size != size:
                return False
            return hashlib.sha256(target.read_bytes()).hexdigest() == sha256
        except FileNotFoundError:
            return False
