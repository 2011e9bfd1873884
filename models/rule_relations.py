"""What one file of the rulebook says about another: settings and their values, indicators, chains of counties.

Belongs here: faults that no file shows alone. Does not belong here: what a cell may hold (``rule_cells.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from models.rule_cells import Row, number

#: File, its columns by those of another file whose rows they name, that file. The last column is what is named.
REFERENCES: tuple[tuple[str, Mapping[str, str], str], ...] = (
    ("choice", {"setting": "setting"}, "setting"),
    ("threshold", {"standard": "standard", "indicator": "indicator"}, "indicator"),
    ("school_standard_line", {"school_standard": "school_standard", "indicator": "indicator"}, "school_standard"),
    ("funding_line", {"test": "test"}, "funding_test"),
    ("government_item", {"standard": "standard", "block": "block"}, "government_block"),
    ("government_item_line", {"item": "item"}, "government_item"),
    ("expected_return", {"owner": "department"}, "department"),
)

Tables = Mapping[str, list[Row]]
#: File, place of the row in it, what is wrong.
Fault = tuple[str, int, str]


def relations(folder: Path, tables: Tables, lines: Mapping[str, list[int]]) -> list[str]:
    """Return a line for every fault. ``tables`` are the rows of each file by its stem, ``lines`` where they stand."""
    checks = (_references, _choices, _parts, _due_days, _successions)
    return [
        f"{folder / name}.csv:{lines[name][place]}: {message}"
        for check in checks
        for name, place, message in check(tables)
    ]


def _references(tables: Tables) -> Iterator[Fault]:
    for name, columns, other in REFERENCES:
        known = {tuple(row[theirs] for theirs in columns.values()) for row in tables[other]}
        *of, named = columns
        for place, row in enumerate(tables[name]):
            if row[named] != "" and tuple(row[own] for own in columns) not in known:
                whose = "".join(f" of {row[own]}" for own in of)
                yield name, place, f"{named} {row[named]!r}{whose} is not in {other}.csv"


def _choices(tables: Tables) -> Iterator[Fault]:
    settings = {row["setting"]: row for row in tables["setting"]}
    for place, row in enumerate(tables["choice"]):
        setting = settings.get(row["setting"])
        if setting is not None and (told := _bad_choice(setting, row)):
            yield "choice", place, told


def _bad_choice(setting: Row, row: Row) -> str | None:
    value = str(row["value"])
    if bool(row["standard"]) != setting["by_standard"]:
        return f"{row['setting']} is chosen {'for each standard' if setting['by_standard'] else 'for all standards'}"
    if setting["kind"] == "choice":
        choices = str(setting["choices"]).split("|")
        return None if value in choices else f"value {value!r} is not one of {', '.join(choices)}"
    try:
        share = number(value)
    except ValueError as error:
        return f"value {error}"
    if setting["kind"] == "share" and not 0 <= share <= 1:
        return f"value {value!r} is not between 0 and 1"
    return None


def _parts(tables: Tables) -> Iterator[Fault]:
    """A part of an item of government work belongs to an item of the same block."""
    blocks = {row["item"]: row["block"] for row in tables["government_item"]}
    for place, row in enumerate(tables["government_item"]):
        if row["part_of"] and blocks.get(row["part_of"]) != row["block"]:
            yield "government_item", place, f"part_of {row['part_of']!r} is no item of the same block"


def _due_days(tables: Tables) -> Iterator[Fault]:
    """Returns are due on a day that every year has."""
    for place, row in enumerate(tables["expected_return"]):
        try:
            date(2001, int(row["due_month"] or 0), int(row["due_day"] or 0))
        except ValueError as error:
            yield "expected_return", place, f"due_month and due_day: {error}"


def _successions(tables: Tables) -> Iterator[Fault]:
    """Nobody succeeds itself, over however many steps."""
    successors = {str(row["county_code"]): str(row["successor_code"]) for row in tables["county_succession"]}
    for place, row in enumerate(tables["county_succession"]):
        seen = {code := str(row["county_code"])}
        while (code := successors.get(code, "")) and code not in seen:
            seen.add(code)
        if code:
            yield "county_succession", place, f"the chain of {row['county_code']} closes a circle at {code}"
