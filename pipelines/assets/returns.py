"""Returns: from received files to typed, checked rows, by school year.

Belongs here: the assets ``returns/<form>`` and what they show. Does not belong here: reading files
(``pipelines.intake``), the checks (``pipelines.asset_checks``).

One multi-asset with an output per return: a county workbook holds several returns, and reading it once serves them all.
Staging a year always writes every return of it, also when only one is selected in the UI.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from models.returns import CONTRACTS
from models.returns.contract import Contract
from pipelines import progress
from pipelines.asset_checks import check_specs, evaluate, live_findings
from pipelines.assets.metadata import contract_columns, frame_table
from pipelines.intake.assemble import Assembled, assemble, waivers_changed
from pipelines.partitions import ONE_RUN, SCHOOL_YEARS
from pipelines.resources import ClockResource, HomeResource

_CHECKS = {spec.key: spec for spec in check_specs()}


class ReturnsConfig(dg.Config):
    """``force``: stage again also where nothing changed since the last time."""

    force: bool = False


def _spec(contract: Contract) -> dg.AssetSpec:
    forms = "; ".join(f"{generation} {numbers}" for generation, numbers in contract.forms.items())
    owners = sorted({info.owner for info in contract.fields.values()})
    return dg.AssetSpec(
        dg.AssetKey(["returns", contract.name]),
        description=f"**{contract.zh}** {contract.en}" + (f"\n\n{forms}" if forms else ""),
        group_name="returns",
        kinds={"excel", "polars", "parquet"},
        owners=[f"team:{owner}" for owner in owners],
        tags={"layer": "returns", "period": contract.period},
        metadata={
            "dagster/column_schema": contract_columns(contract),
            "grain": ", ".join(contract.grain),
            "paper_forms": forms,
        },
    )


@dg.multi_asset(
    name="returns",
    specs=[_spec(contract) for contract in CONTRACTS.values()],
    check_specs=list(_CHECKS.values()),
    can_subset=True,
    partitions_def=SCHOOL_YEARS,
    backfill_policy=ONE_RUN,
)
def returns(
    context: dg.AssetExecutionContext, config: ReturnsConfig, home: HomeResource, clock: ClockResource
) -> Iterator[Any]:
    """Stage the received files of each school year; judge what was staged.

    Years into which other waivers let rows than those of now are staged along: a release must not hold a row under a
    waiver that has ended.
    """
    place, now = home.home(), clock.now()
    periods = [int(key) for key in context.partition_keys]
    forms = [form for form in CONTRACTS if dg.AssetKey(["returns", form]) in context.selected_asset_keys]
    with home.ledger() as ledger:
        for period in sorted(set(waivers_changed(place, ledger, now=now)) - set(periods)):
            context.log.info("other waivers are in force: " + _line(assemble(place, ledger, period, now=now)))
        findings: dict[int, pl.DataFrame] = {}
        for number, period in enumerate(periods):

            def told(done: int, total: int, period: int = period) -> None:
                progress.report(f"returns {period}", done, total)

            progress.report("returns", number, len(periods))
            assembled = assemble(place, ledger, period, now=now, progress=told, force=config.force)
            context.log.info(_line(assembled))
            findings[period] = live_findings(place, period)
            for form in forms:
                metadata = _metadata(assembled, form, findings[period])
                context.add_asset_metadata(metadata, dg.AssetKey(["returns", form]), str(period))
        progress.report("returns", len(periods), len(periods))
    for form in forms:
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["returns", form]))
    for key in sorted(context.selected_asset_check_keys, key=lambda key: key.to_user_string()):
        yield dg.Output(None, output_name=_CHECKS[key].get_python_identifier())
        for period in periods:
            yield evaluate(place, key, period, findings[period])


def _line(assembled: Assembled) -> str:
    state = "unchanged" if assembled.fresh else "staged"
    counts = assembled.counts.values()
    return (
        f"school year {assembled.period}: {state}, {assembled.submissions} submissions, "
        f"{sum(each.rows for each in counts)} rows, {sum(each.quarantined for each in counts)} quarantined, "
        f"{sum(each.errors for each in counts)} errors, {sum(each.queries for each in counts)} queries"
    )


def _metadata(assembled: Assembled, form: str, findings: pl.DataFrame) -> dict[str, Any]:
    counts = assembled.counts[form]
    rules = (
        findings.filter(pl.col("form") == form)
        .group_by("rule", "severity")
        .agg(pl.len().alias("findings"))
        .sort("findings", "rule", descending=[True, False])
    )
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(counts.rows),
        "quarantined": dg.MetadataValue.int(counts.quarantined),
        "errors": dg.MetadataValue.int(counts.errors),
        "queries": dg.MetadataValue.int(counts.queries),
        "submissions": dg.MetadataValue.int(assembled.submissions),
        "staged_again": dg.MetadataValue.bool(not assembled.fresh),
        "findings_by_rule": frame_table(rules, 50),
    }
