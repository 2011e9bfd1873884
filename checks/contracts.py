"""Contracts applied to rows: which rows break which rule of their return.

Belongs here: running pandera and naming its failures. Does not belong here: addresses in files (``pipelines.intake``),
rules across returns (``checks.rules``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandera.errors
import polars as pl

from checks.reading_rules import reading_rules
from models.returns.contract import Contract, RowRule

FAILURE_SCHEMA: dict[str, Any] = {
    "index": pl.UInt32,
    "rule": pl.String,
    "severity": pl.String,
    "field": pl.String,
    "value": pl.String,
    "expected": pl.String,
    "message_zh": pl.String,
    "message_en": pl.String,
    "guidance_zh": pl.String,
    "guidance_en": pl.String,
}

#: pandera's built-in checks and the rule under which a reader is told of them.
_FIELD_RULES = {
    "not_nullable": "missing_key",
    "isin": "unknown_code",
    "str_matches": "malformed_code",
    "greater_than_or_equal_to": "value_out_of_range",
    "less_than_or_equal_to": "value_out_of_range",
    "multiple_fields_uniqueness": "duplicate_row",
}


class ContractCrash(RuntimeError):
    """A check of a contract failed to run (as opposed to: ran and found rows)."""


@dataclass(frozen=True)
class Applied:
    """Rows after a contract was applied: the rows with proven zeros filled in, and every failure."""

    rows: pl.DataFrame
    failures: pl.DataFrame


def apply(contract: Contract, rows: pl.DataFrame, *, within: tuple[str, ...] = ()) -> Applied:
    """Apply a contract to collected rows.

    Args:
        contract: the return's contract.
        rows: one column per field of the contract (more are left alone), typed.
        within: columns within which the grain must be unique (``submission_id`` while staging).

    Returns:
        The rows in the same order, blanks proven to be zero filled in, and failures by row index.

    Raises:
        ContractCrash: a check could not be run.
    """
    rows = fill_proven_zeros(contract, rows)
    try:
        contract.schema_within(*within).validate(rows.select(*within, *contract.staged_fields), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if not isinstance(cases, pl.DataFrame):
            raise ContractCrash(f"{contract.name}: pandera gave no failure cases") from errors
        return Applied(rows, _failures(contract, rows, cases))
    return Applied(rows, pl.DataFrame(schema=FAILURE_SCHEMA))


def fill_proven_zeros(contract: Contract, rows: pl.DataFrame) -> pl.DataFrame:
    """Fill blank parts with 0 where the filled parts already make up the whole total.

    Forms print a zero as a blank; the identity proves it, so nothing is guessed. Other blanks stay missing.
    """
    for rule in contract.rules:
        if not rule.proves_zeros:
            continue
        total, *parts = rule.fields
        proven = (pl.col(total) == pl.sum_horizontal([pl.col(part) for part in parts])).fill_null(False)
        rows = rows.with_columns(
            [pl.when(proven).then(pl.col(part).fill_null(0)).otherwise(pl.col(part)).alias(part) for part in parts]
        )
    return rows


def _failures(contract: Contract, rows: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    frames = []
    for (check, column), group in cases.group_by(["check", "column"], maintain_order=True):
        name = str(check).split("(")[0]
        if group["index"].null_count():
            raise ContractCrash(
                f"{contract.name}.{column}: check {check!r} did not run on rows: {group['failure_case'][0]}"
            )
        index = group["index"].cast(pl.UInt32).unique(maintain_order=True)
        if (rule := contract.rule(name)) is not None:
            frames.append(_row_rule(rule, rows, index))
        elif name in _FIELD_RULES:
            field = contract.grain[-1] if name == "multiple_fields_uniqueness" else str(column)
            if name == "multiple_fields_uniqueness":
                field = next((key for key in contract.grain if key.endswith("_code")), field)
                index = _with_key(contract, rows, index)
            frames.append(_field_rule(contract, _FIELD_RULES[name], field, rows, index))
        else:
            raise ContractCrash(f"{contract.name}: pandera check {check!r} has no rule; add it to checks.contracts")
    return pl.concat(frames) if frames else pl.DataFrame(schema=FAILURE_SCHEMA)


def _with_key(contract: Contract, rows: pl.DataFrame, index: pl.Series) -> pl.Series:
    """Of these rows those whose key is whole: rows without one are not the same row, and are told of that already."""
    whole = rows.select(pl.all_horizontal([pl.col(key).is_not_null() for key in contract.grain])).to_series()
    return index.filter(whole.gather(index))


def _row_rule(rule: RowRule, rows: pl.DataFrame, index: pl.Series) -> pl.DataFrame:
    expected = rule.expected if rule.expected is not None else pl.lit(None)
    values = rows.select(
        pl.col(rule.fields[0]).cast(pl.String).alias("value"), expected.cast(pl.String).alias("expected")
    )
    return _shape(
        values[index.to_list()].with_columns(
            index.alias("index"),
            rule=pl.lit(rule.name),
            severity=pl.lit(rule.severity),
            field=pl.lit(rule.fields[0]),
            message_zh=pl.lit(rule.zh),
            message_en=pl.lit(rule.en),
            guidance_zh=pl.lit(rule.guidance_zh),
            guidance_en=pl.lit(rule.guidance_en),
        )
    )


def _field_rule(contract: Contract, rule: str, field: str, rows: pl.DataFrame, index: pl.Series) -> pl.DataFrame:
    entry = reading_rules()[rule]
    info = contract.fields[field]
    expected = "、".join(f"{code} {title}" for code, title in info.choices.items()) if info.choices else None
    values = rows.select(pl.col(field).cast(pl.String).alias("value"))
    return _shape(
        values[index.to_list()].with_columns(
            index.alias("index"),
            rule=pl.lit(rule),
            severity=pl.lit(entry.severity),
            field=pl.lit(field),
            expected=pl.lit(expected if rule == "unknown_code" else None, dtype=pl.String),
            message_zh=pl.lit(f"{info.zh}：{entry.zh}"),
            message_en=pl.lit(f"{info.en}: {entry.en}"),
            guidance_zh=pl.lit(entry.guidance_zh),
            guidance_en=pl.lit(entry.guidance_en),
        )
    )


def _shape(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select([pl.col(name).cast(dtype) for name, dtype in FAILURE_SCHEMA.items()])
