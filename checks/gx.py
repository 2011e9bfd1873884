"""Great Expectations: how an expectation is put to it and what its answers mean.

Belongs here: everything that knows its classes and results. Does not belong here: which rows it is asked about and
what of the answers is kept (``checks.evaluation``).

It takes seconds to import, so it is imported by ``validated`` and nowhere else; it gets pandas frames, as it fails on
DuckDB without saying so. ``validate`` does not raise where an expectation cannot be evaluated: it answers "not
successful" with an exception inside (``crash``).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from checks.expectations import Expectation

if TYPE_CHECKING:
    import pandas as pd

#: Differences up to this are rounding (the models compare with 10^-12).
ROUNDING = 1e-11


def put(number: int, each: Expectation, size: int | None) -> dict[str, Any]:
    """An expectation as Great Expectations wants it: name of its class and arguments."""
    column = f"_gap{number}" if each.kind in ("within", "beyond") else (each.columns or ("",))[0]
    match each.kind:
        case "not_null" | "not_null_where":
            asked: dict[str, Any] = {"type": "ExpectColumnValuesToNotBeNull", "column": column}
        case "null_where":
            asked = {"type": "ExpectColumnValuesToBeNull", "column": column}
        case "in_set":
            asked = {"type": "ExpectColumnValuesToBeInSet", "column": column, "value_set": list(each.values)}
        case "between":
            bounds = {"min_value": each.low, "max_value": each.high}
            asked = {"type": "ExpectColumnValuesToBeBetween", "column": column, **bounds}
        case "within":
            asked = {"type": "ExpectColumnValuesToBeBetween", "column": column, "max_value": ROUNDING}
        case "beyond":
            asked = {"type": "ExpectColumnValuesToBeBetween", "column": column, "min_value": 0, "strict_min": True}
        case "at_most":
            asked = {
                "type": "ExpectColumnPairValuesAToBeGreaterThanB", "column_A": each.columns[1],
                "column_B": each.columns[0], "or_equal": True, "ignore_row_if": "either_value_is_missing",
            }  # fmt: skip
        case "equal":
            asked = {
                "type": "ExpectColumnPairValuesToBeEqual", "column_A": each.columns[0], "column_B": each.columns[1],
                "ignore_row_if": "either_value_is_missing",
            }  # fmt: skip
        case "unique" if len(each.columns) == 1:
            asked = {"type": "ExpectColumnValuesToBeUnique", "column": column}
        case "unique":
            asked = {
                "type": "ExpectCompoundColumnsToBeUnique", "column_list": list(each.columns), "ignore_row_if": "never",
            }  # fmt: skip
        case "rows":
            asked = {"type": "ExpectTableRowCountToEqual", "value": size}
    if each.where is not None:
        asked["row_condition"] = f"_where{number}"
    return asked


def validated(frame: pd.DataFrame, asked: Mapping[int, Mapping[str, Any]], result_format: Any) -> dict[int, Any]:
    """Results of Great Expectations by number."""
    definition = _definition()
    import great_expectations as gx
    import great_expectations.expectations as kinds
    from great_expectations.expectations.row_conditions import Column

    batch = definition.get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite("suite")
    for number, arguments in asked.items():
        kind = getattr(kinds, str(arguments["type"]))
        given = {key: value for key, value in arguments.items() if key != "type"}
        if "row_condition" in given:
            given["row_condition"] = Column(str(given["row_condition"])) == True  # noqa: E712 (it makes a condition)
        suite.add_expectation(kind(**given, meta={"number": number}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = batch.validate(suite, result_format=result_format)
    results: Any = told.results
    return {result.expectation_config.meta["number"]: result for result in results}


@cache
def _definition() -> Any:
    """Any whole frame, in the one context of this process: making another for each table cost as much as asking it."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("marts").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("all")


def crash(result: Any) -> str | None:
    """The message of the error that kept an expectation from being evaluated."""
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    for part in parts:
        if part.get("raised_exception"):
            return str(part.get("exception_message"))
    return None
