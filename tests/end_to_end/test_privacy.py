"""No clear number or name of a person is anywhere in an installation but in the received bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.sample import SampleSummary
from pipelines.sample.exchange import simulate
from pipelines.sample.world import build_world
from tests.pipelines.places import PRINTED, SEED, YEARS, printed
from warehouse.home import Home
from warehouse.releases import Releases


def _people() -> tuple[set[str], set[str]]:
    """Numbers and names of everybody in the sample."""
    world = build_world(1, YEARS, SEED)
    rows = [
        row
        for year in simulate(world.counties[0], YEARS, SEED, world.returns).values()
        for row in (*year.roster, *year.exchange)
    ]
    return {row["person"] for row in rows}, {row["name"] for row in rows}


@pytest.fixture(scope="module")
def received_again(sample: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What ``junheng receive`` prints of the files of ``published_home``."""
    home = Home(tmp_path_factory.mktemp("received"))
    return printed(home, "receive", *map(str, sample.files)) + printed(home, "status")


#: How numbers and names of persons of the sample look.
_PERSON = re.compile(r"[0-9]{17}[0-9X]|[0-9]{6}T[0-9]{5}|示例\w{3}")


def _candidates(text: str) -> set[str]:
    """All that looks like a person, wherever it begins."""
    return set(re.findall(rf"(?=({_PERSON.pattern}))", text))


def _texts(path: Path) -> Iterator[str]:
    """Everything that a file says: its bytes as text, and the cells of compressed tables."""
    content = path.read_bytes()
    yield from (content.decode(encoding, errors="ignore") for encoding in ("utf-8", "gbk", "utf-16-le"))
    if path.suffix == ".parquet":
        yield pl.read_parquet(path, glob=False).select(pl.selectors.string()).write_csv()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                frame = connection.sql(f'select * from "{schema}"."{table}"').pl()
                yield frame.select(pl.selectors.string()).write_csv()


def test_no_file_but_the_received_ones_names_anybody(published_home: Home) -> None:
    home = published_home
    numbers, names = _people()
    words = {*numbers, *names}
    assert {word for word in words if _PERSON.fullmatch(word)} == words
    assert len(numbers) > 500 and Releases(home.releases).current() is not None
    looked_at, staged = 0, 0
    for path in sorted(home.root.rglob("*")):
        if not path.is_file() or path.is_relative_to(home.landing) or path == home.person_key:
            continue
        looked_at += 1
        for text in _texts(path):
            staged += text.count(",p") if path.suffix == ".parquet" else 0
            told = words & _candidates(text)
            assert not told, (path.relative_to(home.root), len(told))
    assert looked_at > 100 and staged > 1000


def test_what_was_sent_is_still_there_and_what_is_printed_names_nobody(
    published_home: Home, received_again: str
) -> None:
    home = published_home
    told = received_again + (home.root / PRINTED).read_text(encoding="utf-8")
    numbers, names = _people()
    texts = [path.read_bytes().decode("gbk", errors="ignore") for path in home.landing.rglob("*") if path.is_file()]
    found = {word for text in texts for word in _candidates(text)}
    assert numbers & found and names & found, "the search finds them where they are"
    assert "malformed_code" in told or "rejected" in told
    assert not {*numbers, *names} & _candidates(told)


def test_a_release_tells_persons_apart_and_the_key_stays_at_home(published_home: Home) -> None:
    home = published_home
    release = Releases(home.releases).current()
    assert release is not None
    with Releases(home.releases).connect(release.release_id) as connection:
        people = connection.execute("select count(distinct person) from returns.roster").fetchall()
    assert people[0][0] > 500
    key = home.person_key.read_text().strip()
    manifest = json.dumps(release.manifest)
    assert key not in manifest and len(str(release.manifest["person_key"])) == 16
    for folder in (home.releases, home.marts, home.staging, home.dashboards, home.dagster):
        for path in folder.rglob("*"):
            assert not path.is_file() or key.encode() not in path.read_bytes()
