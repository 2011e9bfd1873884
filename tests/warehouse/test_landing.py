"""Received bytes come back as they were, or the reader is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.landing import Landing, LandingError


@given(content=st.binary(max_size=2000))
def test_gives_back_what_was_stored(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    landing = Landing(tmp_path_factory.mktemp("landing"))
    sha256 = landing.store(content)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert landing.read(sha256) == content
    assert landing.path(sha256) == landing.root / sha256[:2] / sha256


def test_storing_twice_does_not_touch_the_file(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    path = landing.path(landing.store(b"return"))
    before = path.stat()
    landing.store(b"return")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("damage", [b"returm", b"ret", b""])
def test_damage_is_told_and_repaired_by_receiving_again(tmp_path: Path, damage: bytes) -> None:
    landing = Landing(tmp_path)
    sha256 = landing.store(b"return")
    path = landing.path(sha256)
    path.chmod(0o644)
    path.write_bytes(damage)
    with pytest.raises(LandingError, match=f"{path}: damaged: its {len(damage)} bytes"):
        landing.read(sha256)
    assert landing.store(b"return") == sha256
    assert landing.read(sha256) == b"return"


def test_missing_bytes_are_named(tmp_path: Path) -> None:
    sha256 = "0" * 64
    with pytest.raises(LandingError, match=f"{sha256}: no such bytes"):
        Landing(tmp_path).read(sha256)


@pytest.mark.parametrize("name", ["", "abc", "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_only_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(LandingError, match="not a SHA-256"):
        Landing(tmp_path).path(name)
