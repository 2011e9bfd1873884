"""The rulebook: reads its CSV files, refuses what cannot be meant, and writes them to Parquet for the models.

Belongs here: what each file of ``rulebook/`` may hold, and that no two rows claim the same thing at the same time.
Does not belong here: which row holds where (``core/county_setting.sql`` and its neighbours), any number of a rule.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from models.returns import CONTRACTS
from models.returns.class_size import BINS
from models.returns.common import STAGES
from models.returns.exchange import KINDS
from models.returns.funding import ITEMS, LEVELS
from models.returns.satisfaction_answer import ANSWERS
from models.returns.satisfaction_group import GROUPS
from models.returns.school import SCHOOL_TYPES, URBAN_RURAL

FOLDER = Path(__file__).parent / "rulebook"

#: Last year of a row that is still in force, for comparing rows.
_OPEN = 9999
_REGION = re.compile(r"|\d{2}|\d{4}|\d{6}")
_COUNTY = re.compile(r"\d{6}")
_KEY = re.compile(r"[a-z][a-z0-9_]*")

Value = str | int | float | bool | None
Row = dict[str, Value]
Convert = Callable[[str], Value]


class RulebookError(Exception):
    """A rulebook that cannot be used; the message has a line for every fault: file, line, what is wrong."""


@dataclass(frozen=True)
class _Column:
    """What a column may hold; ``convert`` raises ``ValueError`` with the reason where it may not."""

    dtype: type[pl.DataType]
    convert: Convert


@dataclass(frozen=True)
class _Table:
    """One file: its columns in order, and the columns that identify a row (within its years, where it has years)."""

    columns: Mapping[str, _Column]
    key: tuple[str, ...]


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty")
    return value


def _matching(pattern: re.Pattern[str], what: str) -> _Column:
    def convert(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        return value

    return _Column(pl.String, convert)


def _one_of(known: Iterable[str]) -> _Column:
    choices = sorted(known)

    def convert(value: str) -> str:
        if value not in choices:
            raise ValueError(f"{value!r} is not known; known: {', '.join(each or '(empty)' for each in choices)}")
        return value

    return _Column(pl.String, convert)


def _whole(value: str) -> int:
    if not re.fullmatch(r"-?\d+", value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _number(value: str) -> float:
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _positive(value: str) -> float:
    if (number := _number(value)) <= 0:
        raise ValueError(f"{value!r} is not above zero")
    return number


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError(f"{value!r} is neither 0 nor 1")
    return value == "1"


def _year(value: str) -> int:
    if not re.fullmatch(r"(19|20|21)\d{2}", value):
        raise ValueError(f"{value!r} is not a year")
    return int(value)


def _open_whole(value: str) -> int | None:
    return _whole(value) if value else None


def _open_positive(value: str) -> float | None:
    return _positive(value) if value else None


def _open_number(value: str) -> float | None:
    return _number(value) if value else None


def _open_year(value: str) -> int | None:
    return _year(value) if value else None


_KEY_COLUMN = _matching(_KEY, "a key of lower-case letters, digits and _")
_TEXT = _Column(pl.String, _text)
_FLAG = _Column(pl.Boolean, _flag)
_FROM = _Column(pl.Int64, _year)
_HELD = {
    "region_code": _matching(_REGION, "a region code (empty, 2, 4 or 6 digits)"),
    "from_year": _FROM,
    "to_year": _Column(pl.Int64, _open_year),
    "document": _TEXT,
    "source": _TEXT,
}
_TITLES = {"zh": _TEXT, "en": _TEXT}
_SCHOOL_TYPE = _one_of(SCHOOL_TYPES)
_STANDARDS = ("basic_2012", "quality_2017")
_STANDARD = _one_of(_STANDARDS)
_ROLES = ("school", "teaching_point", "special_education", "vocational", "senior_only")
_MEASURES = (
    "government_score",
    "satisfaction",
    "composite_coefficient",
    "indicator_coefficient",
    "school_indicator",
    "school_floor",
    "school_indicators_to_meet",
    "cohort_consolidation_rate",
    "annual_consolidation_rate",
    "class_size_limit",
    "large_class_from",
    "oversize_class_from",
    "school_size_limit",
    "combined_school_size_limit",
    "small_school_below",
    "classes_per_special_room",
    "exchange_rate",
    "exchange_backbone_share",
    "entry_recognised_years",
    "entry_coefficient_years",
    "entry_coefficient",
)
#: What a provincial school standard can measure, and per what (columns of trends.school_standard's facts).
STANDARD_NUMERATORS = (
    "pupils",
    "classes",
    "site_area",
    "teaching_area",
    "sports_area",
    "equipment_value",
    "computers",
    "books",
    "multimedia_rooms",
    "music_rooms",
    "art_rooms",
    "special_rooms",
    "teachers",
    "higher_degree_teachers",
    "mid_title_teachers",
    "backbone_teachers",
    "arts_sports_teachers",
)
STANDARD_DENOMINATORS = ("school", "pupils", "classes", "teachers")
#: What trends.government_measure computes for items of government work.
GOVERNMENT_MEASURES = (
    "three_increases",
    "training_of_public_use",
    "consolidation_rates",
    "junior_consolidation",
    "special_rooms",
    "school_size",
    "class_size",
    "teacher_exchange",
    "exchange_rate",
    "exchange_backbone_share",
    "migrants_in_public_schools",
)
#: Numerators that core.county_stage makes.
RESOURCES = (
    "teaching_area_basic",
    "teaching_area_quality",
    "sports_area",
    "equipment_value",
    "computers",
    "books",
    "multimedia_rooms",
    "teachers",
    "higher_degree_teachers",
    "mid_title_teachers",
    "backbone_teachers",
    "arts_sports_teachers",
)

_TABLES: dict[str, _Table] = {
    "standard": _Table(
        {"standard": _STANDARD, **_TITLES, "document": _TEXT, "from_year": _FROM, "source": _TEXT}, ("standard",)
    ),
    "indicator": _Table(
        {
            "standard": _STANDARD,
            "indicator": _KEY_COLUMN,
            "position": _Column(pl.Int64, _whole),
            "resource": _one_of(RESOURCES),
            **_TITLES,
            "unit_zh": _TEXT,
            "unit_en": _TEXT,
            "per": _Column(pl.Float64, _positive),
        },
        ("standard", "indicator"),
    ),
    "setting": _Table(
        {
            "setting": _KEY_COLUMN,
            "kind": _one_of(("choice", "number", "share")),
            "by_standard": _FLAG,
            "choices": _matching(re.compile(r"[a-z_|]*"), "a list of keys, divided by |"),
            **_TITLES,
        },
        ("setting",),
    ),
    "choice": _Table(
        {"setting": _KEY_COLUMN, "standard": _one_of(("", *_STANDARDS)), "value": _TEXT, **_HELD},
        ("setting", "standard", "region_code"),
    ),
    "threshold": _Table(
        {
            "standard": _STANDARD,
            "measure": _one_of(_MEASURES),
            "indicator": _matching(re.compile(r"[a-z0-9_]*"), "an indicator or empty"),
            "stage": _one_of(("primary", "junior", "compulsory")),
            "value": _Column(pl.Float64, _positive),
            "binding": _FLAG,
            **_HELD,
        },
        ("standard", "measure", "indicator", "stage", "region_code"),
    ),
    "class_size_bin": _Table(
        {
            "bin": _one_of(BINS),
            "position": _Column(pl.Int64, _whole),
            **_TITLES,
            "fewest": _Column(pl.Int64, _whole),
            "most": _Column(pl.Int64, _open_whole),
        },
        ("bin",),
    ),
    "school_standard": _Table(
        {
            "school_standard": _KEY_COLUMN,
            "indicator": _KEY_COLUMN,
            "position": _Column(pl.Int64, _whole),
            **_TITLES,
            "unit_zh": _TEXT,
            "unit_en": _TEXT,
            "numerator": _one_of(STANDARD_NUMERATORS),
            "denominator": _one_of(STANDARD_DENOMINATORS),
            "per": _Column(pl.Float64, _positive),
            "direction": _one_of(("at_least", "at_most")),
        },
        ("school_standard", "indicator"),
    ),
    "school_standard_line": _Table(
        {
            "school_standard": _KEY_COLUMN,
            "indicator": _KEY_COLUMN,
            "stage": _one_of(("primary", "junior")),
            "value": _Column(pl.Float64, _positive),
            **_HELD,
        },
        ("school_standard", "indicator", "stage", "region_code"),
    ),
    "school_type": _Table(
        {
            "school_type": _SCHOOL_TYPE,
            **_TITLES,
            "role": _one_of(_ROLES),
            "has_primary": _FLAG,
            "has_junior": _FLAG,
            "has_senior": _FLAG,
        },
        ("school_type",),
    ),
    "stage_weight": _Table(
        {"school_type": _SCHOOL_TYPE, "stage": _one_of(STAGES), "weight": _Column(pl.Float64, _positive), **_HELD},
        ("school_type", "stage", "region_code"),
    ),
    "school_code_kind": _Table(
        {
            "kind": _matching(re.compile(r"\d{2}"), "two digits"),
            **_TITLES,
            "has_primary": _FLAG,
            "has_junior": _FLAG,
            "source": _TEXT,
        },
        ("kind",),
    ),
    "operator": _Table(
        {"operator": _matching(re.compile(r"\d{3}"), "three digits"), **_TITLES, "is_private": _FLAG}, ("operator",)
    ),
    "urban_rural": _Table(
        {"urban_rural": _one_of(URBAN_RURAL), **_TITLES, "area": _one_of(("urban", "town", "rural"))},
        ("urban_rural",),
    ),
    "funding_test": _Table(
        {
            "test": _KEY_COLUMN,
            "family": _one_of(("three_increases", "two_only_increase", "shares")),
            "position": _Column(pl.Int64, _whole),
            "item": _one_of(ITEMS),
            "against": _one_of(("", *ITEMS)),
            "comparison": _one_of(("above", "at_least")),
            "declared": _FLAG,
            **_TITLES,
        },
        ("test",),
    ),
    "funding_line": _Table(
        {
            "test": _KEY_COLUMN,
            "stage": _one_of(LEVELS),
            "value": _Column(pl.Float64, _number),
            "binding": _FLAG,
            **_HELD,
        },
        ("test", "stage", "region_code"),
    ),
    "exchange_kind": _Table(
        {"exchange_kind": _one_of(KINDS), **_TITLES, "counts": _FLAG, **_HELD}, ("exchange_kind", "region_code")
    ),
    "government_block": _Table(
        {
            "standard": _STANDARD,
            "block": _KEY_COLUMN,
            "position": _Column(pl.Int64, _whole),
            **_TITLES,
            "points": _Column(pl.Float64, _open_positive),
            **_HELD,
        },
        ("standard", "block", "region_code"),
    ),
    "government_item": _Table(
        {
            "standard": _STANDARD,
            "block": _KEY_COLUMN,
            "item": _KEY_COLUMN,
            "part_of": _matching(re.compile(r"[a-z0-9_]*"), "an item or empty"),
            "position": _Column(pl.Int64, _whole),
            **_TITLES,
            "unit": _one_of(("none", "share", "number")),
            "comparison": _one_of(("at_least", "at_most", "above", "below")),
            "computed_from": _one_of(("declared", *GOVERNMENT_MEASURES)),
        },
        ("item",),
    ),
    "government_item_line": _Table(
        {
            "item": _KEY_COLUMN,
            "points": _Column(pl.Float64, _open_positive),
            "line": _Column(pl.Float64, _open_number),
            "scoring": _one_of(("declared", "all_or_nothing", "proportional")),
            "counts": _FLAG,
            **_HELD,
        },
        ("item", "region_code"),
    ),
    "satisfaction_group": _Table(
        {"group": _one_of(GROUPS), "position": _Column(pl.Int64, _whole), **_TITLES}, ("group",)
    ),
    "satisfaction_weight": _Table(
        {"group": _one_of(GROUPS), "weight": _Column(pl.Float64, _positive), **_HELD}, ("group", "region_code")
    ),
    "satisfaction_scale": _Table(
        {
            "answer": _one_of(ANSWERS),
            "position": _Column(pl.Int64, _whole),
            **_TITLES,
            "satisfied": _FLAG,
            "counts": _FLAG,
            **_HELD,
        },
        ("answer", "region_code"),
    ),
    "rule_parameter": _Table(
        {
            "rule": _KEY_COLUMN,
            "parameter": _KEY_COLUMN,
            "value": _Column(pl.Float64, _number),
            **_TITLES,
            "document": _TEXT,
            "source": _TEXT,
        },
        ("rule", "parameter"),
    ),
    "expected_return": _Table(
        {
            "form": _one_of(CONTRACTS),
            "owed": _FLAG,
            "owner": _KEY_COLUMN,
            "due_month": _Column(pl.Int64, _whole),
            "due_day": _Column(pl.Int64, _whole),
            "due_years_after": _Column(pl.Int64, _whole),
            **_HELD,
        },
        ("form", "region_code"),
    ),
    "county_roster": _Table(
        {
            "county_code": _matching(_COUNTY, "a county code (six digits)"),
            "county_name": _TEXT,
            "from_year": _FROM,
            "to_year": _Column(pl.Int64, _open_year),
            "source": _TEXT,
        },
        ("county_code",),
    ),
    "department": _Table({"department": _KEY_COLUMN, **_TITLES}, ("department",)),
    "county_succession": _Table(
        {
            "county_code": _matching(_COUNTY, "a county code (six digits)"),
            "successor_code": _matching(_COUNTY, "a county code (six digits)"),
            "from_year": _FROM,
            "name": _TEXT,
            "source": _TEXT,
        },
        ("county_code",),
    ),
}


def load(folder: Path = FOLDER) -> dict[str, pl.DataFrame]:
    """Read and check the rulebook.

    Returns:
        One frame per file, by its stem. Text that is left empty is the empty string, an open ``to_year`` is null.

    Raises:
        RulebookError: naming file and line of every fault.
    """
    faults: list[str] = []
    tables: dict[str, list[Row]] = {}
    lines: dict[str, list[int]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in _TABLES:
            faults.append(f"{path}: not a file of the rulebook; known: {', '.join(_TABLES)}")
    for name, table in _TABLES.items():
        tables[name], lines[name], told = _read(folder / f"{name}.csv", table)
        faults += told
    if not faults:
        for name, table in _TABLES.items():
            faults += _doubled(folder / f"{name}.csv", table, tables[name], lines[name])
        faults += _relations(folder, tables, lines)
    if faults:
        raise RulebookError("\n".join(faults))
    return {
        name: pl.DataFrame(tables[name], schema={column: kind.dtype for column, kind in table.columns.items()})
        for name, table in _TABLES.items()
    }


def write(out: Path, folder: Path = FOLDER) -> dict[str, Path]:
    """Write the checked rulebook to ``out`` as Parquet; return the files by table name (``rulebook.<stem>``)."""
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for name, frame in load(folder).items():
        files[f"rulebook.{name}"] = path = out / f"{name}.parquet"
        frame.write_parquet(path)
    return files


def fingerprint(folder: Path = FOLDER) -> str:
    """SHA-256 (hex) over the names and bytes of the files: the version of the rulebook."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path, table: _Table) -> tuple[list[Row], list[int], list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [], [f"{path}: the file is missing"]
    except UnicodeDecodeError as error:
        return [], [], [f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8"]
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if header != list(table.columns):
        return [], [], [f"{path}:1: the columns must be {','.join(table.columns)}; found {','.join(header)}"]
    rows: list[Row] = []
    lines: list[int] = []
    faults: list[str] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            faults.append(f"{path}:{reader.line_num}: {len(cells)} cells, expected {len(header)}")
            continue
        row: Row = {}
        for (name, column), cell in zip(table.columns.items(), cells, strict=True):
            try:
                row[name] = column.convert(cell.strip())
            except ValueError as error:
                faults.append(f"{path}:{reader.line_num}: {name} {error}")
        rows.append(row)
        lines.append(reader.line_num)
    return rows, lines, faults


def _doubled(path: Path, table: _Table, rows: list[Row], lines: list[int]) -> list[str]:
    """Rows that claim the same thing for the same time, and rows whose years run backwards."""
    faults: list[str] = []
    earlier: dict[tuple[Value, ...], list[tuple[int, int, int]]] = defaultdict(list)
    with_years = "to_year" in table.columns
    for row, line in zip(rows, lines, strict=True):
        start, end = (int(row["from_year"] or 0), int(row["to_year"] or _OPEN)) if with_years else (0, _OPEN)
        if start > end:
            faults.append(f"{path}:{line}: from_year {start} is after to_year {end}")
        key = tuple(row[name] for name in table.key)
        for other_start, other_end, other_line in earlier[key]:
            if start <= other_end and other_start <= end:
                when = " for years that overlap" if with_years else ""
                faults.append(f"{path}:{line}: says the same as line {other_line}{when} ({', '.join(map(str, key))})")
        earlier[key].append((start, end, line))
    return faults


def _relations(folder: Path, tables: dict[str, list[Row]], lines: dict[str, list[int]]) -> list[str]:
    """What one file says about another: settings and their values, indicators, chains of counties."""
    faults: list[str] = []

    def tell(name: str, index: int, message: str) -> None:
        faults.append(f"{folder / name}.csv:{lines[name][index]}: {message}")

    settings = {row["setting"]: row for row in tables["setting"]}
    for index, row in enumerate(tables["choice"]):
        setting = settings.get(row["setting"])
        if setting is None:
            tell("choice", index, f"setting {row['setting']!r} is not in setting.csv")
        else:
            if told := _bad_choice(setting, row):
                tell("choice", index, told)
    indicators = {(row["standard"], row["indicator"]) for row in tables["indicator"]}
    for index, row in enumerate(tables["threshold"]):
        if row["indicator"] and (row["standard"], row["indicator"]) not in indicators:
            tell("threshold", index, f"indicator {row['indicator']!r} of {row['standard']} is not in indicator.csv")
    known = {(row["school_standard"], row["indicator"]) for row in tables["school_standard"]}
    for index, row in enumerate(tables["school_standard_line"]):
        if (row["school_standard"], row["indicator"]) not in known:
            told = f"indicator {row['indicator']!r} of {row['school_standard']} is not in school_standard.csv"
            tell("school_standard_line", index, told)
    tests = {row["test"] for row in tables["funding_test"]}
    for index, row in enumerate(tables["funding_line"]):
        if row["test"] not in tests:
            tell("funding_line", index, f"test {row['test']!r} is not in funding_test.csv")
    items = {row["item"]: row for row in tables["government_item"]}
    blocks = {(row["standard"], row["block"]) for row in tables["government_block"]}
    for index, row in enumerate(tables["government_item"]):
        if (row["standard"], row["block"]) not in blocks:
            told = f"block {row['block']!r} of {row['standard']} is not in government_block.csv"
            tell("government_item", index, told)
        if row["part_of"] and items.get(row["part_of"], {}).get("block") != row["block"]:
            tell("government_item", index, f"part_of {row['part_of']!r} is no item of the same block")
    for index, row in enumerate(tables["government_item_line"]):
        if row["item"] not in items:
            tell("government_item_line", index, f"item {row['item']!r} is not in government_item.csv")
    departments = {row["department"] for row in tables["department"]}
    for index, row in enumerate(tables["expected_return"]):
        if row["owner"] not in departments:
            tell("expected_return", index, f"owner {row['owner']!r} is not in department.csv")
        try:
            date(2001, int(row["due_month"] or 0), int(row["due_day"] or 0))  # a day that every year has
        except ValueError as error:
            tell("expected_return", index, f"due_month and due_day: {error}")
    successors = {str(row["county_code"]): str(row["successor_code"]) for row in tables["county_succession"]}
    for index, row in enumerate(tables["county_succession"]):
        seen = {code := str(row["county_code"])}
        while (code := successors.get(code, "")) and code not in seen:
            seen.add(code)
        if code:
            tell("county_succession", index, f"the chain of {row['county_code']} closes a circle at {code}")
    return faults


def _bad_choice(setting: Row, row: Row) -> str | None:
    value = str(row["value"])
    if bool(row["standard"]) != setting["by_standard"]:
        return f"{row['setting']} is chosen {'for each standard' if setting['by_standard'] else 'for all standards'}"
    if setting["kind"] == "choice":
        choices = str(setting["choices"]).split("|")
        return None if value in choices else f"value {value!r} is not one of {', '.join(choices)}"
    try:
        number = _number(value)
    except ValueError as error:
        return f"value {error}"
    if setting["kind"] == "share" and not 0 <= number <= 1:
        return f"value {value!r} is not between 0 and 1"
    return None
