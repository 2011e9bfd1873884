"""A county office, the people who decide about its findings, and an installation in which they work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from pipelines.answers.give import waive
from pipelines.findings import current_findings
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import Published, inputs
from pipelines.rules import check_across
from tests.intake.books import ENROLMENT_PATHS, sheet, xlsx
from tests.pipelines.places import balance_models, publish_balance
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

NOON = datetime(2020, 9, 25, 4, tzinfo=UTC)
GOOD, BAD, ASKED = 1, 2, 3
HARD, QUERY = "girls_within_pupils", "value_missing"


class Office:
    """A county office and the people who decide, with a clock of their own."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self.home, self.ledger, self.now = home, ledger, NOON
        self.models = balance_models()

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def send(self, *rows: Any, name: str = "安平县.xlsx") -> None:
        self.wait(hours=1)
        path = self.home.root / name
        path.write_bytes(xlsx(sheet(ENROLMENT_PATHS, list(rows))))
        (receipt,) = receive(self.home, self.ledger, [path], received_by="test", now=self.now)
        assert receipt.submission.status == "accepted"

    def stage(self) -> None:
        self.wait(hours=1)
        for period in self.ledger.periods():
            assemble(self.home, self.ledger, period, now=self.now)

    def run(self, **options: Any) -> Published:
        self.stage()
        run_models(self.home, self.models, inputs(self.home))
        check_across(self.home, self.ledger, self.models, inputs(self.home))
        return publish_balance(self.home, self.ledger, self.now, **options)

    def findings(self, rule: str | None = None) -> pl.DataFrame:
        found = current_findings(self.home, self.ledger, now=self.now)
        return found if rule is None else found.filter(pl.col("rule") == rule)

    def status(self, rule: str) -> str:
        (told,) = self.findings(rule)["status"].unique().to_list()
        return str(told)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with Releases(self.home.releases).connect() as connection:
            return connection.execute(sql).fetchall()

    @property
    def schools(self) -> list[int]:
        """Numbers of the schools whose rows count, as staged."""
        frame = pl.read_parquet(self.home.staging / "returns" / "enrolment" / "2020.parquet")
        return sorted(int(code[-1]) for code in frame["school_code"])

    def waive(self, given_id: str, days: int = 30) -> str:
        given = waive(
            self.ledger.answers, self.findings(), given_id, approver="李局长", reason="已实地核查",
            first=self.now.date(), last=self.now.date() + timedelta(days=days), by="test", now=self.now,
        )  # fmt: skip
        return given.waivers[0][0].waiver_id
