"""Identification: what returns a file holds, for which school year and county, or why it cannot be used.

Belongs here: one file seen as a whole. Does not belong here: its figures (``extract``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from checks.findings import concat
from checks.reading_rules import found, found_one
from models.returns import CONTRACTS
from models.returns.layout import candidates
from pipelines.intake.classify import key_column, rows_above
from pipelines.intake.coerce import code_of, read_years
from pipelines.intake.grid import SheetTooLarge, UnreadableFile, column_letter, read_grids
from pipelines.intake.preamble import file_name_year
from pipelines.intake.sniff import sniff
from pipelines.intake.understand import BindingCache, IdentifiedSheet, understand

#: Sheets of our own fill-in workbooks that explain and list codes.
HELPER_SHEETS = frozenset({"填表说明", "代码表"})


@dataclass
class Identified:
    """A file as understood before its figures are read.

    ``returns`` are the (form, period) pairs it speaks of; ``school_year`` is the one period of the whole file (of a
    return by calendar year its fiscal year), ``None`` where rows tell it and differ; ``rejected`` is the rule for which
    the whole file is refused, or ``None``.
    """

    sheets: list[IdentifiedSheet] = field(default_factory=list)
    returns: tuple[tuple[str, int], ...] = ()
    school_year: int | None = None
    county_code: str | None = None
    county_name: str | None = None
    rejected: str | None = None
    findings: pl.DataFrame = field(default_factory=lambda: concat([]))


def identify(
    content: bytes,
    file_name: str,
    *,
    layout: str | None = None,
    declared_year: int | None = None,
    declared_county: str | None = None,
    submission_id: str | None = None,
    cache: BindingCache | None = None,
) -> Identified:
    """Tell what a received file is.

    Args:
        content: the bytes.
        file_name: the name under which it was sent (it may declare the school year).
        layout: a layout's name, or ``None`` to try every automatic one.
        declared_year, declared_county: what the sender said beside the file.

    Raises:
        LayoutError: the layout named does not exist.
    """
    about: dict[str, Any] = {"submission_id": submission_id, "file_name": file_name}
    result = Identified()
    layouts = candidates(layout)
    sniffed = sniff(content)
    if sniffed.kind in ("empty", "other"):
        return _reject(result, "empty_file" if sniffed.kind == "empty" else "wrong_file_type", about)
    findings = []
    if not sniffed.fits_extension(file_name):
        what = sniffed.description
        findings.append(
            found_one("extension_differs_from_content", value=what, detail_zh=what, detail_en=what, **about)
        )
    try:
        grids = read_grids(content, sniffed)
    except UnreadableFile as error:
        return _reject(result, "wrong_file_type", about, str(error), findings)
    except SheetTooLarge as error:
        return _reject(result, "cell_far_outside", {**about, "cell": error.cell}, error.cell, findings)
    cache = cache or BindingCache()
    problems: list[str] = []
    for grid in grids:
        if grid.sheet in HELPER_SHEETS:
            continue
        try:
            understood = understand(grid, layouts, cache, declared_year, file_name)
        except UnreadableFile as error:
            return _reject(result, "wrong_file_type", about, str(error), findings)
        if grid.hidden:
            findings += [] if understood is None else [found_one("hidden_sheet", sheet=grid.sheet, **about)]
        elif isinstance(understood, IdentifiedSheet):
            result.sheets.append(understood)
        else:
            problems += [understood] if understood else []
            findings.append(found_one(understood or "unknown_sheet", sheet=grid.sheet, **about))
    if not result.sheets:
        if problems:  # told already, with the sheet
            result.rejected, result.findings = problems[0], concat(findings)
            return result
        kept = [entry for entry in findings if entry["rule"][0] != "unknown_sheet"]
        return _reject(result, "not_a_known_return" if grids else "empty_file", about, findings=kept)
    result.findings = concat(findings)
    _settle_year(result, file_name, declared_year, about)
    if result.rejected is None:
        _settle_county(result, declared_county, about)
    if result.rejected is None:
        result.findings = concat([result.findings, *_column_findings(result, about)])
    return result


def _settle_year(result: Identified, file_name: str, declared: int | None, about: dict[str, Any]) -> None:
    """Find the one period (school year; of funding the fiscal year) that everything agrees on, or reject the file."""
    rows: set[int] = set()
    by_row = False
    for sheet in result.sheets:
        if (column := sheet.binding.period_column) is not None:
            by_row = True
            cells = sheet.grid.cells.to_series(column).slice(sheet.binding.header.last + 1)
            found_years = read_years(cells.drop_nulls().unique(), sheet.binding.layout.year_offset)
            rows |= {int(year) for year in found_years.drop_nulls()}
    said = {year for sheet in result.sheets for year in sheet.preamble.school_years}
    layout = result.sheets[0].binding.layout
    named = file_name_year(file_name, layout.filename_year, layout.year_offset)
    single = said | ({named} if named else set()) | ({declared} if declared else set())
    if len(single) > 1 or (single and rows and (len(rows) > 1 or rows != single)):
        sources = [
            ("表内", "content", sorted(said | rows)),
            ("文件名", "file name", [named] if named else []),
            ("命令", "command", [declared] if declared else []),
        ]
        zh = "；".join(f"{name} {'、'.join(map(str, said_years))}" for name, _, said_years in sources if said_years)
        en = "; ".join(f"{name} {', '.join(map(str, said_years))}" for _, name, said_years in sources if said_years)
        _reject(result, "school_year_conflict", about, (zh, en), [result.findings])
        return
    if not single and not rows:
        _reject(result, "school_year_unknown", about, findings=[result.findings])
        return
    years = rows if by_row and rows else single
    result.school_year = next(iter(years)) if len(years) == 1 else None
    result.returns = tuple(
        dict.fromkeys((form, year) for sheet in result.sheets for form in sheet.binding.forms for year in sorted(years))
    )


def _settle_county(result: Identified, declared: str | None, about: dict[str, Any]) -> None:
    codes = {code for sheet in result.sheets for code in sheet.preamble.county_codes}
    if declared and not (codes and all(_covers(declared, code) for code in codes)):
        codes.add(declared)
    if len(codes) == 1:
        (stated,) = codes
        codes |= {code for sheet in result.sheets for code in _row_counties(sheet) if not _covers(stated, code)}
    if len(codes) > 1:
        text = ", ".join(sorted(str(code) for code in codes))
        _reject(result, "county_conflict", about, text, [result.findings])
        return
    result.county_code = next(iter(codes)) if codes else None
    result.county_name = next((s.preamble.county_name for s in result.sheets if s.preamble.county_name), None)


def _covers(region: str, code: str) -> bool:
    """Whether a region (county, prefecture ``990100``, province ``990000``) is or contains a county."""
    parts = (region[:2], region[2:4], region[4:])
    filled = [part for n, part in enumerate(parts) if any(later != "00" for later in parts[n:])]
    return code.startswith("".join(filled))


def _row_counties(sheet: IdentifiedSheet) -> set[str]:
    """County codes that the rows of a sheet say."""
    binding = sheet.binding
    bound = next((f for block in binding.blocks for f in block.fields if f.field == "county_code" and f.parts), None)
    if bound is None:
        return set()
    cells = sheet.grid.cells.to_series(bound.parts[0].column).slice(binding.header.last + 1).drop_nulls().unique()
    code = code_of(pl.col("cell"), binding.layout.value_map("county_code"), bound.prefix, bound.suffix)
    codes = pl.DataFrame({"cell": cells}).select(code.alias("code")).filter(pl.col("code").str.contains(r"^[0-9]{6}$"))
    return set(codes["code"].to_list())


def _column_findings(result: Identified, about: dict[str, Any]) -> list[pl.DataFrame]:
    """Columns that matched nothing, fields that found no column, units that do not fit: all named."""
    rows: dict[str, list[dict[str, object]]] = {
        "unmapped_column": [],
        "ambiguous_column": [],
        "unit_mismatch": [],
        "missing_column": [],
        "row_above_the_header": [],
    }
    common = {**about, "school_year": result.school_year, "county_code": result.county_code}
    for sheet in result.sheets:
        binding, place = sheet.binding, {**common, "sheet": sheet.grid.sheet}
        header_row = binding.header.last + 1
        unread = [("unmapped_column", index) for index in binding.unmapped]
        unread += [("ambiguous_column", index) for index in binding.ambiguous]
        for rule, index in unread:
            if sheet.grid.cells.to_series(index).slice(header_row).is_null().all():
                continue  # a heading over nothing
            printed = binding.header.columns[index].printed
            rows[rule].append(
                {
                    **place,
                    "form": binding.forms[0],
                    "value": printed,
                    "row_number": header_row,
                    "cell": f"{column_letter(index + sheet.grid.first_column)}{header_row}",
                    "detail_zh": printed,
                    "detail_en": printed,
                }
            )
        for row_number, code in rows_above(sheet.grid, binding):
            key = key_column(binding) or 0
            rows["row_above_the_header"].append(
                {
                    **place,
                    "form": binding.forms[0],
                    "value": code,
                    "row_number": row_number,
                    "cell": f"{column_letter(key + sheet.grid.first_column)}{row_number}",
                }
            )
        for misfit in binding.misfits:
            info = CONTRACTS[misfit.form].fields[misfit.field]
            rows["unit_mismatch"].append(
                {
                    **place,
                    "form": misfit.form,
                    "field": misfit.field,
                    "value": misfit.unit,
                    "expected": info.unit,
                    "owner": info.owner,
                    "row_number": header_row,
                    "cell": f"{column_letter(misfit.column + sheet.grid.first_column)}{header_row}",
                    "detail_zh": misfit.printed,
                    "detail_en": misfit.printed,
                }
            )
        for block in binding.blocks:
            for name in block.missing:
                info = CONTRACTS[block.form].fields[name]
                rows["missing_column"].append(
                    {
                        **place,
                        "form": block.form,
                        "field": name,
                        "owner": info.owner,
                        "detail_zh": info.zh,
                        "detail_en": info.en,
                    }
                )
    return [found(rule, pl.DataFrame(entries, infer_schema_length=None)) for rule, entries in rows.items() if entries]


def _reject(
    result: Identified,
    rule: str,
    about: dict[str, Any],
    detail: str | tuple[str, str] | None = None,
    findings: list[pl.DataFrame] | None = None,
) -> Identified:
    zh, en = detail if isinstance(detail, tuple) else (detail, detail)
    texts = {"detail_zh": zh, "detail_en": en} if zh else {}
    result.rejected = rule
    result.returns = ()
    result.findings = concat([*(findings or []), found_one(rule, severity="error", **texts, **about)])
    return result


__all__ = ["BindingCache", "Identified", "identify"]
