"""The partitions of the returns: school years.

Belongs here: what a school year is to Dagster, and to which school year a moment belongs. Does not belong here: to
which school year a return belongs (that is read from the return: ``pipelines.intake.identify``).

A school year is a span of time, 1 September to 31 August in China (domain §6), so it is a time window to Dagster and
not a word in a list: the key is the year it starts ("2020" = 2020/21), neighbouring keys are known to be neighbours (a
backfill of many years is one range, one run), and the list grows by itself every 1 September. ``end_offset=1`` makes
the school year a partition on its first day, not on its last: stocks are counted on 1 September and due on the 20th.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import dagster as dg

from pipelines.days import CHINA, TIMEZONE

FIRST_SCHOOL_YEAR = 1980


SCHOOL_YEARS = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_SCHOOL_YEAR), fmt="%Y", cron_schedule="0 0 1 9 *", timezone=TIMEZONE, end_offset=1
)

#: Of every asset, also of those without partitions: a backfill of many years is one run only if all of them agree.
ONE_RUN = dg.BackfillPolicy.single_run()


def school_year_of(moment: datetime) -> int:
    """Return the school year in which a moment (with time zone) lies, by the calendar of China.

    Only for what happens at a time by itself (a schedule); never for a return, which says its year.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone belongs to no school year")
    local = moment.astimezone(CHINA)
    return local.year if local.month >= 9 else local.year - 1


def known_years(now: datetime) -> range:
    """Return the school years that are partitions at ``now``."""
    return range(FIRST_SCHOOL_YEAR, school_year_of(now) + 1)


def ranges(years: list[int]) -> list[tuple[int, int]]:
    """Group ascending years into the fewest unbroken spans: [2011, 2012, 2014] → [(2011, 2012), (2014, 2014)]."""
    if not years:
        return []
    ordered = sorted(set(years))
    cuts = [index for index, (before, after) in enumerate(pairwise(ordered), start=1) if after != before + 1]
    bounds = [0, *cuts, len(ordered)]
    return [(ordered[start], ordered[stop - 1]) for start, stop in pairwise(bounds)]
