"""What the steps need from outside: the home and the clock.

Belongs here: Dagster resources. Does not belong here: anything that computes.

Both are found by every process that executes a step (multiprocess executor, daemon, code server) without being handed
over: the home from the environment, the time from the machine. A test gives a fixed root and a fixed moment instead.
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from warehouse.home import Home
from warehouse.ledger import Ledger


class HomeResource(dg.ConfigurableResource[Home]):
    """The installation. ``root`` is empty by default: then JUNHENG_HOME and JUNHENG_LEDGER say where it is."""

    root: str = ""

    def home(self) -> Home:
        """Return the home with its folders made."""
        from pathlib import Path

        return (Home(Path(self.root)) if self.root else Home.from_environment()).ensure()

    def ledger(self) -> Ledger:
        """Open the ledger; use it in a ``with``."""
        return Ledger.open(self.home().ledger_url)


class ClockResource(dg.ConfigurableResource[datetime]):
    """The time at which something is received or released. ``fixed`` (ISO 8601 with time zone) stops it for tests."""

    fixed: str = ""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.fromisoformat(self.fixed).astimezone(UTC) if self.fixed else datetime.now(UTC)
