"""``junheng explain`` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import Junheng, junheng
from warehouse.home import Home

__all__ = ["junheng"]

KEYS = ("--table", "trends.differential_coefficient", "--county", "990101", "--year", "2020/21", "--stage", "primary")


def test_the_walk_is_printed_and_ends_well(junheng: Junheng, published: Home) -> None:
    ended = junheng("explain", *KEYS, "--indicator", "books", "--lang", "en", "--home", published.root)
    assert ended.code == 0, ended.error
    assert "equal to the published figure within 1e-12" in ended.out
    assert "teaching_points" in ended.out


@pytest.mark.parametrize("name", ["walk.json", "walk.csv", "walk.xlsx", "walk.html"])
def test_the_walk_is_written_in_the_format_of_the_name(
    name: str, junheng: Junheng, published: Home, tmp_path: Path
) -> None:
    ended = junheng("explain", *KEYS, "--indicator", "books", "-o", tmp_path / "sub" / name, "--home", published.root)
    assert (ended.code, ended.out) == (0, "")
    content = (tmp_path / "sub" / name).read_bytes()
    if name.endswith("json"):
        assert json.loads(content)["recomputed"]["equal"]
    assert len(content) > 1000


def test_keys_that_are_missing_are_listed(junheng: Junheng, published: Home) -> None:
    ended = junheng("explain", *KEYS, "--home", published.root)
    assert ended.code == 1
    assert "say also: standard (basic_2012, quality_2017); indicator (" in ended.error


def test_other_keys_and_wrong_usage(junheng: Junheng, published: Home) -> None:
    ended = junheng(
        "explain", "--table", "satisfaction", "--county", "990101", "--year", 2020, "--standard", "basic_2012",
        "--key", "group=all", "--format", "json", "--home", published.root,
    )  # fmt: skip
    assert json.loads(ended.out)["figure"]["keys"]["group"] == "all"
    assert junheng("explain", "--table", "satisfaction", "--key", "group", "--home", published.root).code == 2
    assert junheng("explain", *KEYS, "--indicator", "books", "--format", "xlsx", "--home", published.root).code == 2
