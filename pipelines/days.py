"""Days of the calendar in China, as moments.

Belongs here: when a day begins and ends where the returns come from. Does not belong here: school years
(``pipelines.partitions``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIMEZONE = "Asia/Shanghai"
CHINA = ZoneInfo(TIMEZONE)


def day_of(moment: datetime) -> date:
    """Return the day in China at a moment (with time zone)."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone is on no day")
    return moment.astimezone(CHINA).date()


def start_of(day: date) -> datetime:
    """Return the moment (UTC) at which a day begins in China."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the moment (UTC) at which a day has ended in China: when the next begins."""
    return start_of(day + timedelta(days=1))
