"""The rulebook and the SQL models: from returns to core facts and trends.

Belongs here: the assets ``rulebook``, ``core/<table>``, ``trends/<table>`` and what they show. Does not belong here:
the models (``models/``), running them (``pipelines.marts``).

The graph is what the SQL says: dependencies come from parsing it. All models are one step that can be run in part; what
is not selected is read as it was made before.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from models import rules
from pipelines import progress
from pipelines.assets.metadata import frame_table, markdown_table, model_columns, model_lineage
from pipelines.content import sql_models
from pipelines.marts import run_models
from pipelines.partitions import ONE_RUN
from pipelines.publish import inputs
from pipelines.resources import HomeResource
from pipelines.rulebook import write_rulebook
from warehouse.sqlmodels import SqlModel

RULEBOOK_KEY = dg.AssetKey("rulebook")


@dg.multi_asset(
    name="rulebook",
    specs=[
        dg.AssetSpec(
            RULEBOOK_KEY,
            group_name="rulebook",
            description="**规则库** Thresholds, weights and choices of the regulations, by region and years. "
            "Its data version is the digest of the CSV files in `models/rulebook/`.",
            kinds={"csv", "parquet"},
            owners=["team:statistics"],
            tags={"layer": "rulebook"},
        )
    ],
    backfill_policy=ONE_RUN,
)
def rulebook(home: HomeResource) -> dg.MaterializeResult[None]:
    """Check the rulebook and lay it beside the marts."""
    tables = write_rulebook(home.home())
    return dg.MaterializeResult(
        data_version=dg.DataVersion(rules.fingerprint()),
        metadata={
            "tables": markdown_table([{"table": name, "rows": frame.height} for name, frame in tables.items()]),
            "threshold": frame_table(tables["threshold"].drop("source"), 100),
            "choice": frame_table(tables["choice"].drop("source"), 100),
        },
    )


def key_of(table: str) -> dg.AssetKey:
    """Return the asset a table of the models belongs to: all ``rulebook.*`` are one; quarantine is of every return."""
    layer, name = table.split(".")
    return RULEBOOK_KEY if layer == "rulebook" else dg.AssetKey([layer, name])


def _deps(model: SqlModel) -> list[dg.AssetKey]:
    return sorted({key_of(table) for table in model.depends if table != "returns.quarantine"})


def _spec(model: SqlModel) -> dg.AssetSpec:
    layer, _ = model.name.split(".")
    return dg.AssetSpec(
        key_of(model.name),
        deps=_deps(model),
        description=f"**{model.title_zh}** {model.title_en}\n\n{model.description}",
        group_name=layer,
        kinds={"sql", "duckdb", "parquet"},
        owners=["team:statistics"],
        tags={"layer": layer},
        metadata={
            "dagster/column_schema": model_columns(model),
            "grain": ", ".join(model.grain),
            "sql": dg.MetadataValue.md(f"```sql\n{model.sql}\n```"),
        },
    )


@dg.multi_asset(
    name="models",
    specs=[_spec(model) for model in sql_models().values()],
    can_subset=True,
    backfill_policy=ONE_RUN,
)
def models(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[Any]]:
    """Run the selected SQL models in order of dependency."""
    place = home.home()
    known = sql_models()
    selected = {name for name in known if key_of(name) in context.selected_asset_keys}

    def told(name: str, done: int, total: int) -> None:
        progress.report("models", done, total)
        if name:
            context.log.info(f"model {name} ({done + 1} of {total})")

    for mart in run_models(place, known, inputs(place), selected=selected, progress=told):
        yield dg.MaterializeResult(
            asset_key=key_of(mart.name),
            metadata={
                "dagster/row_count": dg.MetadataValue.int(mart.rows),
                "dagster/column_schema": model_columns(known[mart.name], mart.path),
                "dagster/column_lineage": model_lineage(known[mart.name]),
                "seconds": dg.MetadataValue.float(round(mart.seconds, 3)),
                "path": dg.MetadataValue.path(mart.path),
                "bytes": dg.MetadataValue.int(mart.path.stat().st_size),
            },
        )
