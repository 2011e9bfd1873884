"""``junheng release list|path|show|diff``.

Belongs here: the commands about published releases. Does not belong here: publishing (``junheng run``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.common import FAILED, HomeOption, console, error_console, open_home
from pipelines.cli.printing import Format
from pipelines.cli.query import print_result

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.releases import Release

app = typer.Typer(help="Published releases: list, path, show, diff.", no_args_is_help=True, rich_markup_mode=None)

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


@app.command("diff")
def diff(
    a: Annotated[str | None, typer.Argument(metavar="[A]", help="Release (default: the one before B).")] = None,
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="Release (default: the current one).")] = None,
    output: Annotated[
        Format, typer.Option("--format", help="A summary, or every figure that differs as csv or json.")
    ] = "table",
    home: HomeOption = None,
) -> None:
    """Show which figures of the trends tables differ between two releases, and why, the largest moves first.

    Causes: new return, restatement, withdrawn, explanation or waiver, rulebook, code; mixed where several moved it.
    Each release has its comparison with the one before it lying beside it (<release>.diff.md and .diff.json).
    """
    from pipelines.release_diff import as_json, as_markdown
    from pipelines.release_diff import diff as compare
    from warehouse import duck
    from warehouse.releases import Releases

    place = open_home(home)
    second = _release(home, b)
    before = second.manifest.get("previous") if a is None else a
    if before is None:
        error_console().print(f"{second.release_id} is the first release; nothing to compare it with")
        raise typer.Exit(FAILED)
    first = Releases(place.releases).get(str(before))
    listed = {"listed": None} if output != "table" else {}
    found = compare(first, second, temp_directory=place.cache / "duckdb", **listed)
    if output == "json":
        print(json.dumps(as_json(found), ensure_ascii=False, indent=1, allow_nan=False))
    elif output == "csv":
        with duck.connect() as connection:
            if found.moves.is_empty():
                connection.execute("select '' as table_name limit 0")
            else:
                connection.register("moves", found.moves.to_arrow())
                connection.execute(
                    """select * replace (
                           array_to_string(causes, ';') as causes, array_to_string(effects, ';') as effects
                       ) from moves"""
                )
            print_result(connection, "csv")
    else:
        from rich.markdown import Markdown

        console().print(Markdown(as_markdown(found)))


def _release(home: Path | None, release_id: str | None) -> Release:
    from warehouse.releases import Releases

    releases = Releases(open_home(home).releases)
    release = releases.current() if release_id is None else releases.get(release_id)
    if release is None:
        error_console().print("no release yet: junheng run")
        raise typer.Exit(FAILED)
    return release
