"""``junheng status``.

Belongs here: what an operator wants to see at one glance. Does not belong here: finding it out.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pipelines.cli.common import HomeOption, console, open_home


def status(home: HomeOption = None) -> None:
    """Show what was received, what is staged, what is published, and what `junheng run` would do."""
    from rich.table import Table

    from pipelines.inbox import waiting
    from pipelines.intake.assemble import assemble, is_stale
    from pipelines.run import opened, plan
    from pipelines.site import site_index
    from warehouse.releases import Releases

    place = open_home(home)
    out = console()
    now = datetime.now(UTC)
    out.print(f"home: {place.root}", markup=False, soft_wrap=True)
    with opened(place) as ledger:
        table = Table("school year", "submissions", "staged", "rows", "quarantined", "errors", "queries", box=None)
        for period in ledger.periods():
            received = str(len(ledger.submissions(period=period, status="accepted")))
            if is_stale(place, ledger, period, now=now):
                table.add_row(str(period), received, "no")
                continue
            counts = assemble(place, ledger, period, now=now).counts.values()
            sums = (
                sum(getattr(each, name) for each in counts) for name in ("rows", "quarantined", "errors", "queries")
            )
            table.add_row(str(period), received, "yes", *(str(total) for total in sums))
        if table.row_count:
            out.print(table)
        else:
            out.print("nothing has been received yet: junheng receive FILE…", markup=False)
        rejected = ledger.submissions(status="rejected")
        if rejected:
            out.print(f"rejected files: {len(rejected)}", markup=False)
            for each in rejected[-5:]:
                out.print(f"  {each.submission_id}  {each.file_name}: {each.reason}", markup=False, soft_wrap=True)
        todo = plan(place, ledger, now=now)
    files = waiting(place)
    if files:
        out.print(f"in the inbox: {len(files)}", markup=False)
    release = Releases(place.releases).current()
    if release is None:
        out.print("release: none", markup=False)
    else:
        out.print(f"release: {release.release_id} of {release.manifest['created_at']}", markup=False)
        out.print(f"dashboards: {site_index(place, release)}", markup=False, soft_wrap=True)
    if todo.empty:
        out.print("up to date", markup=False)
    else:
        years = ", ".join(map(str, todo.years))
        out.print("junheng run would " + (f"stage {years} and publish" if years else "publish"), markup=False)
