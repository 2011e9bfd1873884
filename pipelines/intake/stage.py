"""Staging: received files of one period to accepted rows, quarantined rows and findings with their cells.

Belongs here: putting identification, extraction and contracts together, and addresses on failures. Does not belong
here: which submission supersedes which (``supersede``), writing partitions (``assemble``). A pure function of the
bytes, the contracts, the layouts, the key of the pseudonyms and the waivers in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from checks.findings import concat
from checks.findings import empty as no_findings
from checks.reading_rules import found_one
from checks.waivers import no_waivers
from models.returns import CONTRACTS
from pipelines.intake.bind import Binding
from pipelines.intake.extract import BoundSheet, ExtractedBlock, extract
from pipelines.intake.grid import column_letter
from pipelines.intake.identify import BindingCache, identify
from pipelines.intake.judge import QUARANTINE_SCHEMA, judge
from pipelines.intake.persons import Pseudonyms

#: Submissions read at a time: bounds the memory, large enough to read many equal sheets as one frame.
CHUNK = 400

#: Where each field of a return stands in each sheet: the last step of the walk from a figure to its cell.
COLUMNS_SCHEMA: dict[str, Any] = {
    "submission_id": pl.String,
    "sheet": pl.String,
    "form": pl.String,
    "block": pl.String,
    "field": pl.String,
    "columns": pl.String,
    "header": pl.String,
    "factor": pl.String,
    "layout": pl.String,
    "table_number": pl.String,
}


@dataclass(frozen=True)
class ToStage:
    """A submission to be staged."""

    submission_id: str
    file_name: str
    layout: str | None
    declared_year: int | None
    declared_county: str | None
    content: Callable[[], bytes]


@dataclass
class Staged:
    """What staging gave: rows by return, and frames shaped like ``QUARANTINE_SCHEMA``, findings, ``COLUMNS_SCHEMA``."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    quarantine: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE_SCHEMA))
    findings: pl.DataFrame = field(default_factory=no_findings)
    columns: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COLUMNS_SCHEMA))


def stage(
    submissions: Sequence[ToStage],
    *,
    forms: Collection[str] | None = None,
    pseudonyms: Pseudonyms | None = None,
    waivers: pl.DataFrame | None = None,
    progress: Callable[[int], None] | None = None,
) -> Staged:
    """Read, type and check submissions; equal sheets of many files are read as one frame.

    Args:
        submissions: in order of receipt; their order does not change what is staged.
        forms: only these returns, or all.
        pseudonyms: needed for returns that are about persons.
        waivers: those in force (``checks.waivers.WAIVER_SCHEMA``).
        progress: called with the number of submissions read so far.
    """
    cache = BindingCache()
    waivers = no_waivers() if waivers is None else waivers
    parts: list[Staged] = []
    for start in range(0, len(submissions), CHUNK):
        chunk = submissions[start : start + CHUNK]
        parts.append(_stage_chunk(chunk, cache, forms, pseudonyms, waivers, progress, start))
    return _together(parts)


def _together(parts: list[Staged]) -> Staged:
    rows: dict[str, list[pl.DataFrame]] = defaultdict(list)
    for part in parts:
        for form, frame in part.rows.items():
            rows[form].append(frame)
    if not parts:
        return Staged()
    return Staged(
        {form: pl.concat(frames) for form, frames in rows.items()},
        pl.concat([part.quarantine for part in parts]),
        concat([part.findings for part in parts]),
        pl.concat([part.columns for part in parts]),
    )


