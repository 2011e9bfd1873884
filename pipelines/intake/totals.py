"""Printed totals: what a sheet says its rows sum to, against what they do sum to.

Belongs here: comparing the one row of totals of a sheet with its rows. Does not belong here: findings (``judge``).
"""

from __future__ import annotations

import polars as pl

from models.returns import CONTRACTS
from models.returns.units import UNITS
from pipelines.intake.bind import BoundBlock

#: Counts differ from half of one on; measures from this share on, which is below any rounding on paper.
_HALF, _SHARE = 0.5, 1e-6


def totals_that_differ(frame: pl.DataFrame, block: BoundBlock, unread: pl.DataFrame) -> pl.DataFrame:
    """Printed and summed figures per sheet and field that differ, for sheets with exactly one row of totals.

    Args:
        frame: rows of one block with ``kind`` (``data`` or ``total``), ``sheet_index``, ``row_number`` and fields.
        block: the block.
        unread: (``sheet_index``, ``field``) with an unreadable or half-filled cell: left out, as their sum is short for
            a reason already told.

    Returns:
        ``sheet_index``, ``row_number``, ``field``, ``printed``, ``summed``; without columns where nothing differs.
    """
    kinds = {
        bound.field: CONTRACTS[block.form].fields[bound.field].kind
        for bound in block.fields
        if bound.parts and _adds_up(block.form, bound.field)
    }
    fields = list(kinds)
    totals = frame.filter(pl.col("kind") == "total")
    totals = totals.filter(pl.len().over("sheet_index") == 1)
    if totals.is_empty() or not fields:
        return pl.DataFrame()
    floats = [pl.col(name).cast(pl.Float64) for name in fields]
    printed = totals.select("sheet_index", "row_number", *floats)
    summed = (
        frame.lazy()
        .filter(pl.col("kind") == "data")
        .group_by("sheet_index")
        .agg(
            [pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Float64).sum()).alias(name) for name in fields]
        )
        .collect()
    )
    both = printed.join(summed, on="sheet_index", suffix=":summed", maintain_order="left")
    differing = both.select([_differs(name, kinds[name]).any().alias(name) for name in fields]).row(0, named=True)
    frames = [
        both.filter(_differs(name, kinds[name])).select(
            "sheet_index",
            "row_number",
            pl.lit(name).alias("field"),
            pl.col(name).alias("printed"),
            pl.col(f"{name}:summed").alias("summed"),
        )
        for name, differs in differing.items()
        if differs
    ]
    if not frames:
        return pl.DataFrame()
    return pl.concat(frames).join(unread, on=["sheet_index", "field"], how="anti", maintain_order="left")


def _differs(name: str, kind: str) -> pl.Expr:
    gap = (pl.col(name) - pl.col(f"{name}:summed")).abs()
    return gap > (_HALF if kind == "count" else _SHARE * (1 + pl.col(name).abs()))


def _adds_up(form: str, field: str) -> bool:
    """Whether figures of several rows may be summed: counts and measures, not rates."""
    info = CONTRACTS[form].fields[field]
    rate = info.unit is not None and info.unit in UNITS and UNITS[info.unit].canonical == "1"
    return info.kind in ("count", "number") and not rate
