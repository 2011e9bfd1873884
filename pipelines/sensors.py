"""What starts runs when something happens.

Belongs here: sensors. Does not belong here: what is done with a file (``pipelines.inbox``).
"""

from __future__ import annotations

import hashlib

import dagster as dg

from pipelines.inbox import look
from pipelines.jobs import annual_monitoring
from pipelines.partitions import known_years
from pipelines.resources import ClockResource, HomeResource

#: Files received in one tick at most: a tick must end within the time the daemon allows it (one minute by default).
BATCH = 50


@dg.sensor(
    job=annual_monitoring,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Receives files from the inbox folder once they have stopped changing; one run for each school year.",
)
def inbox(context: dg.SensorEvaluationContext, home: HomeResource, clock: ClockResource) -> dg.SensorResult:
    """Look into the inbox. On by default: putting a file there is the request."""
    now = clock.now()
    with home.ledger() as ledger:
        tick = look(home.home(), ledger, context.cursor, now=now, limit=BATCH, tell=context.log.info)
    requests, early = [], []
    for year, submissions in sorted(tick.years.items()):
        if year in known_years(now):
            requests.append(_request(year, submissions))
        else:
            early.append(str(year))
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=tick.cursor)
    said = f"{tick.waiting} waiting, {tick.rejected} rejected, {len(tick.troubled)} could not be received"
    if early:
        said += f"; school years that have not begun: {', '.join(early)}"
    return dg.SensorResult(skip_reason=dg.SkipReason(said), cursor=tick.cursor)


def _request(year: int, submissions: list[str]) -> dg.RunRequest:
    """A run of a school year; the same submissions are never run twice (the key is made of them)."""
    key = hashlib.sha256("\n".join(sorted(submissions)).encode()).hexdigest()[:16]
    return dg.RunRequest(
        run_key=f"inbox-{year}-{key}",
        partition_key=str(year),
        tags={"junheng/submissions": str(len(submissions))},
    )
