"""``junheng findings`` and the commands that answer them.

Belongs here: the commands and what they print. Does not belong here: what can be answered how
(``pipelines.answers.give``), what a status is (``checks.status``).
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipelines.cli.common import REJECTED, HomeOption, console, error_console, open_home, year_of
from pipelines.cli.printing import Format, write

if TYPE_CHECKING:
    import polars as pl

    from warehouse.home import Home
    from warehouse.ledger import Ledger

_SHOWN = (
    "finding_id", "status", "severity", "rule", "county_code", "school_year", "school_code", "file_name", "sheet",
    "cell", "value", "expected", "owner",
)  # fmt: skip
#: Also told where a machine reads.
_MORE = (
    "fault_id", "form", "stage", "field", "submission_id", "first_seen", "last_seen", "since", "fixed_at",
    "first_release", "explanation_id", "waiver_id",
)  # fmt: skip

Id = Annotated[str, typer.Argument(metavar="ID", help="Finding (f…) or fault (x…), as `junheng findings` tells it.")]
By = Annotated[str | None, typer.Option(help="Who records it (default: your user name).")]
Reason = Annotated[str, typer.Option(help="Why, in writing.")]


@dataclass(frozen=True)
class _Open:
    """An open installation and all findings with their status now."""

    home: Home
    ledger: Ledger
    findings: pl.DataFrame
    now: datetime


@contextmanager
def _opened(home: Path | None) -> Iterator[_Open]:
    from pipelines.findings import current_findings
    from pipelines.run import opened

    place, now = open_home(home), datetime.now(UTC)
    with opened(place) as ledger:
        yield _Open(place, ledger, current_findings(place, ledger, now=now), now)


def findings(
    county: Annotated[str | None, typer.Option(help="County code, or the beginning of codes.")] = None,
    year: Annotated[str | None, typer.Option(help="School year.")] = None,
    rule: Annotated[str | None, typer.Option(help="Name of the rule.")] = None,
    severity: Annotated[Literal["error", "query", "note"] | None, typer.Option(help="Only these.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(help="open, answered, explained, waived, fixed or noted; may be repeated (default: not fixed)."),
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Department that answers (see rulebook.department).")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = "table",
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of what is wrong and what to do.")] = "zh",
    export: Annotated[
        Path | None, typer.Option(help="Write the open ones to this folder: a workbook for each owner and county.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """List findings: what is wrong, in which file, sheet and cell, what to do, and what became of it.

    With --export they go into workbooks to be filled in; `junheng receive-answers` takes these back.
    """
    import polars as pl

    from checks.status import STATUSES

    if unknown := set(status or ()) - set(STATUSES):
        raise typer.BadParameter(f"no status {', '.join(sorted(unknown))}; there are: {', '.join(STATUSES)}")
    with _opened(home) as place:
        wanted = [
            pl.col(name) == value for name, value in (("rule", rule), ("severity", severity), ("owner", owner)) if value
        ]
        wanted += [pl.col("county_code").str.starts_with(county)] if county else []
        wanted += [pl.col("school_year") == year_of(year)] if year else []
        chosen = status or (["open"] if export else [each for each in STATUSES if each != "fixed"])
        found = place.findings.filter(pl.col("status").is_in(chosen), *wanted)
        # Of a fault that is there, what was shown before is no finding of now.
        found = found.filter(~pl.col("superseded") | (pl.col("status") == "fixed"))
        found = found.sort("county_code", "school_year", "rule", "file_name", "sheet", "row_number", "finding_id")
        if export is not None:
            _export(place, found.filter(pl.col("severity") != "note"), export, language)
            return
    told = [f"message_{language}", f"guidance_{language}"]
    names = [*_SHOWN, *told] if output == "table" else [*_SHOWN, *_MORE, *told]
    write(output, names, found.select(names).iter_rows())
    if output == "table":
        counts = found.group_by("status").len().sort("status").rows()
        said = ", ".join(f"{count} {name}" for name, count in counts) or "none"
        error_console().print(f"findings: {said}", markup=False)


def _export(place: _Open, found: pl.DataFrame, folder: Path, language: str) -> None:
    import polars as pl

    from models import rules
    from pipelines.answers.book import write_books
    from pipelines.marts import mart_path
    from warehouse.releases import Releases

    path = mart_path(place.home, "core.county")
    counties = dict(pl.read_parquet(path).select("county_code", "county_name").rows()) if path.exists() else {}
    release = Releases(place.home.releases).current()
    paths = write_books(
        folder,
        found,
        language=language,
        counties=counties,
        departments=dict(rules.load()["department"].select("department", language).rows()),
        release=release.release_id if release else None,
        now=place.now,
    )
    for each in paths:
        console().print(str(each), markup=False, soft_wrap=True)
    error_console().print(f"{found.height} findings in {len(paths)} workbooks", markup=False)


def explain_finding(
    given_id: Id, reason: Reason, by: Annotated[str, typer.Option(help="Who explains.")], home: HomeOption = None
) -> None:
    """Explain a query in writing. It is answered then, and explained once the explanation is accepted."""
    from pipelines.answers.give import explain

    with _opened(home) as place:
        given = explain(
            place.ledger.answers, place.findings, given_id, reason=reason, by=by, source="command", now=place.now
        )
    for explanation, created in given.explanations:
        verdict = {True: ", accepted", False: ", rejected: give another reason", None: ""}[explanation.accepted]
        state = "recorded" if created else f"known already{verdict}"
        console().print(f"{explanation.explanation_id}  {state}", markup=False)
    _then()


def accept_explanation(
    given_id: Annotated[str, typer.Argument(metavar="ID", help="Explanation (e…), or the finding it is about.")],
    by: By = None,
    remark: Annotated[str, typer.Option(help="Word on the decision.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject it: the finding is open again.")] = False,
    home: HomeOption = None,
) -> None:
    """Accept or reject an explanation."""
    from pipelines.answers.give import decide

    with _opened(home) as place:
        decided = decide(
            place.ledger.answers,
            place.findings,
            given_id,
            accepted=not reject,
            by=by or getpass.getuser(),
            remark=remark,
            now=place.now,
        )
    for explanation_id, new in decided:
        verdict = "rejected" if reject else "accepted"
        console().print(f"{explanation_id}  {verdict if new else f'was {verdict} already'}", markup=False)
    _then()


def waive(
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    until: Annotated[str, typer.Option(help="Last day on which it holds (2026-08-31).")],
    reason: Reason,
    given_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Finding (f…) or fault (x…).")] = None,
    rule: Annotated[str | None, typer.Option(help="Instead of ID: whatever this rule finds …")] = None,
    county: Annotated[str | None, typer.Option(help="… in this county …")] = None,
    year: Annotated[str | None, typer.Option(help="… in this school year (default: every one).")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day on which it holds (default: today).")] = None,
    by: By = None,
    home: HomeOption = None,
) -> None:
    """Waive a finding, or a rule in a county, until a day.

    A row held back for hard errors counts again with the next `junheng run` once each of them is waived; when the
    waiver ends it falls out again. What cannot be read, has no key or stands there twice cannot be waived.
    """
    from pipelines.answers.give import waive as waive_finding
    from pipelines.answers.give import waive_rule
    from pipelines.days import day_of

    if (given_id is None) == (rule is None or county is None):
        raise typer.BadParameter("give either the ID of a finding, or --rule and --county")
    last = _day(until)
    with _opened(home) as place:
        begin = _day(first) if first else day_of(place.now)
        who = by or getpass.getuser()
        if given_id is not None:
            given = waive_finding(
                place.ledger.answers, place.findings, given_id, approver=approver, reason=reason,
                first=begin, last=last, by=who, now=place.now,
            )  # fmt: skip
        else:
            assert rule is not None and county is not None
            given = waive_rule(
                place.ledger.answers, _rules(place), rule, county, year=None if year is None else year_of(year),
                approver=approver, reason=reason, first=begin, last=last, by=who, now=place.now,
            )  # fmt: skip
    for waiver, created in given.waivers:
        console().print(
            f"{waiver.waiver_id}  {'recorded' if created else 'known already'}: until {until}", markup=False
        )
    _then()


def revoke(
    given_id: Annotated[str, typer.Argument(metavar="ID", help="Waiver (w…), or the finding it is about.")],
    reason: Reason,
    by: By = None,
    home: HomeOption = None,
) -> None:
    """Revoke a waiver before it ends: the finding is open again, a row it let in is held back again."""
    from pipelines.answers.give import revoke as revoke_waivers

    with _opened(home) as place:
        revoked = revoke_waivers(
            place.ledger.answers, place.findings, given_id, by=by or getpass.getuser(), reason=reason, now=place.now
        )
    for waiver, new in revoked:
        console().print(f"{waiver.waiver_id}  {'revoked' if new else 'was revoked already'}", markup=False)
    _then()


def receive_answers(
    files: Annotated[list[Path], typer.Argument(help="Filled workbooks of `junheng findings --export`.")],
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of what is told.")] = "zh",
    home: HomeOption = None,
) -> None:
    """Take filled workbooks back: their explanations are recorded, lines that cannot be are told.

    The same workbook twice changes nothing. Exit code 3 if a line or a file could not be recorded.
    """
    from pipelines.answers.receive import receive_answers as receive
    from pipelines.answers.words import words
    from warehouse.landing import Landing

    say, troubled = words(language), False
    with _opened(home) as place:
        for path in files:
            received = receive(
                Landing(place.home.landing), place.ledger.answers, place.findings, path.read_bytes(), path.name,
                now=place.now,
            )  # fmt: skip
            new = sum(created for _, created in received.explanations)
            known = len(received.explanations) - new
            others = "".join(f", {count} × {say[f'answer.{kind}']}" for kind, count in received.others.items())
            line = f"{path.name}: {new} explanations recorded, {known} known already{others}"
            console().print(line, markup=False, soft_wrap=True)
            for each in received.problems:
                where = " ".join(
                    str(part)
                    for part in (each.sheet, each.row_number and f"row {each.row_number}", each.finding_id)
                    if part
                )
                text = (
                    f"  {where}: {say[f'problem.{each.problem}']}" if where else f"  {say[f'problem.{each.problem}']}"
                )
                console().print(text, markup=False, soft_wrap=True)
            troubled = troubled or bool(received.problems)
    if troubled:
        raise typer.Exit(REJECTED)


def _rules(place: _Open) -> list[str]:
    """Every rule that can find something."""
    from checks.reading_rules import reading_rules
    from checks.rules import load_rules
    from models.returns import CONTRACTS

    known = {rule.name for contract in CONTRACTS.values() for rule in contract.rules} | set(reading_rules())
    return sorted(known | {rule.name for rule in load_rules()} | set(place.findings["rule"].unique().to_list()))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it like 2026-08-31") from None


def _then() -> None:
    error_console().print("`junheng findings` tells the status; `junheng run` publishes it", markup=False)
