"""What a contract is: a pandera model of one return, whose fields say all there is to know about them.

Belongs here: the vocabulary (``field``, ``RowRule``, ``Contract``) and what is derived from a contract
without any data. Does not belong here: any particular return (one module each beside this one), reading
files, or turning failures into findings (``checks.contracts``).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

Severity = Literal["error", "query", "note"]
#: How cells are read. A ``person`` becomes a pseudonym before it is staged; a ``name`` (of a person) is never staged.
Kind = Literal["text", "code", "count", "number", "year", "date", "person", "name"]
#: What a staged person looks like (``pipelines.intake.persons``).
PSEUDONYM = r"^p[0-9a-f]{24}$"


def field(
    zh: str,
    en: str,
    *,
    owner: str,
    unit: str | None = None,
    forms: dict[str, str] | None = None,
    kind: Kind | None = None,
    required: bool = False,
    expected: bool = True,
    choices: dict[str, str] | None = None,
    note: str | None = None,
    **checks: Any,
) -> Any:
    """A contract field: a pandera ``Field`` plus what a reader of the data must know.

    Args:
        zh, en: titles. The Chinese title is the header of the fill-in workbook.
        owner: department that answers for the figure (a key of ``rulebook/department.csv``).
        unit: canonical unit of the stored value (``人``, ``㎡``, ``元`` …); ``None`` for codes and names.
        forms: where the figure stands on paper, by form generation, e.g. ``{"基础基": "331.2"}``.
        kind: how cells are read; by default ``count`` where there is a unit of counted things.
        required: a row without it cannot be used (hard error); implies not nullable.
        expected: a return whose sheet lacks the column is told so.
        choices: permitted codes with their Chinese titles.
        checks: further pandera checks (``ge``, ``le``, ``str_matches`` …).
    """
    if choices is not None:
        checks["isin"] = list(choices)
    metadata = {
        "zh": zh,
        "en": en,
        "unit": unit,
        "owner": owner,
        "forms": forms or {},
        "kind": kind,
        "required": required,
        "expected": expected,
        "choices": choices,
        "note": note,
    }
    return pa.Field(nullable=not required, title=zh, description=en, metadata=metadata, **checks)


def count(zh: str, en: str, *, owner: str, unit: str = "人", **more: Any) -> Any:
    """A field that counts things: a whole number, never negative."""
    return field(zh, en, owner=owner, unit=unit, kind="count", ge=0, **more)


def amount(zh: str, en: str, *, owner: str, unit: str, **more: Any) -> Any:
    """A field that measures something (area, money): a number, never negative."""
    return field(zh, en, owner=owner, unit=unit, kind="number", ge=0, **more)


def date(zh: str, en: str, *, owner: str, **more: Any) -> Any:
    """A field that holds a day."""
    return field(zh, en, owner=owner, kind="date", **more)


def person(zh: str, en: str, *, owner: str, **more: Any) -> Any:
    """A field that says who somebody is: a key of the row, staged as a pseudonym."""
    return field(zh, en, owner=owner, kind="person", required=True, str_matches=PSEUDONYM, **more)


def name_of_person(zh: str, en: str, *, owner: str) -> Any:
    """A name, for those who fill in the form: read by nobody, staged nowhere."""
    return field(zh, en, owner=owner, kind="name", expected=False, note="不入库 / never stored")


@dataclass(frozen=True)
class RowRule:
    """A rule over several fields of one row of one return.

    ``holds`` is a polars expression that is true where the row is in order; null (a component is missing)
    counts as in order. ``expected`` optionally gives what the first of ``fields`` should have been. ``proves_zeros``
    says that the first field is the sum of the others: where it holds, a blank part is proven to be 0.
    """

    name: str
    severity: Severity
    fields: tuple[str, ...]
    holds: pl.Expr = dataclass_field(compare=False)
    zh: str = ""
    en: str = ""
    guidance_zh: str = ""
    guidance_en: str = ""
    expected: pl.Expr | None = dataclass_field(default=None, compare=False)
    proves_zeros: bool = False


def sum_identity(
    name: str,
    total: str,
    parts: tuple[str, ...],
    *,
    zh: str,
    en: str,
    severity: Severity = "error",
    proves_zeros: bool = True,
) -> RowRule:
    """``total`` equals the sum of ``parts`` (parts left blank beside others count as nothing filled in).

    In order where the total is missing or every part is missing. ``proves_zeros`` is false where a blank part may
    mean that the thing does not exist (the grades of another stage).
    """
    filled = pl.any_horizontal([pl.col(p).is_not_null() for p in parts])
    parts_sum = pl.sum_horizontal([pl.col(p) for p in parts])
    return RowRule(
        name=name,
        severity=severity,
        fields=(total, *parts),
        holds=~filled | ((pl.col(total) - parts_sum).abs() < 0.005 * (1 + len(parts))),
        expected=pl.when(filled).then(parts_sum),
        proves_zeros=proves_zeros,
        zh=zh,
        en=en,
        guidance_zh="核对合计与各分项，更正后重新报送。",
        guidance_en="Check the total against its parts, correct and send again.",
    )


def not_above(name: str, part: str, whole: str, *, zh: str, en: str, severity: Severity = "error") -> RowRule:
    """``part`` is of-which ``whole`` and so not above it; in order where either is missing."""
    return RowRule(
        name=name,
        severity=severity,
        fields=(part, whole),
        holds=pl.col(part) <= pl.col(whole) + 0.005,
        zh=zh,
        en=en,
        guidance_zh="“其中”项不能大于总项，请核对两项。",
        guidance_en="An of-which figure cannot exceed its whole; check both.",
    )


@dataclass(frozen=True)
class FieldInfo:
    """One field of a contract, flattened for those who derive from it."""

    name: str
    zh: str
    en: str
    unit: str | None
    owner: str
    forms: dict[str, str]
    kind: Kind
    dtype: pl.DataType
    required: bool
    expected: bool
    choices: dict[str, str] | None
    note: str | None
    minimum: float | None = None

    @property
    def numeric(self) -> bool:
        """Whether cells of this field hold numbers."""
        return self.kind in ("count", "number", "year")


#: Columns every staged row carries so that a value can be walked back to its cell.
PROVENANCE = {
    "submission_id": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int32,
    "block": pl.String,
}


@dataclass(frozen=True)
class Contract:
    """A return: its pandera model, grain, and row rules.

    Attributes:
        name: Dagster and file name of the form (``enrolment``).
        zh, en: title of the form.
        model: the pandera ``DataFrameModel`` with one annotation per column.
        grain: the columns that identify a row (its period included).
        rules: row rules beyond single columns.
        period: ``school_year`` or ``fiscal_year``: the column that names the period.
        listing: a row's absence says something (a list of persons): a later file of the same name replaces the earlier
            one as a whole, not only the rows it holds.
    """

    name: str
    zh: str
    en: str
    model: type[pa.DataFrameModel]
    grain: tuple[str, ...]
    rules: tuple[RowRule, ...] = ()
    forms: dict[str, str] = dataclass_field(default_factory=dict)
    period: str = "school_year"
    listing: bool = False

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """All fields in order of declaration."""
        schema = self.model.to_schema()
        infos: dict[str, FieldInfo] = {}
        for name, column in schema.columns.items():
            meta = dict(column.metadata or {})
            dtype = column.dtype.type
            infos[name] = FieldInfo(
                name=name,
                zh=meta["zh"],
                en=meta["en"],
                unit=meta["unit"],
                owner=meta["owner"],
                forms=meta["forms"],
                kind=meta["kind"] or ("text" if dtype == pl.String else "number"),
                dtype=dtype,
                required=meta["required"],
                expected=meta["expected"],
                choices=meta["choices"],
                note=meta["note"],
                minimum=_minimum(column),
            )
        return infos

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema with field checks, row rules and the uniqueness of the grain."""
        return self.schema_within()

    def schema_within(self, *within: str) -> pa.DataFrameSchema:
        """The schema, with the grain unique only within the columns named (``submission_id`` while staging).

        Validate a collected frame: pandera checks no values of a LazyFrame.
        """
        if within in self._schemas:
            return self._schemas[within]
        schema = copy.deepcopy(self.model.to_schema())  # pandera keeps and returns one object
        unstaged = [name for name in self.fields if name not in self.staged_fields]
        if unstaged:
            schema = schema.remove_columns(unstaged)
        schema.unique = [*within, *self.grain]
        schema.checks = [
            *schema.checks,
            *(pa.Check(_holds(rule.holds), name=rule.name, ignore_na=False) for rule in self.rules),
        ]
        self._schemas[within] = schema
        return schema

    @cached_property
    def _schemas(self) -> dict[tuple[str, ...], pa.DataFrameSchema]:
        return {}

    @cached_property
    def staged_fields(self) -> dict[str, FieldInfo]:
        """The fields that are staged: all but names of persons."""
        return {name: info for name, info in self.fields.items() if info.kind != "name"}

    @property
    def has_persons(self) -> bool:
        """Whether rows are about persons (and need the key of the pseudonyms to be staged)."""
        return any(info.kind == "person" for info in self.fields.values())

    @cached_property
    def staged_schema(self) -> dict[str, Any]:
        """Polars schema of a staged row: provenance, then the fields."""
        return {**PROVENANCE, **{name: info.dtype for name, info in self.staged_fields.items()}}

    @property
    def row_key(self) -> pl.Expr:
        """What identifies a row within a period, as text (``|`` between the parts); null where a part is missing."""
        return pl.concat_str([pl.col(key) for key in self.grain if key != self.period], separator="|")

    def rule(self, name: str) -> RowRule | None:
        """The row rule of that name, if there is one."""
        return next((rule for rule in self.rules if rule.name == name), None)


def _minimum(column: pa.Column) -> float | None:
    """The lower bound of a column's values, if it has one."""
    return next(
        (check.statistics["min_value"] for check in column.checks if check.name == "greater_than_or_equal_to"), None
    )


def _holds(expression: pl.Expr) -> Any:
    def check(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(expression.fill_null(True))

    return check
