"""The release: marts, gate, one versioned DuckDB file.

Belongs here: the asset ``release`` and what it shows. Does not belong here: publishing itself (``pipelines.publish``).
"""

from typing import Any

import dagster as dg
from pydantic import Field

from checks.gate import GateRefused
from pipelines import progress
from pipelines.assets.metadata import markdown_table
from pipelines.assets.models import RULEBOOK_KEY, key_of
from pipelines.assets.returns import returns
from pipelines.assets.rules import RULES_KEY
from pipelines.content import sql_models
from pipelines.partitions import ONE_RUN
from pipelines.publish import publish
from pipelines.release_diff import read_diff
from pipelines.resources import ClockResource, HomeResource
from warehouse.home import Home

RELEASE_KEY = dg.AssetKey("release")


class ReleaseConfig(dg.Config):
    """``accept``: reasons by rule of the gate that is overruled for this release (kept in its manifest)."""

    accept: dict[str, str] = Field(default_factory=dict)


@dg.multi_asset(
    name="release",
    specs=[
        dg.AssetSpec(
            RELEASE_KEY,
            deps=[*(key_of(name) for name in sql_models()), *sorted(returns.keys), RULEBOOK_KEY, RULES_KEY],
            group_name="release",
            description="**发布库** One DuckDB file with returns, core facts, trends, rulebook and audit tables. "
            "Published only if the gate lets it pass, and only if the current one is of other returns or code.",
            kinds={"duckdb"},
            owners=["team:statistics"],
            tags={"layer": "release"},
        )
    ],
    backfill_policy=ONE_RUN,
)
def release(
    context: dg.AssetExecutionContext, config: ReleaseConfig, home: HomeResource, clock: ClockResource
) -> dg.MaterializeResult[None]:
    """Assemble the candidate, ask the gate, publish."""

    def told(what: str) -> None:
        progress.report(f"release: {what}", 0, 1)
        context.log.info(what)

    place = home.home()
    try:
        with home.ledger() as ledger:
            published = publish(place, ledger, sql_models(), now=clock.now(), accept=config.accept, step=told)
    except GateRefused as refused:
        raise dg.Failure(
            description=str(refused),
            metadata=_refusal(refused),
            allow_retries=False,
        ) from refused
    manifest = published.release.manifest
    return dg.MaterializeResult(
        data_version=dg.DataVersion(published.digest),
        metadata={
            "release_id": published.release.release_id,
            "published_now": dg.MetadataValue.bool(published.created),
            "path": dg.MetadataValue.path(published.release.path),
            "previous": str(manifest.get("previous") or "—"),
            "submissions": dg.MetadataValue.int(len(manifest["submissions"])),
            "rows": markdown_table([{"table": name, "rows": rows} for name, rows in published.release.rows.items()]),
            "findings": markdown_table(manifest["findings"]),
            "accepted": markdown_table(manifest["accepted"], ("rule", "reason", "count")),
            "changed_figures": markdown_table(_changed(place, published.release.release_id)),
            "expectations": dg.MetadataValue.json(manifest.get("expectations") or {}),
        },
    )


def _changed(home: Home, release_id: str) -> list[dict[str, Any]]:
    """How many figures differ from the release before, by cause."""
    found = read_diff(home, release_id) or {}
    return [{"cause": cause, "figures": count} for cause, count in found.get("causes", {}).items()]


def _refusal(refused: GateRefused) -> dict[str, Any]:
    """What the UI shows of a refusal: every rule, and of each its first rows or why it could not be run."""
    rules = [{"rule": each.rule, "rows": each.count, "en": each.en, "zh": each.zh} for each in refused.objections]
    rows = {
        f"rows of {each.rule}": dg.MetadataValue.text(each.crashed) if each.crashed else markdown_table(each.rows)
        for each in refused.objections
    }
    return {"objections": markdown_table(rules), **rows, "report": dg.MetadataValue.path(refused.report or "")}
