"""The job that does it all, and how its steps are executed.

Belongs here: jobs and executors. Does not belong here: when jobs run (``schedules``, ``sensors``).
"""

from __future__ import annotations

import dagster as dg

from pipelines.instance import WRITES

ANNUAL_MONITORING = "annual_monitoring"


@dg.executor(
    name="in_process_by_default",
    config_schema=dg.Field(
        dg.Selector(  # type: ignore[no-untyped-call]  # Dagster's constructor has no annotations
            {
                "in_process": dg.in_process_executor.config_schema.as_field(),
                "multiprocess": dg.multiprocess_executor.config_schema.as_field(),
            }
        ),
        default_value={"in_process": {}},
    ),
)
def in_process_by_default(context: dg.InitExecutorContext) -> dg.Executor:
    """Run steps in the process of the run (0.1 s a step), or each in a process of its own (2-4 s) where that is asked.

    In the launchpad: ``execution: {config: {multiprocess: {}}}``. No step locks anything for longer than it runs.
    """
    create = dg.multi_or_in_process_executor.executor_creation_fn
    assert create is not None
    return create(context)


annual_monitoring = dg.define_asset_job(
    ANNUAL_MONITORING,
    selection=dg.AssetSelection.all(),
    description="From received returns to a published release and its dashboards, for one school year or a range.",
    tags={WRITES: "release"},
)
