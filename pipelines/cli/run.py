"""``junheng run``.

Belongs here: the command and what it prints at the end. Does not belong here: the run (``pipelines.run``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, open_home, year_of


def run(
    year: Annotated[
        str | None, typer.Option(help="Only this school year (staged again even if nothing is new).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Stage every school year again.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="RULE=REASON: overrule a rule of the gate that may be; the reason is kept with the release."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Materialise whatever the received files made stale, and publish a release with its dashboards.

    Nothing stale: nothing is run. Exit code 4 if the gate refused; the release before is then still current.
    """
    from pipelines.cli.watch import watching
    from pipelines.run import opened
    from pipelines.run import run as run_all

    if year is not None and everything:
        raise typer.BadParameter("--year and --all exclude each other")
    reasons = _reasons(accept or [])
    wanted = None if year is None else year_of(year)
    place = open_home(home)
    out = console()
    with opened(place) as ledger:
        if not ledger.periods():
            out.print("nothing has been received yet: junheng receive FILE…", markup=False)
            return
        with watching():
            outcome = run_all(place, ledger, year=wanted, everything=everything, accept=reasons)
    if outcome.plan.early:
        years = ", ".join(map(str, outcome.plan.early))
        out.print(f"received, but the school year has not begun: {years}", markup=False)
    if outcome.release is None:
        return
    manifest = outcome.release.manifest
    if outcome.created:
        staged = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in outcome.plan.spans)
        out.print(f"published {outcome.release.release_id}" + (f" (school years {staged} staged)" if staged else ""))
    elif outcome.plan.empty:
        out.print(f"nothing to do: {outcome.release.release_id} is up to date", markup=False)
    else:
        out.print(f"done; the figures are those of {outcome.release.release_id}, nothing new to publish", markup=False)
    totals: dict[str, int] = {}
    for each in manifest["findings"]:
        totals[each["severity"]] = totals.get(each["severity"], 0) + each["count"]
    found = ", ".join(f"{count} {severity}" for severity, count in sorted(totals.items())) or "none"
    out.print(f"submissions: {len(manifest['submissions'])}; findings: {found}", markup=False)
    out.print(f"release:    {outcome.release.path}", markup=False, soft_wrap=True)
    out.print(f"dashboards: {_index(place.dashboards, outcome.release.release_id)}", markup=False, soft_wrap=True)


def _reasons(given: list[str]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for each in given:
        rule, equals, reason = each.partition("=")
        if not equals or not reason.strip():
            raise typer.BadParameter(f"--accept {each!r}: write RULE=REASON")
        reasons[rule.strip()] = reason.strip()
    return reasons


def _index(dashboards: Path, release_id: str) -> Path:
    return dashboards / release_id / "index.html"
