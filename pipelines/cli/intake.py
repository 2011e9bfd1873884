"""``junheng receive``, ``junheng layouts``, ``junheng template``.

Belongs here: the commands around files that come in. Does not belong here: reading them (``pipelines.intake``).
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import (
    REJECTED,
    HomeOption,
    console,
    county_of,
    error_console,
    open_home,
    progress_bar,
    year_of,
)

#: Findings shown for one file; the rest are counted.
_SHOWN = 5
_OPEN_YEAR = 9999


def receive(
    files: Annotated[list[Path], typer.Argument(help="Workbooks (.xlsx, .xls) and .csv files, or folders of them.")],
    layout: Annotated[
        str | None, typer.Option(help="Layout of the files (see `junheng layouts`); default: recognised by headers.")
    ] = None,
    year: Annotated[
        str | None, typer.Option(help="School year, where the files do not say it themselves (2020 = 2020/21).")
    ] = None,
    county: Annotated[str | None, typer.Option(help="County code (six digits), where the files do not say it.")] = None,
    by: Annotated[str | None, typer.Option(help="Who receives them (default: your user name).")] = None,
    home: HomeOption = None,
) -> None:
    """Receive returns: keep the files, tell what they hold, and what is wrong with them.

    The same file twice is one submission. A corrected file replaces the older one for its schools; both are kept.
    Then `junheng run` publishes. Exit code 3 if a file was rejected.
    """
    from pipelines.inbox import summary
    from pipelines.intake.receive import receive as receive_files
    from pipelines.run import opened

    paths = _files(files)
    place = open_home(home)
    out = console()
    with opened(place) as ledger, progress_bar("receiving", len(paths)) as tell:
        receipts = receive_files(
            place,
            ledger,
            paths,
            layout=layout,
            year=None if year is None else year_of(year),
            county=None if county is None else county_of(county),
            received_by=by or getpass.getuser(),
            now=datetime.now(UTC),
            progress=tell,
        )
    for receipt in receipts:
        submission = receipt.submission
        state = "rejected" if submission.status == "rejected" else "accepted" if receipt.created else "known already"
        years = ", ".join(str(year) for year in sorted({period for _, period in submission.returns}))
        forms = len({form for form, _ in submission.returns})
        held = f", {forms} returns of {years}" if submission.returns else ""
        out.print(f"{state:<14}{submission.submission_id}  {submission.file_name}{held}", markup=False, soft_wrap=True)
        if submission.status == "rejected":
            _tell(receipt.findings)
    rejected = [each for each in receipts if each.submission.status == "rejected"]
    new = sum(each.created for each in receipts)
    out.print(f"{len(receipts)} files: {new} new, {len(rejected)} rejected", markup=False)
    noted = [each.findings for each in receipts if not each.findings.is_empty() and each not in rejected]
    if noted:
        import polars as pl

        out.print(
            f"in the accepted files: {summary(pl.concat(noted))} (more may come with `junheng run`)", markup=False
        )
    if rejected:
        raise typer.Exit(REJECTED)


def layouts(home: HomeOption = None) -> None:
    """List the layouts: how a source prints its tables, and the years it did so."""
    from models.returns.layout import load_layouts

    del home  # layouts are part of the product; the option is there because every command has it
    out = console()
    for name, layout in load_layouts().items():
        how = "recognised by its headers" if layout.automatic else f"--layout {name}"
        out.print(f"{name}: {layout.title_zh} {layout.title_en}", markup=False, soft_wrap=True)
        out.print(f"    {_years(layout.from_year, layout.to_year)}{how}; {layout.source}", markup=False, soft_wrap=True)


def _years(first: int, last: int) -> str:
    """Years as words, open ends left out."""
    if first <= 0 and last >= _OPEN_YEAR:
        return ""
    return f"{first}–{'' if last >= _OPEN_YEAR else last}; "


def template(
    form: Annotated[str, typer.Argument(help="Name of the return, e.g. enrolment.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write (default: <form>.xlsx).")] = None,
    year: Annotated[str | None, typer.Option(help="School year to print in it.")] = None,
    home: HomeOption = None,
) -> None:
    """Write the fill-in workbook of a return (titles, units, input validation)."""
    from models.returns import CONTRACTS
    from pipelines.intake.template import write_template

    del home
    if form not in CONTRACTS:
        raise typer.BadParameter(f"no return {form!r}; there are: {', '.join(CONTRACTS)}")
    path = output or Path(f"{form}.xlsx")
    if path.is_dir():
        path = path / f"{form}.xlsx"
    write_template(form, path, None if year is None else year_of(year))
    error_console().print(f"written: {path}", markup=False)


def _files(given: list[Path]) -> list[Path]:
    """Files as given, and the files in folders, hidden ones left out."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith((".", "~$")))
            if not inside:
                raise typer.BadParameter(f"{path}: the folder holds no files")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise typer.BadParameter(f"{path}: no such file or folder")
    return found


def _tell(findings: object) -> None:
    import polars as pl

    assert isinstance(findings, pl.DataFrame)
    out = console()
    for row in findings.head(_SHOWN).iter_rows(named=True):
        place = " ".join(part for part in (row["sheet"], row["cell"]) if part)
        value = f" [{row['value']}]" if row["value"] else ""
        out.print(f"    {place}{value} {row['message_zh']} {row['message_en']}", markup=False, soft_wrap=True)
        out.print(f"    → {row['guidance_zh'] or ''} {row['guidance_en'] or ''}", markup=False, soft_wrap=True)
    if findings.height > _SHOWN:
        out.print(f"    … and {findings.height - _SHOWN} more", markup=False)
