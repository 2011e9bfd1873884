"""The demonstration behind ``make demo``: the sample prefecture goes the whole way, from workbooks to dashboards.

Belongs here: generating, receiving and running the sample, and telling what came of it. Does not belong here: any step
of the way itself; each is the one that real returns take.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines import demo_tables
from pipelines.intake.receive import Receipt, receive
from pipelines.progress import listening
from pipelines.run import Outcome, run
from pipelines.sample import SampleSummary, write_sample
from pipelines.site import site_index
from warehouse.home import Home
from warehouse.ledger import Ledger

COUNTIES, YEARS, SEED = 6, range(2014, 2024), 20140901
#: What every file of the sample has in its name.
SAMPLE_MARK = "示例"


def main() -> int:
    """Run the demonstration in ``JUNHENG_HOME``; return an exit code."""
    console = Console()
    home = Home.from_environment().ensure()
    with Ledger.open(home.ledger_url) as ledger:
        foreign = [entry.file_name for entry in ledger.submissions() if SAMPLE_MARK not in entry.file_name]
        if foreign:
            console.print(
                f"[red]{escape(str(home.root))} holds real returns ({escape(foreign[0])} …).[/] "
                "The sample is not mixed with them: set JUNHENG_HOME to an empty folder."
            )
            return 1
        started = time.monotonic()
        with _bar(console) as bar:
            sample = _generate(home, bar)
            receipts = _receive(home, ledger, sample, bar)
            outcome = _run(home, ledger, bar)
        _tell(console, home, sample, receipts, outcome, time.monotonic() - started)
    return 0


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), console=console,
    )  # fmt: skip


def _generate(home: Home, bar: Progress) -> SampleSummary:
    task = bar.add_task("sample prefecture", total=COUNTIES * len(YEARS))
    return write_sample(
        home.root / "sample", counties=COUNTIES, years=YEARS, seed=SEED,
        progress=lambda done, total: bar.update(task, completed=done, total=total),
    )  # fmt: skip


def _receive(home: Home, ledger: Ledger, sample: SampleSummary, bar: Progress) -> list[Receipt]:
    task = bar.add_task("receive", total=len(sample.files))
    return receive(
        home, ledger, sample.files, received_by="make demo", now=datetime.now(UTC),
        progress=lambda done: bar.update(task, completed=done),
    )  # fmt: skip


def _run(home: Home, ledger: Ledger, bar: Progress) -> Outcome:
    tasks: dict[str, int] = {}

    def heard(what: str, done: int, total: int) -> None:
        station = what.split(" ")[0] or "run"
        if station not in tasks:
            tasks[station] = bar.add_task(station, total=total)
        bar.update(tasks[station], completed=done, total=total)  # type: ignore[arg-type]

    with listening(heard):
        return run(home, ledger)


def _tell(
    console: Console, home: Home, sample: SampleSummary, receipts: list[Receipt], outcome: Outcome, seconds: float
) -> None:
    release = outcome.release
    if release is None:
        console.print("[red]nothing was published[/]; see the messages above")
        sys.exit(1)
    new = sum(receipt.created for receipt in receipts)
    rejected = [receipt for receipt in receipts if receipt.submission.status == "rejected"]
    console.print(
        f"\nSample prefecture 示例市 (made up): {sample.counties} counties × {len(sample.years)} school years, "
        f"{len(sample.files)} files ({new} new, {len(rejected)} rejected), {sample.faults} planted faults, "
        f"{seconds:.0f} s."
    )
    console.print(demo_tables.findings(home, release, wide=console.width >= demo_tables.WIDE))
    console.print(demo_tables.verdicts(home, release))
    console.print(demo_tables.scorecards(home, release))
    console.print(demo_tables.retreats(home, release))
    console.print(f"release      {release.release_id}  {escape(str(release.path))}", highlight=False)
    console.print(f"answer key   {escape(str(sample.answer_key))}", highlight=False)
    console.print(f"dashboards   {escape(str(site_index(home, release)))}", style="bold", highlight=False)
    console.print(
        'ask more     .venv/bin/junheng status · .venv/bin/junheng query "select …" · make dev', highlight=False
    )


if __name__ == "__main__":
    sys.exit(main())
