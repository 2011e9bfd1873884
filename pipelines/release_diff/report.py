"""The comparison of a release with the one before it, as files beside the release.

Belongs here: ``<release_id>.diff.json`` for programs, ``<release_id>.diff.md`` for people, and reading the former. Does
not belong here: comparing (``compare``).

They are written after the release is published. A crash between the two leaves the release as it is and the comparison
due; the next run makes it. The JSON is written last, so where it is, both are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.release_diff.compare import MIXED, ReleaseDiff, diff
from warehouse.files import write_bytes
from warehouse.home import Home
from warehouse.releases import Release, ReleaseError, Releases
from warehouse.replay import ReplayError

#: Moves told in the file for people.
TOLD = 30

CAUSES = {
    "new_return": ("新报表", "new return"),
    "restatement": ("更正", "restatement"),
    "withdrawn": ("撤回", "withdrawn"),
    "explanation_or_waiver": ("说明或豁免", "explanation or waiver"),
    "rulebook": ("规则库", "rulebook"),
    "code": ("程序", "code"),
    "other": ("其他", "other"),
    MIXED: ("多种原因", "mixed"),
}


def diff_path(home: Home, release_id: str) -> Path:
    """Return where the comparison of a release with the one before it lies."""
    return home.releases / f"{release_id}.diff.json"


def read_diff(home: Home, release_id: str) -> dict[str, Any] | None:
    """Return the comparison of a release with the one before it (see ``as_json``); None where there is none."""
    try:
        content: dict[str, Any] = json.loads(diff_path(home, release_id).read_bytes())
    except FileNotFoundError:
        return None
    return content


def diff_is_due(home: Home, release: Release) -> bool:
    """Say whether the comparison of a release with the one before it has still to be made."""
    return not diff_path(home, release.release_id).exists() and _previous(home, release) is not None


def write_diff(home: Home, release: Release) -> dict[str, Any] | None:
    """Compare a release with the one before it and write both files, unless they are there; return the JSON content.

    None for the first release. A comparison that fails is written down as such (``failed``): it must not keep a
    published release from its readers, nor be tried again for ever.
    """
    previous = _previous(home, release)
    if previous is None or not diff_is_due(home, release):
        return read_diff(home, release.release_id)
    try:
        found = diff(previous, release, temp_directory=home.cache / "duckdb")
        content, text = as_json(found), as_markdown(found)
    except (duckdb.Error, ReplayError, LookupError) as error:
        content = {"a": previous.release_id, "b": release.release_id, "failed": f"{type(error).__name__}: {error}"}
        text = f"# {previous.release_id} → {release.release_id}\n\n比较失败 The comparison failed: {_cell(error)}\n"
    write_bytes(diff_path(home, release.release_id).with_suffix(".md"), text.encode())
    write_bytes(
        diff_path(home, release.release_id), json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()
    )
    return content


def as_json(found: ReleaseDiff) -> dict[str, Any]:
    """Return a comparison ready for JSON: its attributes, and ``nothing_changed``; a number that is none is null."""
    frames = ("moves", "verdicts")
    content = asdict(found) | {name: _plain(getattr(found, name)) for name in frames}
    return {"a": found.a, "b": found.b, "nothing_changed": found.nothing_changed, **content}


def as_markdown(found: ReleaseDiff) -> str:
    """Return a comparison as a page for people, Chinese and English."""
    parts = [f"# 发布变化 What changed\n\n`{found.a}` → `{found.b}`"]
    if found.nothing_changed:
        parts.append("没有任何数值发生变化。 Nothing changed.")
    else:
        parts.append(f"共 {found.figures} 项数值不同。 {found.figures} figures differ.")
        parts.append(_table(("原因 cause", "数值 figures"), ((_cause(each), n) for each, n in found.causes.items())))
        order = " → ".join(" + ".join(map(_cause, step)) for step in found.steps)
        parts.append(f"归因顺序 Effects taken in this order: {order}")
    if found.rows:
        rows = ((each["form"], each["period"], _cause(each["cause"]), each["rows"]) for each in found.rows)
        parts += ["## 报表行 Rows of returns", _table(("报表 return", "学年 year", "原因 cause", "行 rows"), rows)]
    if not found.verdicts.is_empty():
        parts += ["## 判定变化 Verdicts", _moves(found.verdicts)]
    of_schools = [each["table"] for each in found.tables if "school_code" in each["grain"]]
    if found.figures:
        numbers = found.moves.filter(pl.col("move").is_not_null())
        school = pl.col("table_name").is_in(of_schools)
        for title, part in (
            ("变化最大的数值（县及以上） Largest moves: counties and above", numbers.filter(~school)),
            ("变化最大的数值（学校） Largest moves: schools", numbers.filter(school)),
        ):
            parts += [] if part.is_empty() else [f"## {title}", _moves(part)]
    differing = [each for each in found.tables if each["only_in"] or each.get("causes")]
    if differing:
        head = ("表 table", "变化 changed", "新增 new", "消失 vanished", "原因 causes")
        parts += ["## 各表 Tables", _table(head, map(_of_table, differing))]
    if found.notes:
        parts += ["## 说明 Notes", "\n".join(f"* {_cell(each)}" for each in found.notes)]
    return "\n\n".join(parts) + "\n"


def _previous(home: Home, release: Release) -> Release | None:
    """The release that was current before, where its file is still there."""
    release_id = release.manifest.get("previous")
    with suppress(ReleaseError):
        return None if release_id is None else Releases(home.releases).get(str(release_id))
    return None


def _of_table(each: dict[str, Any]) -> Sequence[Any]:
    causes = [f"{_cause(cause)} {count}" for cause, count in each.get("causes", {}).items()]
    if each["only_in"]:
        causes.append(f"只在 only in {each['only_in']}" if each["only_in"] in ("a", "b") else "主键不同 another key")
    return each["table"], each.get("changed", 0), each.get("new", 0), each.get("vanished", 0), ", ".join(causes)


def _moves(moves: pl.DataFrame) -> str:
    head = ("表 table", "数值 figure", "对象 key", "原 old", "新 new", "变化 move", "原因 cause")
    rows = (
        (
            each["table_name"],
            each["figure"],
            each["key"],
            _number(each["old_value"], each["old_text"]),
            _number(each["new_value"], each["new_text"]),
            _number(each["move"], None, sign="+"),
            " + ".join(map(_cause, each["causes"])),
        )
        for each in moves.head(TOLD).to_dicts()
    )
    more = "\n\n…… 更多见 more: `junheng release diff --format csv`" if moves.height > TOLD else ""
    return _table(head, rows) + more


def _number(value: float | None, text: str | None, sign: str = "") -> str:
    return (text or "–") if value is None else f"{value:{sign}.6g}"


def _cause(cause: str) -> str:
    return " + ".join(" ".join(CAUSES.get(each, (each,))) for each in cause.split(","))


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _cell(value: Any) -> str:
    """Text from files as text: nothing in it is taken for a table, a tag or a link."""
    text = "" if value is None else str(value)
    for mark in "\\`*_[]|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ").replace("\r", " ")


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: _jsonable(value) for name, value in row.items()} for row in frame.to_dicts()]


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        return [_jsonable(each) for each in value]
    return None if isinstance(value, float) and value - value != 0 else value
