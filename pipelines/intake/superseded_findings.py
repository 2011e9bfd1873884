"""Which findings are settled by a later submission, and by which.

Belongs here: the next statement about what a finding is about. Does not belong here: which rows count (``supersede``),
what a finding's status is (``checks.status``).

What a finding is about decides what speaks of it next: a row (the next statement about its key), a school (the next one
about it in that return), a sheet (once none of its rows counts any more), or a file or a sheet that could not be read
(the next file of that name, or once nothing else in the file counts any more).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

#: A row of a return, accepted or in quarantine, as a statement.
STATEMENT_SCHEMA: dict[str, Any] = {
    "form": pl.String,
    "row_key": pl.String,
    "school_code": pl.String,
    "submission_id": pl.String,
    "sequence": pl.Int64,
}


def superseding(
    findings: pl.DataFrame,
    statements: pl.DataFrame,
    order: pl.DataFrame,
    names: Mapping[str, str],
    replaced: Mapping[str, Mapping[str, str]],
) -> pl.DataFrame:
    """Set ``superseded_by`` (the next submission that speaks of the same) and ``superseded``.

    Args:
        findings: of one period.
        statements: every row of the period, whether it counts or not (``STATEMENT_SCHEMA``).
        order: ``submission_id`` and ``sequence`` of the submissions.
        names: file names by submission id.
        replaced: by listing, the submission that replaces each earlier one as a whole.
    """
    if findings.is_empty():
        return findings
    columns = findings.columns
    keyed = findings.with_row_index("finding").join(order, on="submission_id", how="left", maintain_order="left")
    whole = _replacements(replaced, order)
    by_sheet = _sheets(statements, whole)
    placed = (
        keyed.join(_next(keyed, statements, ["form", "row_key"], "by_row"), on="finding", how="left")
        .join(_next(keyed, statements, ["form", "school_code"], "by_school"), on="finding", how="left")
        .join(by_sheet, on=["form", "submission_id"], how="left")
        .join(whole, on=["form", "submission_id"], how="left")
        .join(_by_name(names, order), on="submission_id", how="left")
        .join(_by_file(by_sheet), on="submission_id", how="left")
        .sort("finding")
    )
    following = (
        pl.when(pl.col("row_key").is_not_null())
        .then(pl.min_horizontal("by_row", "by_replacement"))
        .when(pl.col("school_code").is_not_null())
        .then(pl.min_horizontal("by_school", "by_replacement"))
        .when(pl.col("counts").is_not_null())
        .then("by_sheet")
        .otherwise(pl.min_horizontal("by_name", "by_file", "by_replacement"))
    )
    names_of = order.select(pl.col("sequence").alias("following"), pl.col("submission_id").alias("by"))
    return (
        placed.with_columns(following.alias("following"))
        .join(names_of, on="following", how="left", maintain_order="left")
        .with_columns(pl.col("by").alias("superseded_by"), pl.col("by").is_not_null().alias("superseded"))
        .select(columns)
    )


def _next(findings: pl.DataFrame, statements: pl.DataFrame, keys: list[str], name: str) -> pl.DataFrame:
    """For each finding the order of the first later statement of the same keys."""
    asked = findings.drop_nulls([*keys, "sequence"]).select("finding", *keys, "sequence").sort("sequence")
    said = statements.drop_nulls(keys).select(*keys, "sequence", pl.col("sequence").alias(name)).unique()
    return asked.join_asof(
        said.sort("sequence"),
        on="sequence",
        by=keys,
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,  # it is sorted; polars cannot see that within groups
    ).select("finding", name)


def _replacements(replaced: Mapping[str, Mapping[str, str]], order: pl.DataFrame) -> pl.DataFrame:
    """``form``, ``submission_id`` and the order of the submission that replaces it as a whole."""
    rows = [(form, old, new) for form, pairs in replaced.items() for old, new in pairs.items()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("form", "submission_id", "by"), pl.String), orient="row")
    return frame.join(
        order.select(pl.col("submission_id").alias("by"), pl.col("sequence").alias("by_replacement")), on="by"
    ).drop("by")


def _sheets(statements: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """Of each return in each submission: whether rows of it count (``counts``), else what took the last of them.

    A submission that was replaced as a whole has no statements left: it counts no more either.
    """
    ranked = statements.sort("sequence").with_columns(
        pl.when(pl.col("row_key").is_not_null())
        .then(pl.col("sequence").shift(-1).over("form", "row_key", order_by="sequence"))
        .alias("next")
    )
    # The same key twice in a submission is one statement, whose next is that of the last of its rows.
    ranked = ranked.with_columns(
        pl.when(pl.col("next") > pl.col("sequence")).then("next").alias("next"),
    ).with_columns(
        pl.when(pl.col("row_key").is_not_null())
        .then(pl.col("next").max().over("form", "row_key", "submission_id"))
        .alias("next")
    )
    held = ranked.group_by("form", "submission_id").agg(
        pl.col("next").is_null().any().alias("counts"), pl.col("next").max().alias("last")
    )
    known = held.with_columns(pl.when(~pl.col("counts")).then("last").alias("by_sheet")).drop("last")
    gone = whole.select(
        "form", "submission_id", pl.lit(False).alias("counts"), pl.col("by_replacement").alias("by_sheet")
    ).join(held, on=["form", "submission_id"], how="anti")
    return pl.concat([known, gone])


def _by_file(by_sheet: pl.DataFrame) -> pl.DataFrame:
    """For each submission of which no row counts any more, the order of what took the last one."""
    return (
        by_sheet.group_by("submission_id")
        .agg(pl.col("counts").any(), pl.col("by_sheet").max().alias("by_file"))
        .filter(~pl.col("counts"))
        .drop("counts")
    )


def _by_name(names: Mapping[str, str], order: pl.DataFrame) -> pl.DataFrame:
    """For each submission the order of the next one of the same file name."""
    frame = pl.DataFrame(
        {"submission_id": list(names), "file_name": list(names.values())},
        schema={"submission_id": pl.String, "file_name": pl.String},
    ).join(order, on="submission_id")
    return frame.select(
        "submission_id", pl.col("sequence").shift(-1).over("file_name", order_by="sequence").alias("by_name")
    )
