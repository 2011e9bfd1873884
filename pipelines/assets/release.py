"""The release: marts, gate, one versioned DuckDB file.

Belongs here: the asset ``release`` and what it shows. Does not belong here: publishing itself (``pipelines.publish``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from checks.gate import GateRefused
from pipelines import progress
from pipelines.assets.metadata import frame_table, markdown_table
from pipelines.assets.models import RULEBOOK_KEY, key_of
from pipelines.assets.returns import returns
from pipelines.assets.rules import RULES_KEY
from pipelines.completeness import reminders
from pipelines.content import sql_models
from pipelines.partitions import ONE_RUN
from pipelines.publish import publish
from pipelines.release_diff import read_diff
from pipelines.resources import ClockResource, HomeResource
from warehouse.home import Home
from warehouse.releases import Releases

RELEASE_KEY = dg.AssetKey("release")
OWED = "owed_returns_have_come"
_REMINDER = ("county_name", "school_year", "form", "owner", "due", "status", "days_late", "rows_quarantined")


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
    check_specs=[
        dg.AssetCheckSpec(
            OWED,
            asset=RELEASE_KEY,
            description="应报报表是否到齐 | Every return that is due has come, and no row of it is held back.",
        )
    ],
    backfill_policy=ONE_RUN,
)
def release(
    context: dg.AssetExecutionContext, config: ReleaseConfig, home: HomeResource, clock: ClockResource
) -> Iterator[Any]:
    """Assemble the candidate, ask the gate, publish; tell what is owed."""

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
    yield dg.MaterializeResult(
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
        check_results=[_owed(place, published.release.release_id)],
    )


def _owed(home: Home, release_id: str) -> dg.AssetCheckResult:
    """What counties are to be reminded of, as the release tells it."""
    with Releases(home.releases).connect(release_id) as connection:
        told: pl.DataFrame = connection.sql("select * from audit.completeness").pl()
    open_now = reminders(told)
    counts = open_now.group_by("school_year", "status").len("returns").sort("school_year", "status")
    return dg.AssetCheckResult(
        asset_key=RELEASE_KEY,
        check_name=OWED,
        passed=open_now.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "owed": dg.MetadataValue.int(told.height),
            "outstanding": dg.MetadataValue.int(open_now.height),
            "by_school_year": frame_table(counts, 100),
            "reminders": frame_table(open_now.sort("days_late", descending=True).select(_REMINDER), 50),
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
