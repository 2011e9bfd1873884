"""``junheng forms`` and ``junheng export``.

Belongs here: the commands that hand out files made from a release. Does not belong here: what stands in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipelines.cli.common import FAILED, HomeOption, error_console, open_home, year_of


def forms(
    county: Annotated[str, typer.Option(help="County code, e.g. 990101.")],
    year: Annotated[str, typer.Option(help="School year: 2020 or 2020/21.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write (default: <county>-<year>.xlsx).")
    ] = None,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Language of titles.")] = "zh",
    release: Annotated[str | None, typer.Option(help="Release to read (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Write a county's self-assessment tables (forms Ⅰ to Ⅴ) as one workbook."""
    from pipelines.dashboards.extract import Extracts
    from pipelines.dashboards.site import SAMPLE_PREFIX
    from pipelines.forms.facts import forms_book
    from pipelines.forms.workbook import forms_bytes
    from warehouse.releases import Releases

    releases = Releases(open_home(home).releases)
    wanted = releases.get(release) if release else releases.current()
    if wanted is None:
        error_console().print("no release yet: junheng run")
        raise typer.Exit(FAILED)
    school_year = year_of(year)
    with releases.connect(wanted.release_id) as connection:
        book = forms_book(Extracts(connection), county, school_year)
    path = output or Path(f"{county}-{school_year}.xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(forms_bytes(book, wanted.release_id, language, sample=county.startswith(SAMPLE_PREFIX)))
    error_console().print(f"written: {path}", markup=False, soft_wrap=True)


def export(
    output: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; must not exist or be empty.")],
    release: Annotated[str | None, typer.Option(help="Release to export (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Export a whole release: every table as Parquet and CSV, with dictionary, manifest and checksums."""
    from pipelines.export import export_release
    from warehouse.releases import Releases

    releases = Releases(open_home(home).releases)
    wanted = releases.get(release) if release else releases.current()
    if wanted is None:
        error_console().print("no release yet: junheng run")
        raise typer.Exit(FAILED)
    count = export_release(releases, wanted, output)
    error_console().print(f"{count} tables written: {output}", markup=False, soft_wrap=True)
