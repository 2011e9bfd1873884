"""Which row of its return a broken row is, by its key.

Belongs here: going from submission, sheet and row back to the key. Does not belong here: what is broken, keys
themselves (``Contract.row_key``).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from models.returns import CONTRACTS

ROW = ("submission_id", "sheet", "row_number", "block")


def with_row_keys(broken: pl.DataFrame, returns: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Add ``row_key`` to broken rows; null where a rule is about no row.

    Args:
        broken: with ``form`` and the columns of ``ROW``.
        returns: staged rows by return; only those that are asked for are read.
    """
    asked = broken.select("form", *ROW).drop_nulls().unique()
    keys = [
        returns[form]
        .join(of_form.drop("form").lazy(), on=list(ROW), how="semi")
        .select(pl.lit(form).alias("form"), *ROW, CONTRACTS[form].row_key.alias("row_key"))
        .collect()
        for (form,), of_form in asked.group_by("form")
        if isinstance(form, str) and form in returns
    ]
    none = pl.DataFrame(schema={name: broken.schema[name] for name in ("form", *ROW)} | {"row_key": pl.String})
    return broken.join(pl.concat([none, *keys]), on=["form", *ROW], how="left", maintain_order="left")
