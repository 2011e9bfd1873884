"""The rules across rows: what no single return shows, looked for in all of them after the models.

Belongs here: the asset ``audit/rule_run``, a check for each rule, and what they show. Does not belong here: the rules
(``checks/rules``), running them (``pipelines.rules``).

Unlike the checks of the returns those of the rules are not partitioned: a rule sees all years at once. Each tells its
findings by school year. None is blocking, because a blocking check stops only its own run: a finding that is an error
stops the release at the gate, in whatever run that is made.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from checks.rules import Rule, load_rules
from pipelines.asset_checks import SAMPLE, SHOWN
from pipelines.assets.metadata import frame_table
from pipelines.assets.models import RULEBOOK_KEY, key_of
from pipelines.content import sql_models
from pipelines.partitions import ONE_RUN
from pipelines.publish import inputs
from pipelines.resources import HomeResource
from pipelines.rules import RulesRun, check_across

RULES_KEY = dg.AssetKey(["audit", "rule_run"])


def _deps() -> list[dg.AssetKey]:
    read = {table for rule in load_rules() for table in rule.reads if table != "returns.quarantine"}
    return sorted({key_of(table) for table in read} | {RULEBOOK_KEY})


def _check(rule: Rule) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        rule.name, asset=RULES_KEY, description=f"{rule.zh} | {rule.en}\n\n{rule.guidance_zh} | {rule.guidance_en}"
    )


@dg.multi_asset(
    name="rules",
    specs=[
        dg.AssetSpec(
            RULES_KEY,
            deps=_deps(),
            group_name="audit",
            description="**审核规则** Rules across returns and years, run on everything that is staged and modelled. "
            "What they find is part of `audit.finding` of a release.",
            kinds={"sql", "duckdb", "parquet"},
            owners=["team:statistics"],
            tags={"layer": "audit"},
        )
    ],
    check_specs=[_check(rule) for rule in load_rules()],
    backfill_policy=ONE_RUN,
)
def rules(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
    """Run every rule; tell of each how much it found, in which school years, and the first rows."""
    place = home.home()
    with home.ledger() as ledger:
        done = check_across(place, ledger, sql_models(), inputs(place))
    counts = done.findings.group_by("severity", "rule").len("findings").sort("findings", descending=True)
    not_applied = done.looked.filter(pl.col("not_applied").is_not_null()).select("rule", "not_applied")
    context.log.info(f"{done.findings.height} findings of {len(load_rules())} rules, {not_applied.height} not applied")
    yield dg.MaterializeResult(
        asset_key=RULES_KEY,
        metadata={
            "findings": dg.MetadataValue.int(done.findings.height),
            "by_rule": frame_table(counts, 100),
            "not_applied": frame_table(not_applied, 100),
        },
        check_results=[_result(rule, done) for rule in load_rules()],
    )


def _result(rule: Rule, done: RulesRun) -> dg.AssetCheckResult:
    found = done.findings.filter(pl.col("rule") == rule.name)
    looked = done.looked.filter(pl.col("rule") == rule.name)
    by_year = looked.select("school_year", "rows_looked_at").join(
        found.group_by("school_year").len("findings"), on="school_year", how="left"
    )
    reason = next(iter(looked["not_applied"].drop_nulls()), None)
    return dg.AssetCheckResult(
        asset_key=RULES_KEY,
        check_name=rule.name,
        passed=found.is_empty(),
        severity=dg.AssetCheckSeverity.ERROR if rule.severity == "error" else dg.AssetCheckSeverity.WARN,
        description=None if reason is None else f"not applied; {reason}",
        metadata={
            "findings": dg.MetadataValue.int(found.height),
            "by_school_year": frame_table(by_year.with_columns(pl.col("findings").fill_null(0)), 100),
            "sample": frame_table(found.select(SHOWN), SAMPLE),
        },
    )
