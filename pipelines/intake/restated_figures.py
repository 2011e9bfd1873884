"""The figures in which two statements about a row differ.

Belongs here: comparing the fields of two rows of a return, for many rows at once. Does not belong here: which of them
follow each other (``restate``), in which cells the figures stand (``restated_cells``).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from models.returns.contract import Contract

#: Values closer than this, relatively, are the same value in another unit (万元 and 元).
SAME = 1e-12

_WHO = ("county_code", "school_code", "school_name", "stage")


def changes_of(contract: Contract, rows: pl.DataFrame, bad: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each figure that changed, with old and new value and where both rows stand.

    Args:
        contract: of the return.
        rows, bad: its accepted and its quarantined rows, of all submissions, with ``row_key``.
        pairs: statements with the one before each (``old_source``, ``old_state``; ``source``, ``state``).
    """
    whole = pl.concat([rows, bad], how="diagonal_relaxed").unique(["row_key", "submission_id"], keep="first")
    sides = pairs.join(
        whole.select(pl.all().name.map(lambda name: name if name == "row_key" else f"old_{name}")),
        left_on=["row_key", "old_source"],
        right_on=["row_key", "old_submission_id"],
        how="left",
    ).join(
        whole.select(pl.all().name.map(lambda name: name if name == "row_key" else f"new_{name}")),
        left_on=["row_key", "source"],
        right_on=["row_key", "new_submission_id"],
        how="left",
    )
    old, new = pl.col("old_state"), pl.col("state")
    sides = sides.with_columns(
        pl.when((old == "usable") & (new == "usable"))
        .then(pl.lit("restated"))
        .when((old == "unusable") & (new == "usable"))
        .then(pl.lit("became_usable"))
        .when((old == "usable") & (new == "unusable"))
        .then(pl.lit("became_unusable"))
        .when((old == "absent") & (new == "usable"))
        .then(pl.lit("row_added"))
        .when((old == "usable") & (new == "absent"))
        .then(pl.lit("row_removed"))
        .alias("change")
    ).drop_nulls("change")
    if sides.is_empty():
        return sides
    columns: list[Any] = [
        "row_key",
        "change",
        pl.col("old_source").alias("old_submission_id"),
        pl.col("submission_id").alias("new_submission_id"),
        pl.col("source").alias("new_source"),
        pl.col("next_submission").is_not_null().alias("superseded"),
        *(f"{side}_{name}" for side in ("old", "new") for name in ("sheet", "row_number", "block")),
        *(
            pl.coalesce(f"new_{name}", f"old_{name}").alias(name)
            if name in whole.columns
            else pl.lit(None, dtype=pl.String).alias(name)
            for name in _WHO
        ),
    ]
    by_row = sides.filter(pl.col("change").is_in(["row_added", "row_removed"])).select(
        *columns,
        pl.lit("").alias("field"),
        *(pl.lit(None, dtype=pl.Float64).alias(f"{side}_value") for side in ("old", "new")),
        *(pl.lit(None, dtype=pl.String).alias(f"{side}_text") for side in ("old", "new")),
    )
    by_figure = sides.filter(~pl.col("change").is_in(["row_added", "row_removed"]))
    return pl.concat([by_row, *(_figure(by_figure, contract, name, columns) for name in _figures(contract))])


def _figures(contract: Contract) -> list[str]:
    """The fields of a row that say something, besides whose row it is."""
    return [name for name in contract.staged_fields if name not in contract.grain]


def _figure(sides: pl.DataFrame, contract: Contract, name: str, columns: list[Any]) -> pl.DataFrame:
    old, new = pl.col(f"old_{name}"), pl.col(f"new_{name}")
    numeric = contract.fields[name].numeric
    differ = old.ne_missing(new)
    if name in _WHO:  # a row that cannot be used still says whose it is
        differ &= pl.col("change") == "restated"
    if numeric:
        differ &= ~((old - new).abs() <= SAME * pl.max_horizontal(old.abs(), new.abs())).fill_null(False)
    # What stands in quarantine was never typed: its figures are null on that side.
    changed = sides.with_columns(
        pl.when(pl.col("change") == "became_usable").then(None).otherwise(old).alias(old.meta.output_name()),
        pl.when(pl.col("change") == "became_unusable").then(None).otherwise(new).alias(new.meta.output_name()),
    ).filter(differ)
    return changed.select(
        *columns,
        pl.lit(name).alias("field"),
        *(
            (side.cast(pl.Float64) if numeric else pl.lit(None, dtype=pl.Float64)).alias(f"{which}_value")
            for which, side in (("old", old), ("new", new))
        ),
        *(
            side.cast(pl.String).str.replace(r"\.0$", "").alias(f"{which}_text")
            if numeric
            else side.cast(pl.String).alias(f"{which}_text")
            for which, side in (("old", old), ("new", new))
        ),
    )
