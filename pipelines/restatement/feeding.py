"""Which fields of which returns a model rests on: read off the SQL, so that it cannot drift from it.

Belongs here: collecting the columns of ``returns.*`` that a model and everything it reads refer to. Does not belong
here: the way of a single column through the models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from models.returns import CONTRACTS
from warehouse.replay import upstream
from warehouse.sqlmodels import SqlModel


def feeding_fields(models: Mapping[str, SqlModel], wanted: Collection[str]) -> dict[str, set[str]]:
    """Return, by return, the figures and codes that ``wanted`` models read somewhere on their way.

    Titles and names are no figures, and whose row it is (the grain) is not one either. A return of which nothing but
    the county code is read is left out. The result may hold a field too many (one that goes into another column of a
    table on the way), never one too few.
    """
    read: dict[str, set[str]] = defaultdict(set)
    for name in upstream(models, wanted):
        for scope in traverse_scope(sqlglot.parse_one(models[name].sql, read="duckdb")):
            _collect(scope, read)
    fields = {}
    for form, names in read.items():
        contract = CONTRACTS[form]
        figures = {
            each for each in names if contract.fields[each].kind not in ("text", "name") and each not in contract.grain
        }
        if figures - {"county_code"}:
            fields[form] = figures
    return fields


def _collect(scope: Scope, read: dict[str, set[str]]) -> None:
    tables = {
        alias: source.name
        for alias, source in scope.sources.items()
        if isinstance(source, exp.Table) and source.db == "returns" and source.name in CONTRACTS
    }
    for alias, form in tables.items():
        known = CONTRACTS[form].staged_fields.keys()
        if any(isinstance(each, exp.Select) and each.is_star for each in [scope.expression]):
            read[form] |= known
        read[form] |= {column.name for column in scope.columns if column.table in ("", alias)} & known
