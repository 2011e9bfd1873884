"""Key files: made once, for their owner only, and refused where they are no keys."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from warehouse.home import Home
from warehouse.secret import SecretError, fingerprint, read, read_or_create


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "person.key"
    assert read(path) is None
    key = read_or_create(path)
    assert len(key) == 32 and read_or_create(path) == key == read(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["person.key"]
    assert read_or_create(tmp_path / "other.key") != key


def test_the_fingerprint_tells_keys_apart_and_not_what_they_are(tmp_path: Path) -> None:
    key, other = read_or_create(tmp_path / "a"), read_or_create(tmp_path / "b")
    assert fingerprint(key) == fingerprint(key) != fingerprint(other)
    assert len(fingerprint(key)) == 16 and fingerprint(key) not in key.hex()


def _make(path: str) -> bytes:
    return read_or_create(Path(path))


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        keys = pool.map(_make, [str(tmp_path / "person.key")] * 6)
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", [b"", b"secret\n", b"0" * 63, b"0" * 65, b"G" * 64])
def test_what_is_no_key_is_refused_without_telling_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "person.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretError, match="not a key") as error:
        read_or_create(path)
    assert not content or content.decode().strip() not in str(error.value)
    assert path.read_bytes() == content


def test_a_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "person.key"
    read_or_create(path)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        read(path)
    path.chmod(0o440)
    assert read(path) is not None


def test_where_the_key_of_a_home_lies(tmp_path: Path) -> None:
    home = Home.from_environment({"JUNHENG_HOME": str(tmp_path), "JUNHENG_PERSON_KEY_FILE": "/etc/junheng/person.key"})
    assert home.person_key == Path("/etc/junheng/person.key")
    default = Home.from_environment({"JUNHENG_HOME": str(tmp_path)}).ensure()
    assert default.person_key == tmp_path / "keys" / "person.key" and not default.person_key.exists()
    data = (default.landing, default.staging, default.marts, default.releases, default.dashboards, default.dagster)
    assert not any(default.person_key.is_relative_to(folder) for folder in data)
