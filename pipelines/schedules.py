"""When the yearly job runs by itself.

Belongs here: schedules. Does not belong here: what runs (``jobs``), what comes in between (``sensors``).

Returns are due on 20 September (domain §6): the job runs in the night after, and again on 1 November for what came
late. The school year is that of the tick's *scheduled* time, so a tick that is made up for days later is still of its
own year. Both are on by default: a run on nothing new publishes nothing, a tick without any return of its year is
skipped, and an office that forgot to switch a schedule on would find out a year later. A tick tells how many returns
are outstanding (``pipelines.completeness``, as of the last run); `junheng missing` lists them.
"""

from __future__ import annotations

import dagster as dg

from pipelines.completeness import completeness_now, reminders
from pipelines.days import TIMEZONE
from pipelines.jobs import annual_monitoring
from pipelines.partitions import school_year_of
from pipelines.resources import HomeResource

#: On runs that a schedule starts: what had not come when it did.
OUTSTANDING_TAG = "junheng/outstanding"


def _request(context: dg.ScheduleEvaluationContext, home: HomeResource) -> dg.RunRequest | dg.SkipReason:
    due = context.scheduled_execution_time
    year = school_year_of(due)
    with home.ledger() as ledger:
        open_now = reminders(completeness_now(home.home(), ledger, now=due), year=year)
        counties = open_now["county_code"].n_unique()
        if not ledger.submissions(period=year, status="accepted"):
            owed = f"; {open_now.height} returns of {counties} counties are overdue" if counties else ""
            return dg.SkipReason(f"no return of school year {year} has been received{owed}")
    return dg.RunRequest(
        run_key=due.isoformat(),
        partition_key=str(year),
        tags={OUTSTANDING_TAG: f"{open_now.height} returns of {counties} counties"},
    )


@dg.schedule(
    job=annual_monitoring,
    cron_schedule="0 3 21 9 *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The night after the deadline of 20 September.",
)
def after_deadline(context: dg.ScheduleEvaluationContext, home: HomeResource) -> dg.RunRequest | dg.SkipReason:
    """Run the school year that has just begun."""
    return _request(context, home)


@dg.schedule(
    job=annual_monitoring,
    cron_schedule="0 3 1 11 *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The late sweep: what came, or was corrected, after the deadline.",
)
def late_sweep(context: dg.ScheduleEvaluationContext, home: HomeResource) -> dg.RunRequest | dg.SkipReason:
    """Run the school year that began in September again."""
    return _request(context, home)
