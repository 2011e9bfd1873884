"""Everything Dagster loads. Wiring only: what is loaded, nothing computed."""

from __future__ import annotations

import dagster as dg

from pipelines import schedules, sensors
from pipelines.assets import dashboards, models, release, returns, rules
from pipelines.jobs import annual_monitoring, in_process_by_default
from pipelines.resources import ClockResource, HomeResource

defs = dg.Definitions(
    assets=[returns.returns, models.rulebook, models.models, rules.rules, release.release, dashboards.dashboards],
    jobs=[annual_monitoring],
    schedules=[schedules.after_deadline, schedules.late_sweep],
    sensors=[sensors.inbox],
    resources={"home": HomeResource(), "clock": ClockResource()},
    executor=in_process_by_default,
)
