"""``junheng release list|path|show``.

Belongs here: the commands about published releases. Does not belong here: publishing (``junheng run``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import FAILED, HomeOption, console, error_console, open_home

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.releases import Release

app = typer.Typer(help="Published releases: list, path, show.", no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="Release (default: the current one).")]


@app.command("list")
def list_releases(home: HomeOption = None) -> None:
    """List every release, oldest first; the current one is marked."""
    from rich.table import Table

    from warehouse.releases import Releases

    releases = Releases(open_home(home).releases)
    current = releases.current()
    table = Table("", "release", "published", "submissions", "code", box=None)
    for each in releases.list():
        mark = "*" if current is not None and each.release_id == current.release_id else ""
        manifest = each.manifest
        published = str(manifest["created_at"])[:19].replace("T", " ")
        table.add_row(
            mark, each.release_id, published, str(len(manifest["submissions"])), str(manifest["code_version"])
        )
    if table.row_count:
        console().print(table)
    else:
        error_console().print("no release yet: junheng run")


@app.command("path")
def path(release: Id = None, home: HomeOption = None) -> None:
    """Print the path of a release's DuckDB file, and nothing else."""
    print(_release(home, release).path)


@app.command("show")
def show(
    release: Id = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole manifest as JSON.")] = False,
    home: HomeOption = None,
) -> None:
    """Show what a release is made of: version, submissions, rows, findings."""
    manifest = _release(home, release).manifest
    if as_json:
        print(json.dumps(manifest, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    out = console()
    for key in ("release_id", "created_at", "previous", "code_version", "git_commit", "rulebook_version", "sha256"):
        out.print(f"{key + ':':<18}{manifest.get(key) or '—'}", markup=False, soft_wrap=True)
    for each in manifest["accepted"]:
        text = f"accepted:         {each['rule']} ({each['count']} rows): {each['reason']}"
        out.print(text, markup=False, soft_wrap=True)
    submissions = Table("submission", "received", "years", "file", box=None, title="submissions", title_justify="left")
    for each in manifest["submissions"]:
        years = sorted({str(part["period"]) for part in each["returns"]})
        submissions.add_row(each["submission_id"], each["received_at"][:10], ", ".join(years), each["file_name"])
    rows = Table("table", "rows", box=None, title="rows", title_justify="left")
    for name, count in manifest["rows"].items():
        rows.add_row(name, str(count))
    findings = Table("rule", "severity", "count", box=None, title="findings", title_justify="left")
    for each in manifest["findings"]:
        findings.add_row(each["rule"], each["severity"], str(each["count"]))
    for table in (submissions, rows, findings):
        out.print()
        out.print(table)


def _release(home: Path | None, release_id: str | None) -> Release:
    from warehouse.releases import Releases

    releases = Releases(open_home(home).releases)
    release = releases.current() if release_id is None else releases.get(release_id)
    if release is None:
        error_console().print("no release yet: junheng run")
        raise typer.Exit(FAILED)
    return release