def _stage_chunk(
    chunk: Sequence[ToStage],
    cache: BindingCache,
    forms: Collection[str] | None,
    pseudonyms: Pseudonyms | None,
    waivers: pl.DataFrame,
    progress: Callable[[int], None] | None,
    done: int,
) -> Staged:
    sheets: list[BoundSheet] = []
    findings: list[pl.DataFrame] = []
    for number, submission in enumerate(chunk, start=1):
        identified = identify(
            submission.content(),
            submission.file_name,
            layout=submission.layout,
            declared_year=submission.declared_year,
            declared_county=submission.declared_county,
            submission_id=submission.submission_id,
            cache=cache,
        )
        if not identified.findings.is_empty():
            findings.append(identified.findings)
        sheets += [
            BoundSheet(
                submission.submission_id,
                submission.file_name,
                sheet.grid,
                sheet.binding,
                identified.school_year,
                identified.county_code,
                identified.county_name,
            )
            for sheet in ([] if identified.rejected else identified.sheets)
        ]
        if progress is not None:
            progress(done + number)
    by_binding: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for index, sheet in enumerate(sheets):
        by_binding[id(sheet.binding), sheet.grid.from_workbook].append(index)
    blocks: dict[str, list[ExtractedBlock]] = defaultdict(list)
    for indices in by_binding.values():
        extracted = extract(sheets, indices, pseudonyms)
        findings += _without_rows(sheets, indices, extracted)
        for block in extracted:
            if forms is None or block.block.form in forms:
                blocks[block.block.form].append(block)
    places = _places(sheets)
    result = Staged(columns=_columns(sheets, forms))
    quarantined = []
    for form, of_form in blocks.items():
        accepted, bad, found_here = judge(CONTRACTS[form], of_form, places, waivers)
        result.rows[form] = accepted
        quarantined.append(bad)
        findings += found_here
    result.quarantine = pl.concat([result.quarantine, *quarantined])
    result.findings = concat(findings)
    return result


def _without_rows(
    sheets: Sequence[BoundSheet], indices: Sequence[int], blocks: Sequence[ExtractedBlock]
) -> list[pl.DataFrame]:
    """Sheets with a header and nothing below it: they may be meant, or what is left of a file that was cut off."""
    filled = {int(index) for block in blocks for index in block.raw["sheet_index"].unique()}
    return [
        found_one(
            "table_without_rows",
            submission_id=sheets[index].submission_id,
            file_name=sheets[index].file_name,
            sheet=sheets[index].grid.sheet,
            form=sheets[index].binding.forms[0],
            school_year=sheets[index].school_year,
            county_code=sheets[index].county_code,
        )
        for index in indices
        if index not in filled
    ]


def _places(sheets: Sequence[BoundSheet]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sheet_index": pl.Series(range(len(sheets)), dtype=pl.UInt32),
            "submission_id": pl.Series([sheet.submission_id for sheet in sheets], dtype=pl.String),
            "file_name": pl.Series([sheet.file_name for sheet in sheets], dtype=pl.String),
            "sheet": pl.Series([sheet.grid.sheet for sheet in sheets], dtype=pl.String),
            "first_column": pl.Series([sheet.grid.first_column for sheet in sheets], dtype=pl.Int32),
        }
    )


def _columns(sheets: Sequence[BoundSheet], forms: Collection[str] | None) -> pl.DataFrame:
    same: dict[tuple[int, int], list[BoundSheet]] = defaultdict(list)
    for sheet in sheets:
        same[id(sheet.binding), sheet.grid.first_column].append(sheet)
    frames = [pl.DataFrame(schema=COLUMNS_SCHEMA)]
    for (_, first_column), alike in same.items():
        where = pl.DataFrame(
            [(sheet.submission_id, sheet.grid.sheet) for sheet in alike],
            schema=["submission_id", "sheet"],
            orient="row",
        )
        frames.append(where.join(_bound_columns(alike[0].binding, first_column, forms), how="cross"))
    return pl.concat(frames)


def _bound_columns(binding: Binding, first_column: int, forms: Collection[str] | None) -> pl.DataFrame:
    rows = [
        (
            block.form,
            block.block,
            bound.field,
            "+".join(column_letter(part.column + first_column) for part in bound.parts),
            " + ".join(part.printed for part in bound.parts),
            _factors([part.factor for part in bound.parts]),
            binding.layout.name,
            binding.table,
        )
        for block in binding.blocks
        if forms is None or block.form in forms
        for bound in block.fields
        if bound.parts
    ]
    schema = {name: dtype for name, dtype in COLUMNS_SCHEMA.items() if name not in ("submission_id", "sheet")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _factors(factors: Sequence[Fraction]) -> str:
    """The factor of all columns of a field; each column's own, like the columns, where they have not the same."""
    return str(factors[0]) if len(set(factors)) == 1 else "+".join(str(factor) for factor in factors)


def to_stage(submissions: Iterable[Any], read: Callable[[str], bytes]) -> list[ToStage]:
    """Ledger submissions as ``stage`` takes them; ``read`` gives the bytes of a SHA-256."""
    return [
        ToStage(
            entry.submission_id,
            entry.file_name,
            entry.layout,
            entry.declared_year,
            entry.declared_county,
            lambda sha256=entry.sha256: read(sha256),  # type: ignore[misc]
        )
        for entry in submissions
    ]
